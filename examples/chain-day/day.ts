import { allStations, allTills, type Chain } from './chain.js';
import { applyOutages, type FaultPlan, planFaults, restoreFromCopy } from './faults.js';
import { type ChainInput, type Delivery, shelfKey, type Ticket } from './input.js';
import type { Chance } from './random.js';
import { closeShelf, openShelf } from './shelf.js';
import type { Till } from './till.js';
import type { Visits } from './visits.js';

/** A till rings up what comes within so many minutes in one go: what is committed together shares a sync. */
const sliceMinutes = 30;

export interface Incidents {
	outages: number;
	powerCuts: number;
	restores: number;
	/** Sales that were sent a second time though they had been confirmed: the answer was lost. */
	resent: number;
}

export interface DayContext {
	readonly chain: Chain;
	readonly input: ChainInput;
	readonly visits: Visits;
	readonly chance: Chance;
	readonly incidents: Incidents;
	/** Copy of a till's file from the evening before; the first day's is made in the morning. */
	readonly copies: Map<Till, string>;
	readonly progress: (day: string, minute: number, tickets: number) => void;
}

export async function playDay(context: DayContext, round: number): Promise<void> {
	const { chain, input, visits, chance, incidents } = context;
	const day = input.days[round] as string; // the caller counts days
	const tickets = input.tickets.filter((ticket) => ticket.day === day);
	const deliveries = input.deliveries.filter((row) => row.day === day);
	const ofStore = (outlet: string) => deliveries.filter((row) => row.outlet === outlet);
	await Promise.all(chain.stores.map((store) => openShelf(store, day, ofStore(store.outlet))));
	const first = sliceOf(tickets[0]);
	const last = sliceOf(tickets.at(-1));
	const faults = planFaults(chain, first, last, round, chance);
	if (!context.copies.has(faults.restored.till)) await copyFile(context, faults.restored.till);
	incidents.outages += faults.outages.length;
	const queues = shareOut(chain, tickets);
	let sold = 0;
	for (let slice = first; slice <= last; slice++) {
		applyOutages(faults, slice);
		if (slice === faults.restored.slice) await restore(context, faults, day);
		visits.start(day, slice);
		const work = allTills(chain).map((till) => {
			const due = (queues.get(till) ?? []).filter((ticket) => sliceOf(ticket) === slice);
			sold += due.length;
			for (const ticket of due) visits.noteSale(ticket, slice);
			return sellSlice(context, till, due, faults, slice, ofStore(till.outlet));
		});
		await Promise.all(work);
		context.progress(day, (slice + 1) * sliceMinutes, sold);
	}
	for (const station of allStations(chain)) station.goOnline();
	await visits.finish();
	for (const store of chain.stores) await closeShelf(chain, store, day, ofStore(store.outlet));
	// The stores' ledgers of the day are done with; the members' go on, and are compacted when there is enough of them.
	for (const { home } of chain.stores) await home.replica.tend({ compact: true });
	context.copies.clear();
	const next = allTills(chain)[((round + 1) * 5 + 6) % allTills(chain).length];
	if (next && round + 1 < input.days.length) await copyFile(context, next);
}

const sliceOf = (ticket: Ticket | undefined): number => Math.floor((ticket?.minute ?? 0) / sliceMinutes);

async function copyFile({ copies }: DayContext, till: Till): Promise<void> {
	copies.set(till, await till.station.backUp());
}

/** Customers queue where the queue is shortest: each next ticket of a store goes to its next till. */
function shareOut(chain: Chain, tickets: readonly Ticket[]): Map<Till, Ticket[]> {
	const queues = new Map(allTills(chain).map((till): [Till, Ticket[]] => [till, []]));
	for (const { outlet, tills } of chain.stores) {
		const own = tickets.filter((ticket) => ticket.outlet === outlet);
		own.forEach((ticket, i) => {
			queues.get(tills[i % tills.length] as Till)?.push(ticket); // less than length
		});
	}
	return queues;
}

async function sellSlice(
	{ incidents, chance }: DayContext,
	till: Till,
	due: readonly Ticket[],
	{ killed }: FaultPlan,
	slice: number,
	deliveries: readonly Delivery[],
): Promise<void> {
	const counted = new Set(deliveries.map(({ day, product }) => shelfKey(day, product)));
	const work: Promise<unknown>[] = [];
	if (till.station.isOnline && till.parked.length > 0) work.push(till.sellParked({ counted }));
	const victim =
		till === killed.till && slice >= killed.slice && !killed.done ? due.find(isUncounted(counted)) : undefined;
	if (victim) {
		killed.done = true;
		incidents.powerCuts++;
		work.push(till.station.cutPowerDuring(`sale ${victim.id}`));
	}
	for (const ticket of due) {
		work.push(till.sell(ticket, { counted }));
		if (!chance.chance(0.01)) continue;
		incidents.resent++;
		work.push(till.sell(ticket, { counted }));
	}
	await Promise.all(work);
}

/** A ticket that no shelf can refuse: it is certain to be written. */
const isUncounted = (counted: ReadonlySet<string>) => (ticket: Ticket) =>
	ticket.lines.every(({ product }) => !counted.has(shelfKey(ticket.day, product)));

async function restore({ chain, incidents, copies }: DayContext, { restored }: FaultPlan, day: string): Promise<void> {
	const { till } = restored;
	const store = chain.stores.find(({ outlet }) => outlet === till.outlet);
	const copy = copies.get(till);
	if (!store || copy === undefined) return;
	incidents.restores++;
	await restoreFromCopy(till, store.home, copy, day);
}
