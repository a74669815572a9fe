import { BadArgument } from '../base/errors.js';
import type { LedgerName, PoolId } from '../base/ids.js';
import { checkAmount } from '../base/limits.js';
import type { RestsAt } from '../escrow/redistribution.js';
import { type Exception, exceptionPool } from '../escrow/share.js';
import type { Timers } from '../ports/index.js';
import type { Books } from './books.js';
import { checkCollectionName, type Json, placeCollection, poolId, type Schema } from './collections.js';
import { createLive, type Live, type WaitOptions } from './live.js';
import type { Holder } from './outcome.js';
import {
	type Cell,
	type Cells,
	createCell,
	createCells,
	createLog,
	createLogs,
	type Log,
	type Logs,
	type MakeLive,
} from './written.js';

export type PoolPolicy = 'hard' | 'soft';

export interface PoolOptions {
	/** `hard` (default) refuses when this device's share is short; `soft` sells on and opens an exception (ESC5). */
	readonly policy?: PoolPolicy;
	/** The least that `level` may show; units below zero are credit that somebody minted. 0 by default. */
	readonly floor?: number;
	/**
	 * Where shares go that nobody uses (ESC10). `device` (default): they stay, and come ahead of demand where the pool sells;
	 * idle ones go home only where there is less than one unit a till. `store`: they come when asked for and go to the
	 * ledger's home when idle. `hq`: likewise; a ledger has one home.
	 */
	readonly restsAt?: RestsAt;
}

export interface PoolTotal {
	readonly minted: number;
	readonly spent: number;
	readonly held: number;
	/** Sold beyond the shares (soft pools). */
	readonly overdrawn: number;
	/** minted - spent + floor. */
	readonly level: number;
}

/** A family of scarce quantities, one per key. Every number is a whole number of units. */
export interface Pool {
	readonly name: string;
	/** What this device may spend now, less what is still being written (ESC1). */
	mine(key: string): number;
	total(key: string): Live<PoolTotal>;
	/** What `total(key).get()` gives. */
	now(key: string): PoolTotal;
	holders(key: string): Live<readonly Holder[]>;
	/** Keys with anything ever minted, granted or overdrawn. */
	keys(): readonly string[];
	/** Fetches shares from other devices until this one may spend `amount`; resolves to what it may spend then. */
	ensure(key: string, amount: number, options?: WaitOptions): Promise<number>;
}

export interface Counter {
	readonly name: string;
	readonly value: Live<number>;
}

/** A ledger that this replica keeps. Asking for a collection twice gives the same object. */
export interface Ledger {
	readonly name: LedgerName;
	/** Options count where the pool is asked for first; other ones later throw `BadArgument`. */
	pool(name: string, options?: PoolOptions): Pool;
	/** Names of the pools with anything ever minted, granted or overdrawn. */
	pools(): readonly string[];
	log<T extends Json>(name: string, schema?: Schema<T>): Log<T>;
	cell<T extends Json>(name: string, schema?: Schema<T>): Cell<T>;
	counter(name: string): Counter;
	/** A log for each key: what happened to each order. Handles of its members are not kept. */
	logs<T extends Json>(name: string): Logs<T>;
	/** A cell for each key: what is known of each product. */
	cells<T extends Json>(name: string): Cells<T>;
	/** What a person must look at and nobody has resolved yet; see `tx.resolve`. */
	exceptions(): readonly Exception[];
	/**
	 * Fetches the one right to resolve an exception to this device; false where nobody in reach gave it (ESC5). A right that
	 * is not used goes home by and by, as shares do that rest at the store.
	 */
	claim(exception: string, options?: WaitOptions): Promise<boolean>;
}

export interface LedgerContext {
	readonly books: Books;
	readonly owner: object;
	readonly timers: Timers;
	holders(ledger: LedgerName, pool: PoolId): readonly Holder[];
	ensure(ledger: LedgerName, pool: PoolId, amount: number, options: WaitOptions): Promise<number>;
}

