import { assert } from '../base/assert.js';
import { first53Bits } from '../base/bytes.js';
import type { HybridClock } from '../base/clock.js';
import { LimitError } from '../base/errors.js';
import type { DeviceId, EpochId, Head, LedgerName, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
import { isDebit } from '../escrow/share.js';
import { type Entry, encodeEntry } from '../journal/entry.js';
import { type EpochName, epochIdOf } from '../journal/epoch.js';
import { Epoch, type Journal } from '../journal/journal.js';
import type { Leg } from '../journal/leg.js';
import { deviceIdOf } from '../journal/seal.js';
import type { View } from '../journal/view.js';
import type { Books } from '../ledger/books.js';
import type { Draft } from '../ledger/commit.js';
import type { Alongside, Platform, StoredRecord } from '../ports/index.js';
import type { EnrolledKeys } from '../trust/credential.js';
import type { Disk } from './disk.js';
import { epochRecord, keys, toRecord } from './records.js';

/** What the rest of the replica lends to its writer. */
export interface WriterContext {
	readonly settings: { readonly name: string };
	readonly journal: Journal;
	readonly view: View;
	readonly books: Books;
	readonly disk: Disk;
	readonly clock: HybridClock;
	readonly platform: Platform;
	isHome(ledger: LedgerName): boolean;
}

interface Writing {
	readonly epoch: Epoch;
	/** The `open` entry, until the first commit takes it along. */
	opening: Draft | undefined;
	/** Heads of grants that this epoch has named. */
	readonly named: Map<EpochId, number>;
	namedVersion: number;
}

/** A microtask by a promise: Node's queueMicrotask costs several times that. */
const turn = Promise.resolve();
const ignore = (): void => {};

interface Batch {
	readonly puts: StoredRecord[];
	readonly deletes: string[];
	/** Epochs with new rows, each once. */
	readonly epochs: Epoch[];
	readonly done: Promise<void>;
	/** Hands it to the disk; idempotent. */
	flush(): void;
}

/** This device's own journals: one epoch for each ledger and opening, written by group commit (JRN1 to JRN7). */
export class Writer {
	readonly #o: WriterContext;
	#pair: EnrolledKeys;
	readonly device: DeviceId;
	/** Rows are durable and in view. */
	readonly #written: (ledgers: ReadonlySet<LedgerName>) => void;
	readonly #writing = new Map<LedgerName, Writing>();
	/** Last entry of this device's journal, by ledger. */
	readonly #tips = new Map<LedgerName, Position>();
	/** Ledgers this opening has written in: from then on its journal goes on from here and nowhere else. */
	readonly #wrote = new Set<LedgerName>();
	readonly #segments = new Map<LedgerName, number>();
	#batch: Batch | undefined;
	#tail: Promise<void> = Promise.resolve();

	/** The name was given in this opening: nobody can hold more of its journals than this replica. */
	readonly fresh: boolean;

	constructor(
		context: WriterContext,
		pair: EnrolledKeys,
		fresh: boolean,
		written: (ledgers: ReadonlySet<LedgerName>) => void,
	) {
		this.#o = context;
		this.#pair = pair;
		this.fresh = fresh;
		this.device = deviceIdOf(pair.publicKey, context.platform.crypto.sha256);
		this.#written = written;
	}

	get pair(): EnrolledKeys {
		return this.#pair;
	}

	/** The same key under another credential: what is written from now on says so, in epochs of their own. */
	renew(pair: EnrolledKeys): void {
		this.#pair = pair;
		this.#writing.clear();
	}

	tip(ledger: LedgerName): Position | undefined {
		return this.#tips.get(ledger);
	}

	hasWritten(ledger: LedgerName): boolean {
		return this.#wrote.has(ledger);
	}

	/** Goes on after `tip`: the end of this device's journal as known here, or a lost tail that peers kept (JRN7). */
	continueAfter(ledger: LedgerName, tip: Position): void {
		assert(!this.#wrote.has(ledger), 'JRN7', `${ledger} was written in this opening`);
		this.#tips.set(ledger, tip);
		this.#writing.delete(ledger);
	}

	/** The home opened a segment: what is written next goes there. */
	moveTo(ledger: LedgerName, segment: number): void {
		if (segment > this.segment(ledger)) this.#segments.set(ledger, segment);
	}

	segment(ledger: LedgerName): number {
		return this.#segments.get(ledger) ?? 0;
	}

	/** The epoch this opening writes in, opened where there is none yet; nothing is written by asking. */
	writing(ledger: LedgerName): { readonly epoch: Epoch; readonly next: number } {
		const { epoch, opening } = this.#current(ledger);
		return { epoch, next: opening ? 1 : epoch.count };
	}

	isWriting(epoch: Epoch): boolean {
		return this.#writing.get(epoch.name.ledger)?.epoch === epoch;
	}

	#current(ledger: LedgerName): Writing {
		const known = this.#writing.get(ledger);
		if (known && known.epoch.name.segment >= this.segment(ledger)) return known;
		const opened = this.#open(ledger);
		this.#writing.set(ledger, opened);
		return opened;
	}

	#open(ledger: LedgerName): Writing {
		const { platform, clock, settings } = this.#o;
		const { device, pair } = this;
		const nonce = first53Bits(platform.random.bytes(7)).toString(36);
		const name: EpochName = { ledger, segment: this.segment(ledger), device, nonce };
		const { sha256 } = platform.crypto;
		const epoch = new Epoch(epochIdOf(name, sha256), name, sha256);
		const prev = this.#head(ledger);
		const { publicKey: key, credential } = pair;
		const open: Leg = { kind: 'open', prev, key, name: settings.name, home: this.#o.isHome(ledger), credential };
		const entry: Entry = { time: clock.next(), parts: [], relies: [], key: undefined, legs: [open] };
		return { epoch, opening: { epoch, index: 0, entry, row: encodeEntry(entry) }, named: new Map(), namedVersion: -1 };
	}

	#head(ledger: LedgerName): Head | null {
		const tip = this.#tips.get(ledger);
		if (!tip) return null;
		const rows = this.#o.journal.get(tip.epoch);
		// A disk that lied may have lost rows under a checkpoint that covers them (JRN7).
		const isHere = rows !== undefined && rows.count >= tip.count;
		const hash = isHere ? rows.hashAt(tip.count) : this.#o.view.base(ledger)?.cut.get(tip.epoch)?.hash;
		assert(hash !== undefined, 'JRN7', `${ledger} has no hash at its end`);
		return { ...tip, hash };
	}

	/** Heads of grants to this device that the epoch has not named yet (JRN10). */
	relies(ledger: LedgerName): readonly Position[] {
		const writing = this.#current(ledger);
		const { escrow } = this.#o.books.of(ledger);
		if (writing.namedVersion === escrow.grantsVersion) return [];
		const relies: Position[] = [];
		for (const [epoch, count] of escrow.grantsTo.get(this.device) ?? [])
			if ((writing.named.get(epoch) ?? 0) < count) relies.push({ epoch, count });
		return relies;
	}

	/** One entry of these legs alone, with the heads it relies on. */
	draft(ledger: LedgerName, legs: readonly Leg[], relies: readonly Position[] = this.relies(ledger)): Draft {
		const { epoch, next } = this.writing(ledger);
		const entry: Entry = { time: this.#o.clock.next(), parts: [], relies, key: undefined, legs };
		const row = encodeEntry(entry);
		if (row.length > limits.entryBytes) throw new LimitError('entryBytes', limits.entryBytes, row.length);
		return { epoch, index: next, entry, row };
	}

	/** Opens the epoch of a new segment though there is nothing to say yet, so that the old one can go. */
	open(ledger: LedgerName): void {
		const batch = this.#collect();
		this.#takeOpening(batch, this.#current(ledger));
		batch.done.catch(() => {}); // the replica has been told by its disk
	}

	/** Begins another epoch after the tip though this one goes on: the proof, in rows, that this journal has two branches. */
	branch(ledger: LedgerName): void {
		this.#writing.delete(ledger);
		this.open(ledger);
	}

	/** Takes the drafts of one commit: in the journal now, durable and in view when this resolves. */
	write(drafts: readonly Draft[]): Promise<void> {
		const batch = this.#collect();
		this.#takeAll(batch, drafts);
		return batch.done;
	}

	/**
	 * Like `write`, with the vendor's rows in the same transaction: on disk before anything is taken, for `alongside` may throw,
	 * and then nothing has happened. Undefined where somebody else's transaction is in the way.
	 */
	writeAlongside(drafts: readonly Draft[], alongside: Alongside): Promise<void> | undefined {
		this.#batch?.flush();
		const puts: StoredRecord[] = [];
		for (const { epoch, index, row } of drafts) {
			const { opening } = this.#current(epoch.name.ledger);
			if (opening) puts.push(epochRecord(epoch.id, epoch.name), toRecord(keys.row(epoch.id, 0), opening.row));
			puts.push(toRecord(keys.row(epoch.id, index), row));
		}
		if (!this.#o.disk.transact({ puts, deletes: [] }, alongside)) return undefined;
		const epochs: Epoch[] = [];
		this.#takeAll({ puts: [], epochs }, drafts);
		for (const { epoch, index } of drafts) assert(epoch.count === index + 1, 'JRN4', `row ${index} is another one`);
		const counts = epochs.map((epoch) => epoch.count);
		// Behind what was written before it: a commit is in view when its promise resolves.
		const done = this.#tail.catch(ignore).then(() => this.#flushed(epochs, counts));
		this.#tail = done;
		return done;
	}

	#takeAll(batch: Pick<Batch, 'puts' | 'epochs'>, drafts: readonly Draft[]): void {
		for (const draft of drafts) {
			const writing = this.#current(draft.epoch.name.ledger);
			assert(writing.epoch === draft.epoch, 'JRN4', 'a draft of another epoch');
			this.#takeOpening(batch, writing);
			this.#take(batch, draft);
			if (!draft.entry.legs.some(isDebit)) continue;
			for (const { epoch, count } of draft.entry.relies) writing.named.set(epoch, count);
			writing.namedVersion = this.#o.books.of(draft.epoch.name.ledger).escrow.grantsVersion;
		}
	}

	#takeOpening(batch: Pick<Batch, 'puts' | 'epochs'>, writing: Writing): void {
		const { opening, epoch } = writing;
		if (!opening) return;
		writing.opening = undefined;
		this.#o.journal.add(epoch);
		batch.puts.push(epochRecord(epoch.id, epoch.name));
		this.#take(batch, opening);
	}

	#take(batch: Pick<Batch, 'puts' | 'epochs'>, { epoch, entry, row }: Draft): void {
		const { ledger } = epoch.name;
		batch.puts.push(toRecord(keys.row(epoch.id, epoch.count), row));
		this.#o.journal.push(epoch, row, entry);
		this.#o.books.wrote(ledger, entry);
		this.#wrote.add(ledger);
		this.#tips.set(ledger, { epoch: epoch.id, count: epoch.count });
		if (!batch.epochs.includes(epoch)) batch.epochs.push(epoch);
	}

	/** Records that go along with the next batch; resolves when they are on disk. */
	along(puts: readonly StoredRecord[], deletes: readonly string[]): Promise<void> {
		const batch = this.#collect();
		batch.puts.push(...puts);
		batch.deletes.push(...deletes);
		const gone = new Set(deletes);
		// A record put and deleted within one batch is not there after it.
		if (gone.size > 0) batch.puts.splice(0, batch.puts.length, ...batch.puts.filter((put) => !gone.has(put.key)));
		batch.done.catch(() => {}); // the replica has been told by its disk
		return batch.done;
	}

	/** Everything written so far is durable, or the replica is broken. */
	flushed(): Promise<void> {
		return this.#batch?.done ?? this.#tail.catch(ignore);
	}

	#collect(): Batch {
		if (this.#batch) return this.#batch;
		const puts: StoredRecord[] = [];
		const deletes: string[] = [];
		const epochs: Epoch[] = [];
		let flush = ignore;
		const done = new Promise<void>((resolve, reject) => {
			flush = () => {
				flush = ignore;
				this.#batch = undefined;
				this.#flush(puts, deletes, epochs, resolve, reject);
			};
			turn.then(() => flush());
		});
		done.catch(ignore); // whoever wrote is told
		this.#tail = done;
		this.#batch = { puts, deletes, epochs, done, flush: () => flush() };
		return this.#batch;
	}

	/** Everything collected in one turn is one storage transaction and, with its neighbours, one sync. */
	#flush(
		puts: StoredRecord[],
		deletes: string[],
		epochs: readonly Epoch[],
		resolve: () => void,
		reject: (error: unknown) => void,
	): void {
		const counts = epochs.map((epoch) => epoch.count);
		const flushed = () => {
			this.#flushed(epochs, counts);
			resolve();
		};
		this.#o.disk.write({ puts, deletes }).then(flushed).catch(reject);
	}

	#flushed(epochs: readonly Epoch[], counts: readonly number[]): void {
		if (epochs.length === 0) return;
		const ledgers = new Set<LedgerName>();
		for (const [i, epoch] of epochs.entries()) {
			epoch.durable = Math.max(epoch.durable, counts[i] as number); // one count each
			ledgers.add(epoch.name.ledger);
		}
		this.#o.view.advance(epochs);
		this.#written(ledgers);
	}
}
