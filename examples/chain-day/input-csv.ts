import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCsv } from './csv.js';
import {
	BadInput,
	buildTicket,
	type ChainInput,
	type Delivery,
	type Expected,
	inOrderOfTime,
	type Line,
	type Ticket,
} from './input.js';

/** The first `days` days of a folder with `sales_receipts.csv`, `pastry_inventory.csv` and, maybe, `expected.json`. */
export function readInput(folder: string, days: number): ChainInput {
	const tickets = readTickets(folder);
	if (tickets.length === 0) throw new BadInput(`${folder} has no sales.`);
	const allDays = [...new Set(tickets.map((ticket) => ticket.day))].sort();
	const played = new Set(allDays.slice(0, days));
	const outlets = [...new Set(tickets.map((ticket) => ticket.outlet))].sort((a, b) => a.localeCompare(b));
	return {
		source: folder,
		outlets,
		days: [...played],
		whole: played.size === allDays.length,
		tickets: inOrderOfTime(tickets.filter((ticket) => played.has(ticket.day))),
		deliveries: readDeliveries(folder).filter((row) => played.has(row.day)),
		expected: readExpected(folder),
	};
}

function readTable(folder: string, file: string): ((column: string) => string)[] {
	let text: string;
	try {
		text = readFileSync(join(folder, file), 'utf8');
	} catch {
		throw new BadInput(`Cannot read ${file} in ${folder}.`);
	}
	return parseCsv(text, file).map((row, i) => (column) => {
		const value = row.get(column);
		if (value === undefined) throw new BadInput(`${file}, record ${i + 2}: no column "${column}".`);
		return value;
	});
}

function readTickets(folder: string): Ticket[] {
	const open = new Map<string, { first: (column: string) => string; lines: Line[] }>();
	for (const row of readTable(folder, 'sales_receipts.csv')) {
		const id = `${row('sales_outlet_id')}|${row('transaction_date')}|${row('transaction_id')}`;
		const ticket = open.get(id) ?? { first: row, lines: [] };
		open.set(id, ticket);
		ticket.lines.push({
			product: row('product_id'),
			quantity: readWhole(row('quantity'), 'quantity'),
			amountMinor: readMinor(row('line_item_amount')),
		});
	}
	return [...open.values()].map(({ first, lines }) => {
		const [hours = '', minutes = ''] = first('transaction_time').split(':');
		const member = first('customer_id');
		const parts = {
			outlet: first('sales_outlet_id'),
			day: first('transaction_date'),
			minute: readWhole(hours, 'hour') * 60 + readWhole(minutes, 'minute'),
			member: member === '0' || member === '' ? undefined : member,
			lines,
		};
		return buildTicket(parts, first('transaction_id'));
	});
}

function readDeliveries(folder: string): Delivery[] {
	return readTable(folder, 'pastry_inventory.csv').map((row) => ({
		outlet: row('sales_outlet_id'),
		day: readUsDate(row('transaction_date')),
		product: row('product_id'),
		quantity: readWhole(row('start_of_day'), 'start_of_day'),
		waste: readWhole(row('waste'), 'waste'),
	}));
}

function readExpected(folder: string): Expected | undefined {
	const file = join(folder, 'expected.json');
	if (!existsSync(file)) return undefined;
	try {
		return checkExpected(JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		throw new BadInput(`${file} does not hold the figures that are expected.`);
	}
}

function checkExpected(found: Record<string, unknown>): Expected {
	const figure = (value: unknown): number => {
		if (typeof value !== 'number') throw new TypeError('a figure is no number');
		return value;
	};
	const figures = (value: unknown) =>
		Object.fromEntries(Object.entries(value as object).map(([key, of]) => [key, figure(of)]));
	return {
		totalByOutletDay: figures(found.total_by_outlet_day),
		totalByOutlet: figures(found.total_by_outlet),
		ticketsByOutlet: figures(found.tickets_by_outlet),
		tickets: figure(found.tickets),
		totalMinor: figure(found.total),
	};
}

function readWhole(text: string, what: string): number {
	if (!/^\d{1,9}$/.test(text)) throw new BadInput(`${what}: expected a whole number, got "${text}".`);
	return Number(text);
}

/** Decimals as text, so that no cent passes through a binary fraction. */
function readMinor(text: string): number {
	const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text);
	if (!match) throw new BadInput(`line_item_amount: expected an amount with at most two decimals, got "${text}".`);
	return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** `4/1/2019` is the first of April. */
function readUsDate(text: string): string {
	const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
	if (!match) throw new BadInput(`transaction_date: expected month/day/year, got "${text}".`);
	const [, month = '', day = '', year] = match;
	return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
