import { BadArgument } from '../../../src/base/errors.js';
import type { Topology } from '../machines/chain.js';

/** Who is there. */
export interface ChainOptions {
	/** 1 by default. They are called `sh-1`, `sh-2` and so on; two and more need `relay` and `hq`. */
	readonly stores?: number;
	/** 2 by default; called `till-1` and so on within their store. */
	readonly tillsPerStore?: number;
	/** A relay in each store, and the store's home beside it; by default there is one. Without, the first till is home. */
	readonly relay?: boolean;
	/** A relay above those of the stores; by default where there are several stores. */
	readonly hq?: boolean;
	/** Tills of a store are linked to each other as well as to the relay; so by default. */
	readonly mesh?: boolean;
	/**
	 * Ledgers that every till of the chain keeps, as names or patterns, beside those of its store: `stock/sh-1` and whatever
	 * else has the store's name for its scope. Without headquarters every ledger by default; with them `members/*` and
	 * `catalog/*`, whose home is there.
	 */
	readonly keeps?: readonly string[];
	/** All that is left to chance in the world comes from it: same seed, same calls, same result. 1 by default. */
	readonly seed?: number;
}

const largest = { stores: 8, tillsPerStore: 16 };

export function checkCount(path: string, value: unknown, least: number, most: number): void {
	if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
		throw new BadArgument(path, `expected a whole number from ${least} to ${most}, got ${String(value)}.`);
}

function checkFlag(path: string, value: unknown): void {
	if (value !== undefined && typeof value !== 'boolean')
		throw new BadArgument(path, `expected true or false, got ${String(value)}.`);
}

export function checkKnown(options: object, known: readonly string[]): void {
	if (typeof options !== 'object' || options === null) throw new BadArgument('options', 'expected an object.');
	for (const option of Object.keys(options))
		if (!known.includes(option))
			throw new BadArgument(`options.${option}`, `no such option; there are ${known.join(', ')}.`);
}

export const chainOptions = ['stores', 'tillsPerStore', 'relay', 'hq', 'mesh', 'keeps', 'seed'] as const;

/** Throws `BadArgument` that names the option. */
export function topologyOf(options: ChainOptions): Topology {
	const { stores = 1, tillsPerStore = 2, relay = true, mesh = true, hq = stores > 1, seed = 1 } = options;
	checkCount('options.stores', stores, 1, largest.stores);
	checkCount('options.tillsPerStore', tillsPerStore, 1, largest.tillsPerStore);
	checkCount('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
	for (const flag of ['relay', 'hq', 'mesh'] as const) checkFlag(`options.${flag}`, options[flag]);
	if (hq && !relay) throw new BadArgument('options.relay', 'headquarters link to the relays of stores; leave it on.');
	if (stores > 1 && !hq) throw new BadArgument('options.hq', 'stores meet only through headquarters; leave it on.');
	const keeps = options.keeps ?? (hq ? ['members/*', 'catalog/*'] : ['*/*']);
	if (!Array.isArray(keeps) || keeps.some((pattern) => typeof pattern !== 'string'))
		throw new BadArgument('options.keeps', 'expected a list of ledgers, such as members/*.');
	return {
		stores,
		tillsPerStore,
		relay,
		hq,
		mesh,
		archive: false,
		segmentRows: 2_048,
		checkpointRows: 256,
		syncMsMax: 20,
		shared: keeps,
	};
}