export function createLedger(name: LedgerName, context: LedgerContext): Ledger & { policy(pool: Pool): PoolPolicy } {
	const { books, owner, timers } = context;
	const handles = new Map<string, object>();
	const declared = new WeakMap<Pool, Required<PoolOptions>>();
	const once = <H extends object>(kind: string, collection: string, make: () => H): H => {
		checkCollectionName(collection);
		const id = `${kind} ${collection}`;
		const handle = handles.get(id) ?? placeCollection(make(), { owner, ledger: name, name: collection });
		handles.set(id, handle);
		return handle as H; // the kind is in the id
	};
	const live = <T>(topic: string, version: () => unknown, read: () => T): Live<T> =>
		createLive({ version, read, timers, listen: (changed) => books.listen(name, topic, changed) });

	return {
		name,
		pool(collection, options = {}) {
			checkPoolOptions(collection, options);
			const { policy = 'hard', floor = 0, restsAt = 'device' } = options;
			const pool = once('pool', collection, () => {
				const made = createPool(collection, floor, name, context, live);
				declared.set(made, { policy, floor, restsAt });
				books.rest(name, collection, restsAt);
				return made;
			});
			checkDeclared(collection, options, declared.get(pool));
			return pool;
		},
		pools() {
			const names = new Set<string>();
			for (const id of books.of(name).escrow.pools.keys()) names.add(id.slice(0, id.indexOf('/')));
			return [...names].filter((pool) => !ownPools.has(pool));
		},
		log: <T extends Json>(collection: string, schema?: Schema<T>) =>
			once('log', collection, () => createLog<T>(collection, schema, () => books.of(name), live)),
		cell: <T extends Json>(collection: string, schema?: Schema<T>): Cell<T> =>
			once('cell', collection, () => createCell<T>(collection, schema, () => books.of(name), live)),
		counter: (collection) =>
			once('counter', collection, () => {
				const read = () => books.of(name).counters.get(collection) ?? 0;
				return { name: collection, value: live(`counter/${collection}`, read, read) };
			}),
		logs: <T extends Json>(family: string) =>
			once('logs', family, () => createLogs<T>(family, name, owner, () => books.of(name), live)),
		cells: <T extends Json>(family: string) =>
			once('cells', family, () => createCells<T>(family, name, owner, () => books.of(name), live)),
		exceptions() {
			const { escrow } = books.of(name);
			return [...escrow.exceptions.values()].filter((exception) => escrow.isOpen(exception));
		},
		claim: async (exception, options = {}) => (await context.ensure(name, exceptionPool(exception), 1, options)) >= 1,
		policy: (pool) => declared.get(pool)?.policy ?? 'hard',
	};
}

/** Pools that hold rights: they are minted and spent by the rules alone (ESC3, ESC5, ESC6). */
const ownPools = new Set(['exception', 'fence']);

function checkDeclared(collection: string, options: PoolOptions, known: PoolOptions = {}): void {
	for (const option of ['policy', 'floor', 'restsAt'] as const)
		if (options[option] !== undefined && options[option] !== known[option])
			throw new BadArgument(
				option,
				`"${collection}" has ${known[option]} already; declare a pool before its first use.`,
			);
}

function checkPoolOptions(collection: string, { policy, floor, restsAt }: PoolOptions): void {
	if (ownPools.has(collection)) throw new BadArgument('collection', `pools of "${collection}" belong to the library.`);
	if (policy !== undefined && policy !== 'hard' && policy !== 'soft')
		throw new BadArgument('policy', `expected hard or soft, got ${String(policy)}.`);
	if (floor !== undefined && !Number.isSafeInteger(floor))
		throw new BadArgument('floor', `floor is a whole number, got ${String(floor)}.`);
	if (restsAt !== undefined && restsAt !== 'device' && restsAt !== 'store' && restsAt !== 'hq')
		throw new BadArgument('restsAt', `expected device, store or hq, got ${String(restsAt)}.`);
}

function createPool(name: string, floor: number, ledger: LedgerName, context: LedgerContext, live: MakeLive): Pool {
	const { books } = context;
	const figures = (id: PoolId) => books.of(ledger).escrow.pools.get(id);
	const totalOf = (id: PoolId): PoolTotal => {
		const { minted = 0, spent = 0, held = 0, overdrawn = 0 } = figures(id) ?? {};
		return { minted, spent, held, overdrawn, level: minted - spent + floor };
	};
	const lives = new Map<string, unknown>();
	const keyed = <T>(kind: string, key: string, read: (id: PoolId) => T): Live<T> => {
		const id = poolId(name, key);
		const known =
			lives.get(`${kind} ${id}`) ??
			live(
				`pool/${id}`,
				() => figures(id)?.version,
				() => read(id),
			);
		lives.set(`${kind} ${id}`, known);
		return known as Live<T>; // the kind is in the key
	};
	return {
		name,
		mine: (key) => Math.max(0, books.mine(ledger, poolId(name, key))),
		total: (key) => keyed('total', key, totalOf),
		now: (key) => totalOf(poolId(name, key)),
		holders: (key) => keyed('holders', key, (id) => context.holders(ledger, id)),
		keys() {
			const keys: string[] = [];
			for (const id of books.of(ledger).escrow.pools.keys())
				if (id.startsWith(`${name}/`)) keys.push(id.slice(name.length + 1));
			return keys;
		},
		async ensure(key, amount, options = {}) {
			checkAmount('amount', amount);
			return context.ensure(ledger, poolId(name, key), amount, options);
		},
	};
}
