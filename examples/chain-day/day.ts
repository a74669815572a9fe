import { allStations, allTills, type Chain } from './chain.js';
import type { Delivered } from './delivered.js';
import { applyOutages, type FaultPlan, planFaults } from './faults.js';
import type { ChainInput, Delivery, Ticket } from './input.js';
import { pause } from './patience.js';
import type { Chance } from './random.js';
import { closeStore, openShelf, welcome } from './shelf.js';
import { linkedIn } from './station.js';
import type { Till } from './till.js';
import type { Visits } from './visits.js';

/** A till rings up what comes within so many minutes in one go: what is committed together shares a sync. */
const sliceMinutes = 30;
/** After the last sale of a slice, until shares that were asked for have come. */
const quietMs = 200;

export interface Incidents {
	outages: number;
	/** Tills killed in the middle of a sale. */
	powerCuts: number;
	restores: number;
	relayKills: number;
	/** Sales that were sent a second time though they had been confirmed: the answer was lost. */
	resent: number;
}

export interface DayContext {
	readonly chain: Chain;
	readonly input: ChainInput;
	readonly visits: Visits;
	readonly chance: Chance;
	readonly incidents: Incidents;
	readonly delivered: Delivered;
	/** Copy of a till's file from the evening before; the first day's is made in the morning. */
	readonly copies: Map<Till, string>;
	readonly progress: (day: string, minute: number, tickets: number) => void;
}

export async function playDay(context: DayContext, round: number): Promise<void> {
	const { chain, input, visits, chance, incidents, delivered } = context;
	const day = input.days[round] as string; // the caller counts days
	const tickets = input.tickets.filter((ticket) => ticket.day === day);
	const deliveries = input.deliveries.filter((row) => row.day === day);
	const ofStore = (outlet: string) => deliveries.filter((row) => row.outlet === outlet);
	const first = sliceOf(tickets[0]);
	const last = sliceOf(tickets.at(-1));
	const faults = planFaults(chain, first, last, round, chance);
	if (!context.copies.has(faults.restored.till)) await copyFile(context, faults.restored.till);
	await welcome(chain, [...new Set(tickets.flatMap(({ member }) => member ?? []))]);
	await Promise.all(chain.stores.map((store) => openShelf(store, day, ofStore(store.outlet))));
	await delivered.begin();
	incidents.outages += faults.outages.length;
	const queues = shareOut(chain, tickets);
	const relay = new RelayFault(context, faults);
	let sold = 0;
	for (let slice = first; slice <= last; slice++) {
		await applyOutages(faults, slice);
		if (slice === faults.restored.slice) await restore(context, faults);
		visits.start(slice);
		relay.strike(slice);
		const work = allTills(chain).map((till) => {
			const due = (queues.get(till) ?? []).filter((ticket) => sliceOf(ticket) === slice);
			sold += due.length;
			for (const ticket of due) visits.noteSale(ticket, slice);
			return sellSlice(context, till, due, faults, slice, ofStore(till.outlet));
		});
		await Promise.all(work);
		const online = allTills(chain).filter(({ station }) => station.line.isUp);
		await Promise.all(online.map(({ station }) => station.ask((program) => program.ask('breathe'))));
		context.progress(day, (slice + 1) * sliceMinutes, sold);
	}
	await relay.over(); // before the lines: a till finds no relay that is not there
	await heal(chain);
	await visits.finish();
	await Promise.all(
		chain.stores.map((store) => closeStore(chain, store, { day, tickets, deliveries: ofStore(store.outlet) })),
	);
	await delivered.end();
	context.copies.clear();
	const next = allTills(chain)[((round + 1) * 5 + 6) % allTills(chain).length];
	if (next && round + 1 < input.days.length) await copyFile(context, next);
}

const sliceOf = (ticket: Ticket | undefined): number => Math.floor((ticket?.minute ?? 0) / sliceMinutes);

async function copyFile({ copies }: DayContext, till: Till): Promise<void> {
	copies.set(till, await till.station.backUp());
}

async function heal(chain: Chain): Promise<void> {
	await Promise.all(allTills(chain).map(({ station }) => station.goOnline()));
	await Promise.all(chain.stores.map(({ relay }) => relay.goOnline()));
	await Promise.all([...chain.stores.map(({ relay }) => relay.linked()), ...allStations(chain).map(linkedIn)]);
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
	const counted = deliveries.map(({ product }) => product);
	const twice = due.filter(() => chance.chance(0.01)).map(({ id }) => id);
	incidents.resent += twice.length;
	const dies = till === killed.till && slice >= killed.slice && !killed.done && due.length > 0;
	if (!dies) return till.sell(due, twice, counted);
	killed.done = true;
	incidents.powerCuts++;
	return till.station.losePowerDuring(() => till.sell(due, twice, counted));
}

/** The till's disk breaks; it goes on from an old copy, and sells again once it has back what its peers kept for it. */
async function restore(context: DayContext, { restored }: FaultPlan): Promise<void> {
	const { till } = restored;
	const copy = context.copies.get(till);
	if (copy === undefined) return;
	context.incidents.restores++;
	await context.visits.finish();
	await pause(quietMs);
	await till.station.restore(copy);
}

/** Kills the relay of one store while its tills sell, and starts it again. */
class RelayFault {
	readonly #context: DayContext;
	readonly #plan: FaultPlan['relay'];
	#killing: Promise<void> | undefined;
	#starting: Promise<void> | undefined;

	constructor(context: DayContext, plan: FaultPlan) {
		this.#context = context;
		this.#plan = plan.relay;
	}

	strike(slice: number): void {
		const { store, slice: at } = this.#plan;
		if (slice === at) {
			this.#context.incidents.relayKills++;
			this.#killing = pause(this.#context.chance.next() * 20).then(() => store.relay.kill());
		}
		if (slice === at + 2) this.#starting = this.#start();
	}

	/** It runs again. */
	over(): Promise<void> {
		this.#starting ??= this.#start();
		return this.#starting;
	}

	async #start(): Promise<void> {
		await this.#killing;
		const { relay, tills } = this.#plan.store;
		await relay.start();
		const replugged = tills.map(({ station }) => (station.line.isUp ? station.replug() : undefined));
		await Promise.all([relay.goOnline(), ...replugged]);
	}
}
