import { agree, allStations, type Chain, type Store } from './chain.js';
import type { Delivery, Ticket } from './input.js';
import { sum } from './sums.js';

/** Whoever comes today is a member at every till before the doors open. */
export async function welcome(chain: Chain, members: readonly string[]): Promise<void> {
	await chain.office.ask((program) => program.ask('enrol', members));
	await Promise.all(allStations(chain).map((station) => station.ask((program) => program.ask('seesMembers', members))));
}

/** The first till of a store takes the delivery in, and counts what is left at closing. */
function splitTills({ outlet, tills }: Store) {
	const [first, ...others] = tills.map(({ station }) => station);
	if (!first) throw new Error(`Store ${outlet} has no till.`);
	return { first, others };
}

export async function openShelf(store: Store, day: string, deliveries: readonly Delivery[]): Promise<void> {
	if (deliveries.length === 0) return;
	const { first, others } = splitTills(store);
	await first.ask((program) => program.ask('receive', day, deliveries));
	const parts = others.length + 2;
	await Promise.all(others.map((station) => station.ask((program) => program.ask('fetchPart', deliveries, parts))));
}

export interface Evening {
	readonly day: string;
	/** Of all stores. */
	readonly tickets: readonly Ticket[];
	/** Of this one. */
	readonly deliveries: readonly Delivery[];
}

/** Books what still waits, throws away what is left, counts the cash. Everybody is linked and nobody sells any more. */
export async function closeStore(chain: Chain, store: Store, { day, tickets, deliveries }: Evening): Promise<void> {
	const { outlet, tills } = store;
	const { first, others } = splitTills(store);
	const ledgers = [`stock/${outlet}`, `orders/${outlet}/${day}`];
	const skus = deliveries.map(({ product }) => product);
	await agree([first, ...others], ledgers);
	await Promise.all(others.map((station) => station.ask((program) => program.ask('handBack'))));
	const waiting = tills.flatMap((till) => till.parked.splice(0));
	await first.ask((program) => program.ask('settle', waiting, skus));
	await first.ask((program) => program.ask('throwAway', day, skus));
	const cash = sum(tickets, (ticket) => (ticket.outlet === outlet ? ticket.totalMinor : 0));
	await first.ask((program) => program.ask('z', day, cash));
	await agree([chain.office, first, ...others], [...ledgers, `desk/${outlet}`]);
}
