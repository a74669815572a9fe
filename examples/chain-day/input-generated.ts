import {
	buildTicket,
	type ChainInput,
	type Delivery,
	inOrderOfTime,
	type Line,
	shelfKey,
	type Ticket,
} from './input.js';
import { type Chance, createChance } from './random.js';

export interface GenerateOptions {
	readonly seed: number;
	readonly days: number;
	/** Tickets of one outlet and day. */
	readonly tickets: number;
}

const outlets = ['3', '5', '8'];
const pastries = ['69', '70', '71', '72', '73'];
const pastryMinor = 350;
const members = 2000;
const opensAtMinute = 6 * 60 + 30;
const closesAtMinute = 20 * 60;

/**
 * Days of the shape that the real data has: three outlets, transaction numbers used again in every outlet and on every
 * day, half the customers members, pastries delivered short now and then or not counted at all, and some lines whose
 * amount is not quantity times price.
 */
export function generateInput({ seed, days, tickets: perDay }: GenerateOptions): ChainInput {
	const chance = createChance(seed).branch('input');
	const names = Array.from({ length: days }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10));
	const tickets: Ticket[] = [];
	const deliveries: Delivery[] = [];
	for (const day of names)
		for (const outlet of outlets) {
			const sold = Array.from({ length: perDay }, (_, i) => generateTicket(chance, outlet, day, i + 1));
			tickets.push(...sold);
			deliveries.push(...deliver(chance, outlet, day, sold));
		}
	return {
		source: `generated, seed ${seed}`,
		outlets,
		days: names,
		whole: true,
		tickets: inOrderOfTime(tickets),
		deliveries,
		expected: undefined,
	};
}

function generateTicket(chance: Chance, outlet: string, day: string, transaction: number): Ticket {
	const lines: Line[] = [generateDrink(chance)];
	if (chance.chance(0.1)) lines.push(generateDrink(chance));
	if (chance.chance(0.2)) lines.push({ product: chance.pick(pastries), quantity: 1, amountMinor: pastryMinor });
	const member = chance.chance(0.5) ? String(chance.between(1, members)) : undefined;
	const minute = chance.between(opensAtMinute, closesAtMinute);
	return buildTicket({ outlet, day, minute, member, lines }, String(transaction));
}

function generateDrink(chance: Chance): Line {
	const product = chance.between(22, 61);
	const quantity = chance.between(1, 2);
	const priceMinor = 200 + 25 * (product % 12);
	const amountMinor = chance.chance(0.005) ? priceMinor : quantity * priceMinor;
	return { product: String(product), quantity, amountMinor };
}

/** Mostly more than will be sold, sometimes too little, and one row in ten is missing. */
function deliver(chance: Chance, outlet: string, day: string, sold: readonly Ticket[]): Delivery[] {
	const quantities = new Map<string, number>();
	for (const { lines } of sold)
		for (const { product, quantity } of lines)
			quantities.set(shelfKey(day, product), (quantities.get(shelfKey(day, product)) ?? 0) + quantity);
	const deliveries: Delivery[] = [];
	for (const product of pastries) {
		if (chance.chance(0.1)) continue;
		const demand = quantities.get(shelfKey(day, product)) ?? 0;
		const quantity = Math.max(4, chance.chance(0.2) ? demand - chance.between(1, 3) : demand + chance.between(0, 9));
		deliveries.push({ outlet, day, product, quantity, waste: Math.max(0, quantity - demand) });
	}
	return deliveries;
}
