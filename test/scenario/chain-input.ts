import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ChainInput, Expected } from '../../examples/chain-day/input.js';
import { readInput } from '../../examples/chain-day/input-csv.js';
import { generateInput } from '../../examples/chain-day/input-generated.js';

const folder = fileURLToPath(new URL('../../../shared/data/coffee_chain', import.meta.url));

/** The month where it lies beside the repository; otherwise generated days, whose figures are summed up here. */
export function monthOfTickets(): ChainInput & { readonly expected: Expected } {
	if (existsSync(folder)) {
		const input = readInput(folder, 1000);
		if (!input.expected) throw new Error(`${folder} has no expected.json`);
		return { ...input, expected: input.expected };
	}
	console.warn(`The month's receipts are not at ${folder}: generated days stand in for them.`);
	const input = generateInput({ seed: 20, days: 3, tickets: 120 });
	return { ...input, expected: expectedOf(input) };
}

function expectedOf({ tickets }: ChainInput): Expected {
	const totalByOutletDay: Record<string, number> = {};
	const totalByOutlet: Record<string, number> = {};
	const ticketsByOutlet: Record<string, number> = {};
	let totalMinor = 0;
	for (const { outlet, day, lines } of tickets) {
		ticketsByOutlet[outlet] = (ticketsByOutlet[outlet] ?? 0) + 1;
		for (const { amountMinor } of lines) {
			totalByOutletDay[`${outlet}|${day}`] = (totalByOutletDay[`${outlet}|${day}`] ?? 0) + amountMinor;
			totalByOutlet[outlet] = (totalByOutlet[outlet] ?? 0) + amountMinor;
			totalMinor += amountMinor;
		}
	}
	return { totalByOutletDay, totalByOutlet, ticketsByOutlet, tickets: tickets.length, totalMinor };
}
