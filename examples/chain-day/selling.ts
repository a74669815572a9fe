import type { Till } from 'tillmesh';
import { uncountedSku } from './catalogue.js';
import { earnedBy, type Line, type Redemption, type Ticket } from './input.js';
import { isLinked } from './shop.js';
import { gather } from './stocking.js';

/** How long a customer at the counter waits for units from elsewhere. */
const waitAtCounterMs = 300;
const waitForPointsMs = 4000;

/** Tickets that come at about the same time: what is committed together shares a sync. */
export interface Sale {
	readonly tickets: readonly Ticket[];
	/** Ids of those that are sent twice, because the answer to the first was lost. */
	readonly twice: readonly string[];
	/** Products that the shelf of the day counts. */
	readonly counted: readonly string[];
}

export interface Sold {
	/** Ids of tickets whose pastry could not be had yet. */
	readonly waiting: readonly string[];
	/** Sales that were sent again and were answered with the first outcome. */
	readonly replayed: number;
}

type NewLine = NonNullable<Parameters<Till['checkout']>[0]['lines']>[number];

/** Sells tickets; where their pastry is not here it is fetched from other tills, or the ticket waits. */
export async function sell(till: Till, sale: Sale, booked: (ticket: string) => void): Promise<Sold> {
	const counted = new Set(sale.counted);
	const waiting = new Set<string>();
	let replayed = 0;
	const sellOne = async (ticket: Ticket) => {
		const lines = linesOf(till, ticket, counted, () => Number.POSITIVE_INFINITY);
		let how = await book(till, ticket, lines);
		if (how === 'short' && isLinked(till)) {
			await fetchShelf(till, lines, counted);
			how = await book(till, ticket, lines);
		}
		if (how === 'short') waiting.add(ticket.id);
		if (how === 'booked') booked(ticket.id);
		if (how === 'replayed') replayed++;
	};
	const twice = new Set(sale.twice);
	await Promise.all([...sale.tickets, ...sale.tickets.filter(({ id }) => twice.has(id))].map(sellOne));
	return { waiting: [...waiting], replayed };
}

/** At closing: sells what waited, with all that is left of the shelf. */
export async function settle(till: Till, tickets: readonly Ticket[], counted: readonly string[]): Promise<void> {
	for (const ticket of tickets) {
		const products = new Set(ticket.lines.map(({ product }) => product));
		await gather(
			till,
			[...products].filter((sku) => counted.includes(sku)),
		);
		const here = (sku: string) => till.stock.level({ sku }).get().sellable;
		const how = await book(till, ticket, linesOf(till, ticket, new Set(counted), here));
		if (how === 'short') throw new Error(`${ticket.id} could not be settled.`);
	}
}

/** The ticket's name is the key: however often it is sent, it is one sale. */
async function book(till: Till, ticket: Ticket, lines: readonly NewLine[]): Promise<'booked' | 'replayed' | 'short'> {
	const { id, day, member, totalMinor } = ticket;
	const buyer = member === undefined ? {} : { member, earn: earnedBy(ticket) };
	const sale = await till.checkout(
		{ lines, tenders: [{ kind: 'cash', amount: totalMinor }], businessDate: day, ...buyer },
		{ idempotencyKey: id, note: id },
	);
	if (sale.ok) return sale.replayed ? 'replayed' : 'booked';
	if (sale.code === 'out_of_stock') return 'short';
	throw new Error(`${id}: ${sale.message}`);
}

/** Of a counted product as many as `most` allows come from the shelf, and the rest is sold all the same. */
function linesOf(till: Till, ticket: Ticket, counted: ReadonlySet<string>, most: (sku: string) => number): NewLine[] {
	const left = new Map<string, number>();
	return ticket.lines.flatMap((line) => {
		const { product, quantity, amountMinor } = line;
		const mine = counted.has(product) ? (left.get(product) ?? most(product)) : 0;
		const fromShelf = Math.min(quantity, mine);
		left.set(product, mine - fromShelf);
		const shelfMinor = Math.floor((amountMinor * fromShelf) / quantity);
		return [
			...asPaid(product, { product, quantity: fromShelf, amountMinor: shelfMinor }),
			...asPaid(uncountedSku(till, product), {
				product,
				quantity: quantity - fromShelf,
				amountMinor: amountMinor - shelfMinor,
			}),
		];
	});
}

/** A line as it was paid: what does not divide by the quantity is taken off the whole line. */
function asPaid(sku: string, { quantity: qty, amountMinor }: Line): NewLine[] {
	if (qty === 0) return [];
	const unitPrice = Math.ceil(amountMinor / qty);
	const discount = unitPrice * qty - amountMinor;
	return [{ sku, qty, unitPrice, ...(discount > 0 && { discount }) }];
}

async function fetchShelf(till: Till, lines: readonly NewLine[], counted: ReadonlySet<string>): Promise<void> {
	const needs = new Map<string, number>();
	for (const { sku, qty } of lines) if (counted.has(sku)) needs.set(sku, (needs.get(sku) ?? 0) + qty);
	for (const [sku, need] of needs) {
		const { store, sellable } = till.stock.level({ sku }).get();
		const obtainable = Math.min(need, store);
		if (obtainable > sellable) await till.stock.ensure({ sku, qty: obtainable }, { timeoutMs: waitAtCounterMs });
	}
}

/** Pays with points: once they are heard of they are fetched from wherever they are, then spent. False is a fine answer. */
export async function redeem(till: Till, { id, member, points }: Redemption): Promise<boolean> {
	const wait = { timeoutMs: waitForPointsMs };
	const account = till.members.account(member);
	const hasThem = () => account.when((now) => (now?.purses.points?.total ?? 0) >= points, wait);
	if (isLinked(till)) await hasThem().catch(() => {}); // then there are fewer
	await using _ = await till.members.checkIn(member, { expect: { points }, ...wait });
	const redemption = { member, purse: 'points', amount: points, reason: id } as const;
	return (await till.members.redeem(redemption, { idempotencyKey: id })).ok;
}
