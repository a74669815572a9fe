import { agree, allTills, type Chain } from './chain.js';
import { membersLedger, ordersLedger, stockLedger, ticketsOf } from './ledgers.js';
import type { Chance } from './random.js';
import { patienceMs, pause, type Station } from './station.js';
import type { Till } from './till.js';

export interface Outage {
	readonly station: Station;
	readonly from: number;
	/** The slice in which the line works again. */
	readonly to: number;
}

/** What goes wrong on one day, in slices of the day. */
export interface FaultPlan {
	readonly outages: readonly Outage[];
	/** Dies in the middle of the commit of its first ticket from this slice on, while it is offline. */
	readonly killed: { readonly till: Till; readonly slice: number; done: boolean };
	/** Gets an old copy of its file back at the beginning of this slice. */
	readonly restored: { readonly till: Till; readonly slice: number };
}

/** Each till is cut off once, and each store's line to headquarters; one till dies and another one loses its disk. */
export function planFaults(chain: Chain, first: number, last: number, round: number, chance: Chance): FaultPlan {
	const length = last - first + 1;
	const outage = (station: Station, longest: number): Outage => {
		const slices = chance.between(2, Math.max(2, Math.min(longest, Math.floor(length / 4))));
		const from = chance.between(first, Math.max(first, last - slices));
		return { station, from, to: from + slices };
	};
	const tills = allTills(chain);
	const perTill = tills.map((till) => outage(till.station, 8));
	const perStore = chain.stores.map(({ home }) => outage(home, 4));
	const killed = tills[(round * 5) % tills.length] as Till; // less than length
	const restored = tills[(round * 5 + 6) % tills.length] as Till;
	const off = (till: Till) => perTill.find(({ station }) => station === till.station);
	const offline = off(restored);
	const middle = first + Math.floor(length / 2);
	const clash = offline !== undefined && middle >= offline.from && middle <= offline.to;
	return {
		outages: [...perTill, ...perStore],
		killed: { till: killed, slice: off(killed)?.from ?? middle, done: false },
		restored: { till: restored, slice: clash ? Math.min(last, offline.to + 1) : middle },
	};
}

export function applyOutages(plan: FaultPlan, slice: number): void {
	for (const { station, from, to } of plan.outages) {
		if (to === slice) station.goOnline();
		if (from === slice) station.goOffline();
	}
}

/** The till's disk breaks; it goes on from an old copy, and sells again once it has back what its peers kept for it. */
export async function restoreFromCopy(till: Till, peer: Station, copy: string, day: string): Promise<void> {
	const { outlet, station } = till;
	const ledgers = [stockLedger(outlet), ordersLedger(outlet, day), membersLedger];
	const online = peer.isOnline;
	peer.goOffline(); // so that only this store's own traffic goes on
	await agree([station, peer], ledgers);
	await station.restore(copy, async () => {
		const { replica } = station;
		await until(() => replica.status().peers.some(({ inSync }) => inSync));
		const { lastTicket } = till;
		if (lastTicket?.day === day)
			await ticketsOf(replica, outlet, day)
				.all()
				.when((all) => all.some(({ value }) => value.id === lastTicket.id), { timeoutMs: patienceMs });
		await agree([station, peer], ledgers);
	});
	if (online) peer.goOnline();
}

async function until(test: () => boolean): Promise<void> {
	for (let waitedMs = 0; waitedMs < patienceMs && !test(); waitedMs += 5) await pause(5);
}
