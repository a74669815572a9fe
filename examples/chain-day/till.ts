import type { Replica } from 'tillmesh';
import { earnedBy, shelfKey, type Ticket } from './input.js';
import { type BookedLine, pointsOf, type Redemption, redemptionsOf, shelfOf, ticketsOf } from './ledgers.js';
import { patienceMs, type Station } from './station.js';

/** How long a customer at the counter waits for shares from elsewhere. */
const waitAtCounterMs = 150;
const waitForPointsMs = 2000;

export interface SaleOptions {
	/** Which products of the day are counted on the shelf, by pool key. */
	readonly counted: ReadonlySet<string>;
	/** At closing: what cannot be had any more is booked as unstocked instead of being refused. */
	readonly settle?: boolean;
}

/** Sells against its own replica. */
export class Till {
	readonly outlet: string;
	readonly station: Station;
	/** Sales whose pastry could not be had yet. */
	readonly parked: Ticket[] = [];
	/** The last ticket it confirmed. */
	lastTicket: Ticket | undefined;
	parkedEver = 0;
	/** Confirmed sales that were sent again and were answered with the first outcome. */
	replayed = 0;

	constructor(outlet: string, station: Station) {
		this.outlet = outlet;
		this.station = station;
	}

	/** Books a ticket; where its pastry is not here it is fetched from other tills, or the ticket waits. */
	async sell(ticket: Ticket, options: SaleOptions): Promise<void> {
		if (await this.#book(ticket, options)) return;
		if (this.station.isOnline) {
			await this.#fetch(ticket, options.counted, waitAtCounterMs);
			if (await this.#book(ticket, options)) return;
		}
		if (this.parked.includes(ticket)) return;
		this.parked.push(ticket);
		this.parkedEver++;
	}

	/** Tries the sales that wait once more. */
	async sellParked(options: SaleOptions): Promise<void> {
		for (const ticket of this.parked.splice(0)) if (!(await this.#book(ticket, options))) this.parked.push(ticket);
	}

	/** At closing, everybody linked and all that is left resting at home: books the next sale that waits, whatever is had. */
	async settleNext(counted: ReadonlySet<string>): Promise<void> {
		const ticket = this.parked.shift();
		if (!ticket) return;
		await this.#fetch(ticket, counted, patienceMs);
		if (!(await this.#book(ticket, { counted, settle: true }))) throw new Error(`${ticket.id} could not be settled.`);
	}

	/** One commit over orders, stock and members: all of it or nothing. False where shares were short. */
	#book(ticket: Ticket, options: SaleOptions): Promise<boolean> {
		return this.station.withReplica(async (replica) => {
			const outcome = await bookTicket(replica, ticket, options);
			if (!outcome.ok) return false;
			if (outcome.replayed) this.replayed++;
			this.lastTicket = ticket;
			return true;
		});
	}

	async #fetch(ticket: Ticket, counted: ReadonlySet<string>, timeoutMs: number): Promise<void> {
		const needs = new Map<string, number>();
		for (const { product, quantity } of ticket.lines) {
			const key = shelfKey(ticket.day, product);
			if (counted.has(key)) needs.set(key, (needs.get(key) ?? 0) + quantity);
		}
		await this.station.withReplica(async (replica) => {
			const shelf = shelfOf(replica, this.outlet);
			for (const [key, need] of needs) {
				const obtainable = Math.min(need, shelf.total(key).get().level);
				if (obtainable > shelf.mine(key)) await shelf.ensure(key, obtainable, { timeoutMs });
			}
		});
	}

	/** Pays with points: fetched from wherever they are, then spent. False is a fine answer. */
	redeem(day: string, redemption: Redemption): Promise<boolean> {
		const { id, member, points: amount } = redemption;
		return this.station.withReplica(async (replica) => {
			const points = pointsOf(replica);
			if (this.station.isOnline) await points.ensure(member, amount, { timeoutMs: waitForPointsMs });
			const log = redemptionsOf(replica, this.outlet, day);
			const outcome = await replica.commit(
				(tx) => {
					tx.append(log, redemption);
					tx.spend(points, member, amount);
				},
				{ idempotencyKey: id },
			);
			return outcome.ok;
		});
	}
}

function bookTicket(replica: Replica, ticket: Ticket, { counted, settle = false }: SaleOptions) {
	const { id, outlet, day, member = null, totalMinor } = ticket;
	const shelf = shelfOf(replica, outlet);
	const tickets = ticketsOf(replica, outlet, day);
	return replica.commit(
		(tx) => {
			const left = new Map<string, number>();
			const lines = ticket.lines.map(({ product, quantity, amountMinor }): BookedLine => {
				const key = shelfKey(day, product);
				if (!counted.has(key)) return { product, quantity, amountMinor, fromShelf: 0, unstocked: 0 };
				const mine = left.get(key) ?? shelf.mine(key);
				const fromShelf = settle ? Math.min(quantity, mine) : quantity;
				left.set(key, mine - fromShelf);
				return { product, quantity, amountMinor, fromShelf, unstocked: quantity - fromShelf };
			});
			tx.append(tickets, { id, member, totalMinor, lines });
			for (const { product, fromShelf } of lines) if (fromShelf > 0) tx.spend(shelf, shelfKey(day, product), fromShelf);
			const earned = earnedBy(ticket);
			if (member !== null && earned > 0) tx.mint(pointsOf(replica), member, earned, id);
		},
		// What the sale stands for is the receipt, whatever shelf its pastry comes from in the end.
		{ idempotencyKey: `sale ${id}`, input: { id, member, totalMinor } },
	);
}
