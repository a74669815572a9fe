import { equalBytes, fromUtf8, utf8 } from '../base/bytes.js';
import type { Time } from '../base/clock.js';
import { AlreadyOpen, BadArgument, KeyReused, LimitError, type RefusalCode, TillmeshError } from '../base/errors.js';
import type { CommitId, DeviceId, EpochId, LedgerName, PoolId, Position } from '../base/ids.js';
import { checkName, limits } from '../base/limits.js';
import { isDebit } from '../escrow/share.js';
import { type CommitKey, digestBytes, type Entry, encodeEntry } from '../journal/entry.js';
import type { Epoch } from '../journal/journal.js';
import type { Leg, Part } from '../journal/leg.js';
import type { Sha256 } from '../journal/seal.js';
import type { Alongside } from '../ports/index.js';
import type { Books } from './books.js';
import { canonicalJson, type Json } from './collections.js';
import type { Pool, PoolPolicy } from './ledger.js';
import { Committed, type Done, type Holder, type Outcome, type ReachedBy, type Refused, refused } from './outcome.js';
import { Refusal, type Tx, type TxContext, WorkTx } from './tx.js';

export interface CommitOptions {
	/**
	 * Stable per intent: made when the cart is created, not when the button is pressed. Same key and same content gives
	 * the first outcome again, after a restart too; same key and other content throws `KeyReused` (ESC8).
	 */
	readonly idempotencyKey?: string;
	/**
	 * What the key stands for. Without it, content is what the work does: the work runs again, recording only, and must
	 * then do the same for the same intent (no random ids, no clock).
	 */
	readonly input?: Json;
	/**
	 * Rows of your own in the very transaction of the commit: gets the database, writes, returns; where it throws, neither its
	 * rows nor the commit are written. Only on SQLite and in the process that owns the replica, else `unavailable`. Such a
	 * commit is synced at once and alone. While somebody else is inside a transaction it waits and then runs `work` again.
	 * Not called where the commit writes nothing: the key was used before.
	 */
	readonly alongside?: Alongside;
}

/** A row that is ready to be written: encoded, within limits. */
export interface Draft {
	readonly epoch: Epoch;
	/** The number its row will have. */
	readonly index: number;
	readonly entry: Entry;
	readonly row: Uint8Array;
}

/** What the replica lends to a commit. */
export interface Author {
	readonly books: Books;
	/** Whose collections are ours. */
	readonly owner: object;
	readonly device: DeviceId;
	readonly sha256: Sha256;
	/** Throws `Closed` or the failure that stopped the replica. */
	checkOpen(): void;
	restriction(): RefusalCode | undefined;
	/** What of these legs this device may not write; only in a chain that has a root key. */
	forbids?(ledger: LedgerName, legs: readonly Leg[]): string | undefined;
	holders(ledger: LedgerName, pool: PoolId): readonly Holder[];
	policy(ledger: LedgerName, pool: Pool): PoolPolicy;
	/** The epoch that this opening writes in, and the number its next row will have. */
	writing(ledger: LedgerName): { readonly epoch: Epoch; readonly next: number };
	/** Heads that a debit in this ledger must name (JRN10). */
	relies(ledger: LedgerName): readonly Position[];
	now(): Time;
	/** Takes the rows at once, in one storage transaction; resolves when they are durable and in view (JRN3). */
	write(drafts: readonly Draft[]): Promise<void>;
	/**
	 * Like `write`, together with the vendor's rows. Throws `unavailable`, or what `alongside` does wrong: nothing is taken then.
	 * Undefined where somebody else's transaction is in the way.
	 */
	writeAlongside(drafts: readonly Draft[], alongside: Alongside): Promise<void> | undefined;
	/** A moment, in which somebody else's transaction may end. */
	pause(): Promise<void>;
	readonly reached: ReachedBy;
}

interface Pending {
	readonly digest: Uint8Array;
	readonly commit: CommitId;
	readonly outcome: Promise<Outcome<unknown>>;
}

const none: readonly never[] = [];
/** How often a commit beside which rows are written looks whether the database is free. */
const pausesMax = 1000;

/** Runs `work` against `view`, which is `tx` or stands before it. Throws what a commit may throw; a refusal stands in the tx. */
export function runWork<T>(work: (tx: Tx) => T, tx: WorkTx, view: Tx): T {
	try {
		const value = work(view);
		const then = (value as { then?: unknown } | null | undefined)?.then;
		if (typeof then === 'function') {
			// What it does after its first await meets a dead tx: that is told here, not as an unhandled rejection.
			then.call(value, undefined, () => {});
			throw new BadArgument('work', 'returned a promise; work is synchronous.');
		}
		return value;
	} catch (error) {
		if (error instanceof Refusal) return undefined as T; // the value is not used
		if (error instanceof TillmeshError) throw error;
		throw new TillmeshError('work_failed', 'The work function threw.', {}, error);
	} finally {
		tx.finish();
	}
}

