import type { DeviceId, HoldId, LedgerName } from '../../base/ids.js';
import { canonicalJson, checkSchema, type Json, placeOf } from '../../ledger/collections.js';
import type { Counter, Pool, PoolOptions } from '../../ledger/ledger.js';
import type { SpendOptions, Tx } from '../../ledger/tx.js';
import type { Cell, Log } from '../../ledger/written.js';
import type { Verb } from './messages.js';

export interface RecorderParts {
	/** Decides by the window's own view. */
	readonly inner: Tx;
	readonly owner: object;
	readonly declared: (pool: Pool) => PoolOptions | undefined;
	/** The real name of a hold of an earlier commit, where the window only knows what the work was told. */
	readonly holdOf: (hold: HoldId) => HoldId;
}

/** Stands before the tx of a window and writes down every verb that went through, so that the owner can do the same. */
export class Recorder implements Tx {
	readonly verbs: Verb[] = [];
	readonly #parts: RecorderParts;

	constructor(parts: RecorderParts) {
		this.#parts = parts;
	}

	append<T extends Json>(log: Log<T>, entry: T): void {
		this.#parts.inner.append(log, entry);
		this.#note('append', log, canonicalJson('entry', checkSchema('entry', log.schema, entry)));
	}

	set<T extends Json>(cell: Cell<T>, value: T, priority = 0): void {
		this.#parts.inner.set(cell, value, priority);
		this.#note('set', cell, canonicalJson('value', checkSchema('value', cell.schema, value)), priority);
	}

	add(counter: Counter, amount: number): void {
		this.#parts.inner.add(counter, amount);
		this.#note('add', counter, amount);
	}

	mint(pool: Pool, key: string, amount: number, document: string): boolean {
		const isNew = this.#parts.inner.mint(pool, key, amount, document);
		this.#note('mint', pool, key, amount, document);
		return isNew;
	}

	spend(pool: Pool, key: string, amount: number, options: SpendOptions = {}): void {
		this.#parts.inner.spend(pool, key, amount, options);
		this.#note('spend', pool, key, amount, { ...options });
	}

	grant(pool: Pool, key: string, amount: number, to: DeviceId): void {
		this.#parts.inner.grant(pool, key, amount, to);
		this.#note('grant', pool, key, amount, to);
	}

	hold(pool: Pool, key: string, amount: number, options: { readonly leaseMs: number }): HoldId {
		const hold = this.#parts.inner.hold(pool, key, amount, options);
		this.verbs.push({ ...this.#verb('hold', pool, key, amount, { leaseMs: options.leaseMs }), hold });
		return hold;
	}

	capture(pool: Pool, hold: HoldId, amount?: number): void {
		const real = this.#parts.holdOf(hold);
		this.#parts.inner.capture(pool, real, amount);
		this.#note('capture', pool, real, amount);
	}

	release(pool: Pool, hold: HoldId): void {
		const real = this.#parts.holdOf(hold);
		this.#parts.inner.release(pool, real);
		this.#note('release', pool, real);
	}

	resolve(ledger: { readonly name: LedgerName }, exception: string): void {
		this.#parts.inner.resolve(ledger, exception);
		this.verbs.push({ verb: 'resolve', ledger: ledger.name, name: '', args: [exception] });
	}

	refuse(reason: string): never {
		this.verbs.push({ verb: 'refuse', ledger: '', name: '', args: [reason] });
		return this.#parts.inner.refuse(reason);
	}

	#note(verb: string, handle: object, ...args: readonly unknown[]): void {
		this.verbs.push(this.#verb(verb, handle, ...args));
	}

	#verb(verb: string, handle: object, ...args: readonly unknown[]): Verb {
		const { ledger, name } = placeOf(handle, this.#parts.owner);
		const pool = this.#parts.declared(handle as Pool); // undefined for all that are none
		return pool ? { verb, ledger, name, pool, args } : { verb, ledger, name, args };
	}
}
