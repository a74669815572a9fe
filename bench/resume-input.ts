/** A week of a coffee chain, as tills would book it. */
import { existsSync } from 'node:fs';
import { type ChainInput, earnedBy, type Ticket } from '../examples/chain-day/input.js';
import { readInput } from '../examples/chain-day/input-csv.js';
import { generateInput } from '../examples/chain-day/input-generated.js';

export const awayDays = 7;
/** Tills of a store that sell; those that are away come on top. */
export const sellers = 3;

/** The day that everybody sees, and the days after it. */
export function readWeek(quick: boolean): ChainInput {
	const folder = '../shared/data/coffee_chain';
	const days = 1 + (quick ? 1 : awayDays);
	return existsSync(folder) ? readInput(folder, days) : generateInput({ seed: 1, days, tickets: 450 });
}

/** What one till does with a ticket or a delivery. */
export interface Books {
	deliver(day: string, product: string, units: number): void | Promise<void>;
	/** `taken` is what comes off the shelf, by product. */
	sell(ticket: Ticket, taken: ReadonlyMap<string, number>, points: number): void | Promise<void>;
}

/** Every store's deliveries go to its tills in equal parts, and customers to one till after the other. */
export async function playDay(input: ChainInput, day: string, stores: ReadonlyMap<string, readonly Books[]>) {
	const shelf = new Map<Books, Map<string, number>>();
	const shelfOf = (till: Books) => shelf.get(till) ?? new Map<string, number>();
	for (const { outlet, product, quantity } of input.deliveries.filter((row) => row.day === day)) {
		const tills = stores.get(outlet) ?? [];
		for (const till of tills) {
			const units = Math.floor(quantity / tills.length);
			if (units === 0) continue;
			shelf.set(till, shelfOf(till).set(product, units));
			await till.deliver(day, product, units);
		}
	}
	const turns = new Map<string, number>();
	const working: (void | Promise<void>)[] = [];
	for (const ticket of input.tickets.filter((each) => each.day === day)) {
		const tills = stores.get(ticket.outlet) ?? [];
		const turn = turns.get(ticket.outlet) ?? 0;
		turns.set(ticket.outlet, turn + 1);
		const till = tills[turn % tills.length];
		if (!till) continue;
		working.push(till.sell(ticket, takeOff(shelfOf(till), ticket), earnedBy(ticket)));
		// A few customers at a time, so that commits share a seal now and then as they do in a shop.
		if (working.length >= 8) await Promise.all(working.splice(0));
	}
	await Promise.all(working);
}

/** What is counted and still on this till's part of the shelf; the rest is sold uncounted. */
function takeOff(left: Map<string, number>, ticket: Ticket): ReadonlyMap<string, number> {
	const taken = new Map<string, number>();
	for (const { product, quantity } of ticket.lines) {
		const units = left.get(product) ?? 0;
		if (units < quantity) continue;
		left.set(product, units - quantity);
		taken.set(product, (taken.get(product) ?? 0) + quantity);
	}
	return taken;
}
