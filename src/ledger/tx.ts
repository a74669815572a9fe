import { utf8 } from '../base/bytes.js';
import { BadArgument, LimitError, type RefusalCode } from '../base/errors.js';
import type { DeviceId, HoldId, LedgerName, PoolId } from '../base/ids.js';
import { checkAmount, checkName, limits } from '../base/limits.js';
import { documentKey, exceptionPool, gainOf, isDebit } from '../escrow/share.js';
import type { Leg } from '../journal/leg.js';
import type { Books } from './books.js';
import { canonicalJson, checkSchema, type Json, type Place, placeOf, poolId } from './collections.js';
import type { Counter, Pool, PoolPolicy } from './ledger.js';
import type { Holder, Short } from './outcome.js';
import type { Cell, Log } from './written.js';

/** Thrown through the work function to leave it; `commit` turns it into a value. */
export class Refusal {
	readonly code: RefusalCode;
	readonly short: readonly Short[];
	readonly reason: string | undefined;
	constructor(code: RefusalCode, short: readonly Short[] = [], reason?: string) {
		this.code = code;
		this.short = short;
		this.reason = reason;
	}
}

export interface SpendOptions {
	/** For soft pools: who agreed to sell beyond the share, and why. Shown in the exception. */
	readonly operator?: string;
	readonly reason?: string;
}

/** What a commit's work may do. Every call decides at once; nothing is written unless the whole work returns. */
export interface Tx {
	append<T extends Json>(log: Log<T>, entry: T): void;
	/** Higher `priority` wins over later time; 0 by default. */
	set<T extends Json>(cell: Cell<T>, value: T, priority?: number): void;
	/** `amount` is a whole number, negative ones too. */
	add(counter: Counter, amount: number): void;
	/**
	 * New units from outside, once per document and device (ESC3). False where the document had been minted here before:
	 * then nothing is added.
	 */
	mint(pool: Pool, key: string, amount: number, document: string): boolean;
	/** Refuses with `share_exhausted`; a soft pool sells what is in the hand and overdraws the rest (ESC5). */
	spend(pool: Pool, key: string, amount: number, options?: SpendOptions): void;
	/** Moves shares to another device. */
	grant(pool: Pool, key: string, amount: number, to: DeviceId): void;
	/** Sets units aside for `leaseMs` milliseconds of this device's running time (ESC4). */
	hold(pool: Pool, key: string, amount: number, options: { readonly leaseMs: number }): HoldId;
	/** Takes `amount` of the hold (all of it by default); the rest returns to the share. */
	capture(pool: Pool, hold: HoldId, amount?: number): void;
	release(pool: Pool, hold: HoldId): void;
	/** Uses up the one right to resolve an exception; refuses with `already_resolved` where it is not here any more. */
	resolve(ledger: { readonly name: LedgerName }, exception: string): void;
	/** Leaves the work: nothing is written, the outcome carries `reason`. */
	refuse(reason: string): never;
}

export interface TxContext {
	readonly books: Books;
	readonly owner: object;
	readonly device: DeviceId;
	/** Throws where this device may write nothing more, or names why it may not spend. */
	restriction(): RefusalCode | undefined;
	holders(ledger: LedgerName, pool: PoolId): readonly Holder[];
	nextHold(ledger: LedgerName, legs: number): HoldId;
	policy(ledger: LedgerName, pool: Pool): PoolPolicy;
}

const checkInteger = (path: string, n: number) => {
	if (!Number.isSafeInteger(n)) throw new BadArgument(path, `expected a whole number, got ${n}.`);
};

/**
 * Collects the legs of one commit, and into `intents` what was asked for, in the caller's words: what a key stands for
 * (ESC8). Legs would not do: how a spend falls into legs depends on the share of the moment. With `checks` off it notes
 * the intents and does nothing else.
 */
export class WorkTx implements Tx {
	readonly legs = new Map<LedgerName, Leg[]>();
	refusal: Refusal | undefined;
	/** A document had been minted here before: there was nothing to add. */
	repeated = false;
	readonly #context: TxContext;
	readonly #checks: boolean;
	/** Holds resolved and documents minted in this commit. */
	#resolved: Set<HoldId> | undefined;
	#minted: Set<string> | undefined;
	/** Minted in this commit, by pool. */
	#mintedHere: Map<string, number> | undefined;
	readonly #intents: string[] | undefined;
	#count = 0;
	#done = false;