export class Committer {
	readonly #author: Author;
	readonly #pending = new Map<string, Pending>();
	#running = false;
	readonly #context: TxContext;

	constructor(author: Author) {
		this.#author = author;
		this.#context = {
			books: author.books,
			owner: author.owner,
			get device() {
				return author.device;
			},
			restriction: () => author.restriction(),
			holders: (ledger, pool) => author.holders(ledger, pool),
			nextHold(ledger, legs) {
				const { epoch, next } = author.writing(ledger);
				return `${epoch.id.toString(36)}.${next}.${legs}`;
			},
			policy: (ledger, pool) => author.policy(ledger, pool),
		};
	}

	/**
	 * Runs `work` and writes what it did, over several ledgers, all of it or nothing. The decision is taken before this
	 * returns; the promise resolves after the sync to this device's disk.
	 */
	commit<T>(work: (tx: Tx) => T, options: CommitOptions = {}): Promise<Outcome<T>> {
		try {
			return this.#commit(work, options);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** Runs `work` and writes nothing: the refusal that it would meet now. */
	rehearse(work: (tx: Tx) => unknown): Refused | undefined {
		this.#author.checkOpen();
		const tx = new WorkTx(this.#context, true);
		this.#run(work, tx);
		const refusal = tx.refusal ?? this.#forbidden(tx);
		return refusal && refused(refusal.code, refusal.short, refusal.reason);
	}

	/** Every receiver would refuse it: so it is not written. */
	#forbidden({ legs }: WorkTx): Refusal | undefined {
		for (const [ledger, each] of legs) {
			const no = this.#author.forbids?.(ledger, each);
			if (no !== undefined) return new Refusal('not_allowed', [], `${ledger} ${no}`);
		}
		return undefined;
	}

	#commit<T>(work: (tx: Tx) => T, options: CommitOptions, pauses = 0): Promise<Outcome<T>> {
		this.#author.checkOpen();
		if (typeof work !== 'function') throw new BadArgument('work', 'expected a function.');
		if (options.alongside !== undefined && typeof options.alongside !== 'function')
			throw new BadArgument('alongside', 'expected a function.');
		const key = options.idempotencyKey;
		if (key !== undefined) {
			checkName('idempotencyKey', key);
			const first = this.#replay(key, work, options);
			if (first) return first;
		}
		const intents: string[] | undefined = key !== undefined && options.input === undefined ? [] : undefined;
		const tx = new WorkTx(this.#context, true, intents);
		const value = this.#run(work, tx);
		const refusal = tx.refusal ?? this.#forbidden(tx);
		if (refusal) return Promise.resolve(refused(refusal.code, refusal.short, refusal.reason));
		if (tx.legs.size === 0 && tx.repeated) return Promise.resolve(this.#done(value, '', true));
		if (tx.legs.size === 0) throw new BadArgument('work', 'did nothing.');
		const commitKey = key === undefined ? undefined : this.#key(key, intents, value, options);
		const drafts = this.#draft(tx, commitKey);
		const lead = drafts[0] as Draft; // a ledger was touched
		const commit = this.#prefix(lead.epoch) + lead.index;
		const done = this.#done(value, commit, false);
		const written = this.#write(drafts, options.alongside);
		if (!written) return this.#whenFree(work, options, pauses);
		const outcome = written.then(() => done);
		if (key !== undefined && commitKey) this.#remember(key, { digest: commitKey.digest, commit, outcome });
		return outcome;
	}

	#write(drafts: readonly Draft[], alongside: Alongside | undefined): Promise<void> | undefined {
		if (!alongside) return this.#author.write(drafts);
		// What it committed would take the places of these drafts.
		this.#running = true;
		try {
			return this.#author.writeAlongside(drafts, alongside);
		} finally {
			this.#running = false;
		}
	}

	async #whenFree<T>(work: (tx: Tx) => T, options: CommitOptions, pauses: number): Promise<Outcome<T>> {
		if (pauses >= pausesMax) throw new AlreadyOpen('The database', 'a transaction that does not end');
		await this.#author.pause();
		return this.#commit(work, options, pauses + 1);
	}

	#done<T>(value: T, commit: CommitId, replayed: boolean): Done<T> {
		return new Committed(value, commit, replayed, this.#author.reached);
	}

	/** Everything of a commit's id but its index, spelled once an epoch. */
	#prefix(epoch: Epoch): string {
		if (this.#spelled?.epoch !== epoch) this.#spelled = { epoch, prefix: commitId(epoch.name.device, epoch.id, '') };
		return this.#spelled.prefix;
	}
	#spelled: { readonly epoch: Epoch; readonly prefix: string } | undefined;

	#remember(key: string, pending: Pending): void {
		this.#pending.set(key, pending);
		const forget = () => this.#pending.delete(key);
		pending.outcome.then(forget, forget);
	}

	#run<T>(work: (tx: Tx) => T, tx: WorkTx): T {
		// The outer work has decided by the shares of before: what the inner one took would be taken twice (ESC1).
		if (this.#running) throw new BadArgument('work', 'commits inside a work function.');
		this.#running = true;
		try {
			return runWork(work, tx, tx);
		} finally {
			this.#running = false;
		}
	}

	/** The first outcome of a key, where there is one. */
	#replay<T>(key: string, work: (tx: Tx) => T, options: CommitOptions): Promise<Outcome<T>> | undefined {
		const pending = this.#pending.get(key);
		const known = pending ?? this.#find(key);
		if (!known) return undefined;
		if (!equalBytes(this.#content(work, options), known.digest)) throw new KeyReused(key, known.commit);
		if (pending)
			return (pending.outcome as Promise<Outcome<T>>).then((first) =>
				first.ok ? this.#done(first.value, first.commit, true) : first,
			);
		const result = 'result' in known ? known.result : new Uint8Array();
		const value = (result.length === 0 ? undefined : JSON.parse(fromUtf8(result))) as T;
		return Promise.resolve(this.#done(value, known.commit, true));
	}

	#find(key: string): { digest: Uint8Array; commit: CommitId; result: Uint8Array } | undefined {
		const { books } = this.#author;
		for (const ledger of books.names()) {
			const first = books.of(ledger).keys.get(key)?.[0];
			if (first) return { ...first, commit: commitId(first.device, first.epoch, first.index) };
		}
		return undefined;
	}

	/** Digest of what this call would stand for. */
	#content<T>(work: (tx: Tx) => T, options: CommitOptions): Uint8Array {
		if (options.input !== undefined) return this.#digest(utf8(canonicalJson('input', options.input)));
		const intents: string[] = [];
		this.#run(work, new WorkTx(this.#context, false, intents));
		return this.#digest(contentOf(intents));
	}

	#digest(content: Uint8Array): Uint8Array {
		return this.#author.sha256(content).slice(0, digestBytes);
	}

	#key(key: string, intents: readonly string[] | undefined, value: unknown, { input }: CommitOptions): CommitKey {
		const content = intents ? contentOf(intents) : utf8(canonicalJson('input', input));
		const result = value === undefined ? new Uint8Array() : utf8(canonicalJson('result', value));
		return { key, digest: this.#digest(content), result };
	}

	/** One entry per ledger; each names the others (JRN4). Nothing is taken yet: a limit may still say no. */
	#draft(tx: WorkTx, key: CommitKey | undefined): Draft[] {
		const time = this.#author.now();
		if (tx.legs.size === 1)
			for (const [ledger, legs] of tx.legs) {
				const { epoch, next } = this.#author.writing(ledger);
				return [this.#entry(epoch, next, time, none, key, legs)];
			}
		const at: { ledger: LedgerName; legs: readonly Leg[]; epoch: Epoch; index: number }[] = [];
		for (const [ledger, legs] of tx.legs) {
			const { epoch, next } = this.#author.writing(ledger);
			at.push({ ledger, legs, epoch, index: next });
		}
		const parts = at.map((p): Part => ({ ledger: p.ledger, epoch: p.epoch.id, index: p.index }));
		return at.map(({ legs, epoch, index }, i) => {
			const others = parts.filter((_, j) => j !== i);
			return this.#entry(epoch, index, time, others, i === 0 ? key : undefined, legs);
		});
	}

	#entry(
		epoch: Epoch,
		index: number,
		time: Time,
		parts: readonly Part[],
		key: CommitKey | undefined,
		legs: readonly Leg[],
	): Draft {
		const relies = legs.some(isDebit) ? this.#author.relies(epoch.name.ledger) : none;
		const entry: Entry = { time, parts, relies, key, legs };
		const row = encodeEntry(entry);
		if (row.length > limits.entryBytes) throw new LimitError('entryBytes', limits.entryBytes, row.length);
		return { epoch, index, entry, row };
	}
}

function commitId(device: DeviceId, epoch: EpochId, index: number | ''): CommitId {
	return `${device}.${epoch.toString(36)}.${index}`;
}

const contentOf = (intents: readonly string[]): Uint8Array => utf8(intents.join('\n'));
