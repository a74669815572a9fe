import { openTill, type Till } from 'tillmesh';
import { sqlite } from 'tillmesh/sqlite';

export const chainName = 'coffee-chain';
/** The store that the desk at headquarters counts as: it sells nothing. */
export const headquarters = 'hq';

export interface Place {
	readonly name: string;
	readonly store: string;
	readonly file: string;
}

/** In the demo half an hour passes in a fraction of a second: points that lay still for so long are not needed here. */
const restAfterMs = 1000;

/** A till; at headquarters one that shows all stores. The cable is plugged in later. */
export function openPlace({ name, store, file }: Place): Promise<Till> {
	return openTill({
		chain: chainName,
		store,
		name,
		storage: sqlite(file),
		zone: 'America/New_York',
		currency: { code: 'USD', decimals: 2 },
		links: [],
		restAfterMs,
		...(store === headquarters && { keeps: { stores: 'all' } }),
	});
}

export const isLinked = (till: Till): boolean => till.replica.sync.status.get().peers.length > 0;