	constructor(context: TxContext, checks: boolean, intents?: string[]) {
		this.#context = context;
		this.#checks = checks;
		this.#intents = intents;
	}

	/** After the work returned, a kept `tx` is dead. */
	finish(): void {
		this.#done = true;
	}

	append<T extends Json>(log: Log<T>, entry: T): void {
		const { ledger, name } = this.#place(log);
		const text = canonicalJson('entry', checkSchema('entry', log.schema, entry));
		if (this.#note('append', ledger, name, text)) return;
		this.#add(ledger, { kind: 'append', log: name, value: utf8(text) });
	}

	set<T extends Json>(cell: Cell<T>, value: T, priority = 0): void {
		const { ledger, name } = this.#place(cell);
		if (!Number.isSafeInteger(priority) || priority < 0)
			throw new BadArgument('priority', `expected 0 or more, got ${priority}.`);
		const text = canonicalJson('value', checkSchema('value', cell.schema, value));
		if (this.#note('set', ledger, name, priority, text)) return;
		this.#add(ledger, { kind: 'set', cell: name, priority, value: utf8(text) });
	}

	add(counter: Counter, amount: number): void {
		const { ledger, name } = this.#place(counter);
		checkInteger('amount', amount);
		if (this.#note('add', ledger, name, amount)) return;
		checkInteger('counter', (this.#context.books.of(ledger).counters.get(name) ?? 0) + amount);
		this.#add(ledger, { kind: 'add', counter: name, amount });
	}

	mint(pool: Pool, key: string, amount: number, document: string): boolean {
		const { ledger, id } = this.#pool(pool, key);
		checkAmount('amount', amount);
		checkName('document', document);
		if (this.#note('mint', ledger, id, amount, document)) return true;
		const { books } = this.#context;
		const [where, once] = [documentKey(ledger, id), documentKey(ledger, id, document)];
		if (books.hasMinted(ledger, id, document) || this.#minted?.has(once)) {
			this.repeated = true;
			return false;
		}
		const here = (this.#mintedHere?.get(where) ?? 0) + amount;
		checkInteger(`minted of ${id}`, here);
		checkInteger(`minted of ${id}`, books.minted(ledger, id) + here);
		this.#mintedHere ??= new Map();
		this.#mintedHere.set(where, here);
		this.#minted ??= new Set();
		this.#minted.add(once);
		this.#add(ledger, { kind: 'mint', pool: id, amount, document });
		return true;
	}

	spend(pool: Pool, key: string, amount: number, options: SpendOptions = {}): void {
		const { ledger, id } = this.#pool(pool, key);
		checkAmount('amount', amount);
		if (this.#note('spend', ledger, id, amount)) return;
		const mine = this.#mine(ledger, id);
		if (mine < amount && this.#context.policy(ledger, pool) === 'soft') {
			const { operator = '', reason = '' } = options;
			if (typeof operator !== 'string' || typeof reason !== 'string')
				throw new BadArgument('options', 'expected texts.');
			this.#checkMaySpend(ledger, id);
			const share = Math.max(0, mine);
			if (share > 0) this.#debit(ledger, { kind: 'spend', pool: id, amount: share });
			const { overdrawn = 0 } = this.#context.books.of(ledger).escrow.pools.get(id) ?? {};
			checkInteger(`overdrawn of ${id}`, overdrawn + amount - share);
			this.#add(ledger, { kind: 'overdraw', pool: id, amount: amount - share, operator, reason });
			return;
		}
		this.#debit(ledger, { kind: 'spend', pool: id, amount });
	}

	grant(pool: Pool, key: string, amount: number, to: DeviceId): void {
		const { ledger, id } = this.#pool(pool, key);
		checkAmount('amount', amount);
		checkName('to', to);
		if (to === this.#context.device) throw new BadArgument('to', 'a device cannot grant to itself.');
		if (this.#note('grant', ledger, id, amount, to)) return;
		this.#debit(ledger, { kind: 'grant', pool: id, amount, to, request: '' });
	}

	hold(pool: Pool, key: string, amount: number, { leaseMs }: { readonly leaseMs: number }): HoldId {
		const { ledger, id } = this.#pool(pool, key);
		checkAmount('amount', amount);
		checkAmount('leaseMs', leaseMs);
		const hold = this.#context.nextHold(ledger, this.legs.get(ledger)?.length ?? 0);
		if (this.#note('hold', ledger, id, amount, leaseMs)) return hold;
		this.#debit(ledger, { kind: 'hold', pool: id, amount, hold, leaseMs });
		return hold;
	}

	capture(pool: Pool, hold: HoldId, amount?: number): void {
		const { ledger } = this.#place(pool);
		if (amount !== undefined) checkAmount('amount', amount);
		if (this.#note('capture', ledger, hold, amount)) return;
		const open = this.#open(ledger, hold);
		this.#checkMaySpend(ledger, open.pool);
		const taken = amount ?? open.held;
		if (taken > open.held) throw this.#refuse(new Refusal('hold_exceeded'));
		this.#add(ledger, { kind: 'capture', pool: open.pool, hold, held: open.held, amount: taken });
	}

	release(pool: Pool, hold: HoldId): void {
		const { ledger } = this.#place(pool);
		if (this.#note('release', ledger, hold)) return;
		const open = this.#open(ledger, hold);
		this.#add(ledger, { kind: 'release', pool: open.pool, hold, held: open.held });
	}

	resolve(ledger: { readonly name: LedgerName }, exception: string): void {
		this.#checkAlive();
		if (typeof exception !== 'string' || typeof ledger?.name !== 'string')
			throw new BadArgument('exception', 'expected a ledger and an id.');
		const pool = exceptionPool(exception);
		if (this.#note('resolve', ledger.name, pool)) return;
		if (this.#mine(ledger.name, pool) < 1) throw this.#refuse(new Refusal('already_resolved'));
		this.#debit(ledger.name, { kind: 'spend', pool, amount: 1 });
	}

	refuse(reason: string): never {
		this.#checkAlive();
		throw this.#refuse(new Refusal('refused', [], reason));
	}

	/** Notes what was asked for; true where that is all there is to do. */
	#note(...intent: readonly unknown[]): boolean {
		this.#intents?.push(JSON.stringify(intent));
		return !this.#checks;
	}

	#checkAlive(): void {
		if (this.#done) throw new BadArgument('tx', 'the work has returned.');
	}

	#place(handle: object): Place {
		this.#checkAlive();
		return placeOf(handle, this.#context.owner);
	}

	/** Kept, so that a work function that swallows it is refused all the same. */
	#refuse(refusal: Refusal): Refusal {
		this.refusal ??= refusal;
		return refusal;
	}

	#pool(pool: Pool, key: string): { ledger: LedgerName; id: PoolId } {
		const { ledger, name } = this.#place(pool);
		return { ledger, id: poolId(name, key) };
	}

	/** What is left here after what this work has done so far. */
	#mine(ledger: LedgerName, id: PoolId): number {
		let mine = this.#context.books.mine(ledger, id);
		for (const leg of this.legs.get(ledger) ?? []) if ('pool' in leg && leg.pool === id) mine += gainOf(leg);
		return mine;
	}

	#checkMaySpend(ledger: LedgerName, id: PoolId): void {
		const code =
			this.#context.restriction() ?? (this.#context.books.isStopped(ledger, id) ? 'upgrade_required' : undefined);
		if (code) throw this.#refuse(new Refusal(code));
	}

	#debit(ledger: LedgerName, leg: Leg): void {
		if (!isDebit(leg)) return;
		this.#checkMaySpend(ledger, leg.pool);
		const mine = this.#mine(ledger, leg.pool);
		if (mine < leg.amount) {
			const elsewhere = this.#context.holders(ledger, leg.pool);
			const short = { ledger, pool: leg.pool, need: leg.amount, mine: Math.max(0, mine), elsewhere };
			throw this.#refuse(new Refusal('share_exhausted', [short]));
		}
		this.#add(ledger, leg);
	}

	#open(ledger: LedgerName, id: HoldId): { pool: PoolId; held: number } {
		const hold = this.#context.books.openHold(ledger, id);
		if (hold && !this.#resolved?.has(id)) {
			this.#resolved ??= new Set();
			this.#resolved.add(id);
			return { pool: hold.pool, held: hold.amount };
		}
		throw this.#refuse(new Refusal('hold_unknown'));
	}

	#add(ledger: LedgerName, leg: Leg): void {
		if (++this.#count > limits.commitLegs) throw new LimitError('commitLegs', limits.commitLegs, this.#count);
		const legs = this.legs.get(ledger);
		if (legs) legs.push(leg);
		else if (this.legs.size === limits.commitLedgers)
			throw new LimitError('commitLedgers', limits.commitLedgers, this.legs.size + 1);
		else this.legs.set(ledger, [leg]);
	}
}
