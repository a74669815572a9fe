import type { Replica } from 'tillmesh';
import { earnedBy, shelfKey, type Ticket } from './input.js';
import { type BookedLine, pointsOf, type Redemption, redemptionsOf, shelfOf, ticketsOf } from './ledgers.js';

/** How long a customer at the counter waits for units from elsewhere. */
const waitAtCounterMs = 300;
const waitForPointsMs = 4000;

/** Tickets that come at about the same time: what is committed together shares a sync. */
export interface Sale {
	readonly outlet: string;
	readonly tickets: readonly Ticket[];
	/** Ids of those that are sent twice, because the answer to the first was lost. */
	readonly twice: readonly string[];
	/** Which products of the day are counted on the shelf, by pool key. */
	readonly counted: readonly string[];
}

export interface Sold {
	/** Ids of tickets whose pastry could not be had yet. */
	readonly waiting: readonly string[];
	/** Sales that were sent again and were answered with the first outcome. */
	readonly replayed: number;
}

type Booking = 'booked' | 'replayed' | 'short';

/** Books tickets; where their pastry is not here it is fetched from other tills, or the ticket waits. */
export async function sell(replica: Replica, sale: Sale, booked: (ticket: string) => void): Promise<Sold> {
	const counted = new Set(sale.counted);
	const waiting = new Set<string>();
	let replayed = 0;
	const sellOne = async (ticket: Ticket) => {
		let how = await book(replica, ticket, counted);
		if (how === 'short' && replica.sync.status.get().peers.length > 0) {
			await fetchShelf(replica, ticket, counted);
			how = await book(replica, ticket, counted);
		}
		if (how === 'short') waiting.add(ticket.id);
		if (how === 'booked') booked(ticket.id);
		if (how === 'replayed') replayed++;
	};
	const twice = new Set(sale.twice);
	await Promise.all([...sale.tickets, ...sale.tickets.filter(({ id }) => twice.has(id))].map(sellOne));
	return { waiting: [...waiting], replayed };
}

/** At closing, with all that is left of the shelf in this till: books what waited, with whatever there is. */
export async function settle(replica: Replica, tickets: readonly Ticket[], counted: readonly string[]): Promise<void> {
	for (const ticket of tickets) {
		const how = await book(replica, ticket, new Set(counted), true);
		if (how === 'short') throw new Error(`${ticket.id} could not be settled.`);
	}
}

/** One commit over orders, stock and members: all of it or nothing. */
async function book(replica: Replica, ticket: Ticket, counted: ReadonlySet<string>, settles = false): Promise<Booking> {
	const { id, outlet, day, member = null, totalMinor } = ticket;
	const shelf = shelfOf(replica, outlet);
	const outcome = await replica.commit(
		(tx) => {
			const lines = linesOf(ticket, counted, (key) => (settles ? shelf.mine(key) : Number.POSITIVE_INFINITY));
			tx.append(ticketsOf(replica, outlet, day), { id, member, totalMinor, lines });
			for (const { product, fromShelf } of lines) if (fromShelf > 0) tx.spend(shelf, shelfKey(day, product), fromShelf);
			const earned = earnedBy(ticket);
			if (member !== null && earned > 0) tx.mint(pointsOf(replica), member, earned, id);
		},
		// What the sale stands for is the receipt, whatever shelf its pastry comes from in the end.
		{ idempotencyKey: `sale ${id}`, input: { id, member, totalMinor } },
	);
	return outcome.ok ? (outcome.replayed ? 'replayed' : 'booked') : 'short';
}

/** Of a counted product as many as `most` allows come from the shelf, and the rest is sold all the same. */
function linesOf(ticket: Ticket, counted: ReadonlySet<string>, most: (key: string) => number): BookedLine[] {
	const left = new Map<string, number>();
	return ticket.lines.map(({ product, quantity, amountMinor }) => {
		const key = shelfKey(ticket.day, product);
		if (!counted.has(key)) return { product, quantity, amountMinor, fromShelf: 0, unstocked: 0 };
		const mine = left.get(key) ?? most(key);
		const fromShelf = Math.min(quantity, mine);
		left.set(key, mine - fromShelf);
		return { product, quantity, amountMinor, fromShelf, unstocked: quantity - fromShelf };
	});
}

async function fetchShelf(replica: Replica, ticket: Ticket, counted: ReadonlySet<string>): Promise<void> {
	const needs = new Map<string, number>();
	for (const { product, quantity } of ticket.lines) {
		const key = shelfKey(ticket.day, product);
		if (counted.has(key)) needs.set(key, (needs.get(key) ?? 0) + quantity);
	}
	const shelf = shelfOf(replica, ticket.outlet);
	for (const [key, need] of needs) {
		const obtainable = Math.min(need, shelf.total(key).get().level);
		if (obtainable > shelf.mine(key)) await shelf.ensure(key, obtainable, { timeoutMs: waitAtCounterMs });
	}
}

/** Pays with points: fetched from wherever they are, then spent. False is a fine answer. */
export async function redeem(replica: Replica, outlet: string, day: string, redemption: Redemption): Promise<boolean> {
	const { id, member, points: amount } = redemption;
	const points = pointsOf(replica);
	if (replica.sync.status.get().peers.length > 0) await points.ensure(member, amount, { timeoutMs: waitForPointsMs });
	const outcome = await replica.commit(
		(tx) => {
			tx.append(redemptionsOf(replica, outlet, day), redemption);
			tx.spend(points, member, amount);
		},
		{ idempotencyKey: id },
	);
	return outcome.ok;
}
