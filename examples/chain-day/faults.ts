import { allTills, type Chain, type Store } from './chain.js';
import { pause } from './patience.js';
import type { Chance } from './random.js';
import type { RelayBox } from './relay-box.js';
import type { Station } from './station.js';
import type { Till } from './till.js';

export interface Outage {
	readonly whose: Pick<Station | RelayBox, 'line' | 'goOnline'>;
	readonly from: number;
	/** The slice in which the line works again. */
	readonly to: number;
}

/** What goes wrong on one day, in slices of the day. */
export interface FaultPlan {
	readonly outages: readonly Outage[];
	/** Is killed in the middle of a commit, in its first slice with a sale from this one on, while it is offline. */
	readonly killed: { readonly till: Till; readonly slice: number; done: boolean };
	/** Gets an old copy of its file back at the beginning of this slice. */
	readonly restored: { readonly till: Till; readonly slice: number };
	/** The relay of this store is killed in the middle of this slice, and started again two slices later. */
	readonly relay: { readonly store: Store; readonly slice: number };
}

const reconnectMs = 3000;

/** Each till is cut off once, and each store's line to headquarters; a till and a relay die, and another till loses its disk. */
export function planFaults(chain: Chain, first: number, last: number, round: number, chance: Chance): FaultPlan {
	const length = last - first + 1;
	const outage = (whose: Outage['whose'], longest: number): Outage => {
		const slices = chance.between(2, Math.max(2, Math.min(longest, Math.floor(length / 4))));
		const from = chance.between(first, Math.max(first, last - slices));
		return { whose, from, to: from + slices };
	};
	const tills = allTills(chain);
	const perTill = tills.map((till) => outage(till.station, 8));
	const perStore = chain.stores.map(({ relay }) => outage(relay, 4));
	const killed = tills[(round * 5) % tills.length] as Till; // less than length
	const restored = tills[(round * 5 + 6) % tills.length] as Till;
	const off = (till: Till) => perTill.find(({ whose }) => whose === till.station);
	const offline = off(restored);
	const middle = first + Math.floor(length / 2);
	const clash = offline !== undefined && middle >= offline.from && middle <= offline.to;
	const at = chain.stores.findIndex(({ outlet }) => outlet === restored.outlet);
	return {
		outages: [...perTill, ...perStore],
		killed: { till: killed, slice: off(killed)?.from ?? middle, done: false },
		restored: { till: restored, slice: clash ? Math.min(last, offline.to + 1) : middle },
		// Not the store of the till that needs its rows back.
		relay: { store: chain.stores[(at + 1) % chain.stores.length] as Store, slice: first + Math.floor(length / 3) },
	};
}

/** Half an hour is a fraction of a second here: a till whose line works again gets the moment that it needs. */
export async function applyOutages(plan: FaultPlan, slice: number): Promise<void> {
	const over = plan.outages.filter(({ to }) => to === slice).map(({ whose }) => whose.goOnline());
	for (const { whose, from } of plan.outages) if (from === slice) whose.line?.cut();
	await Promise.race([Promise.all(over), pause(reconnectMs)]);
}
