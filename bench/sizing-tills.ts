/** Tills as they come about: one that stocks and enrols everything, one that its members visit, one that sells for a month. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { memoryLink } from '../adapters/link-memory/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import type { ChainInput, Line } from '../examples/chain-day/input.js';
import { readInput } from '../examples/chain-day/input-csv.js';
import { generateInput } from '../examples/chain-day/input-generated.js';
import { openTill, type Till, type TillOptions } from '../src/till.js';

/** Beside the repository, which is where benches run. */
const receipts = resolve('../shared/data/coffee_chain');

export type Kept = NonNullable<NonNullable<TillOptions['keeps']>['members']>;

export const optionsOf = (file: string, members: Kept, store = 'sh-014', name = 'till-1'): TillOptions => ({
	chain: 'bench',
	store,
	name,
	storage: sqlite(file),
	zone: 'Asia/Shanghai',
	currency: { code: 'CNY', decimals: 2 },
	members: { secret: 'sixteen bytes or more' },
	keeps: { members },
});

export const sku = (i: number) => `SKU-${String(i).padStart(6, '0')}`;
const phoneOf = (i: number) => `1${String(i).padStart(10, '0')}`;

/** From the `from`th product to the one before `to`. */
export async function stock(till: Till, from: number, to: number): Promise<void> {
	const inSteps = async (step: number, run: (all: readonly number[]) => Promise<unknown>) => {
		for (let at = from; at < to; at += step)
			await run(Array.from({ length: Math.min(step, to - at) }, (_, i) => at + i));
	};
	await inSteps(1_000, (all) => till.catalog.define(all.map((i) => ({ sku: sku(i), name: `product ${i}` }))));
	const prices = Object.fromEntries(Array.from({ length: to - from }, (_, i) => [sku(from + i), 1_000 + from + i]));
	const since = new Date(till.shop.nowMs()).toISOString();
	const version = `v${from}`;
	await till.catalog.publish({ version, from: since, stores: 'all', prices }, { idempotencyKey: version });
	await inSteps(50, (all) => {
		const document = `PO-${all[0]}`;
		return till.stock.receive(
			{ document, lines: all.map((i) => ({ sku: sku(i), qty: 40 })) },
			{ idempotencyKey: document },
		);
	});
}

/** From the `from`th member to the one before `to`. */
export async function enrol(till: Till, from: number, to: number): Promise<void> {
	for (let at = from; at < to; at += 500)
		await Promise.all(
			Array.from({ length: Math.min(500, to - at) }, async (_, i) => {
				const n = at + i;
				const enrolled = await till.members.register({ phone: phoneOf(n) }, { idempotencyKey: `m-${n}` });
				if (!enrolled.ok) throw new Error(enrolled.message);
				await till.members.earn(
					{ member: enrolled.value, points: 100, source: 'opening' },
					{ idempotencyKey: `m-${n} points` },
				);
			}),
		);
}

/** A till that is new, keeps members as they come, and is linked to one that keeps everything: so many come. */
export async function receive(file: string, from: Till, visitors: number, members: number): Promise<void> {
	const till = await openTill({ ...optionsOf(file, 'visited', 'sh-014', 'till-2'), links: [] });
	const line = memoryLink();
	from.replica.addLink(line.a);
	till.replica.addLink(line.b);
	for (const ledger of ['stock/sh-014', 'catalog/chain'])
		while (till.replica.digest(ledger) !== from.replica.digest(ledger))
			await new Promise((resolve) => setTimeout(resolve, 50));
	for (let i = 0; i < visitors; i++) {
		const n = Math.floor((i * members) / visitors);
		const { found } = await till.members.find({ phone: phoneOf(n) }, { timeoutMs: 20_000 });
		if (!found) throw new Error(`member ${n} did not come`);
	}
	await till.replica.ledger('stock/sh-014').pool('goods').ensure(sku(1), 1, { timeoutMs: 20_000 });
	await till.shutdown();
}

/** The month where it lies beside the repository, otherwise days that were generated. */
export function month(quick: boolean): ChainInput {
	return existsSync(receipts)
		? readInput(receipts, quick ? 3 : 1_000)
		: generateInput({ seed: 20, days: 3, tickets: 120 });
}

/** What was taken for a line counts: what does not divide by the quantity comes off the whole line. */
function lineOf({ product, quantity, amountMinor }: Line) {
	const unitPrice = Math.ceil(amountMinor / quantity);
	const discount = unitPrice * quantity - amountMinor;
	return { sku: product, qty: quantity, unitPrice, ...(discount > 0 && { discount }) };
}

/** All receipts of one outlet, sold at one till; answers how many. */
export async function sell(till: Till, { tickets }: ChainInput, outlet: string): Promise<number> {
	const own = tickets.filter((ticket) => ticket.outlet === outlet);
	const products = new Set(own.flatMap(({ lines }) => lines.map(({ product }) => product)));
	await till.catalog.define([...products].map((id) => ({ sku: id, name: `product ${id}`, policy: 'none' as const })));
	for (let at = 0; at < own.length; at += 100)
		await Promise.all(
			own.slice(at, at + 100).map(async ({ id, day, lines, totalMinor }) => {
				const tenders = [{ kind: 'cash' as const, amount: totalMinor }];
				const sold = { lines: lines.map(lineOf), tenders, businessDate: day };
				const sale = await till.checkout(sold, { idempotencyKey: id });
				if (!sale.ok) throw new Error(`${id}: ${sale.message}`);
			}),
		);
	return own.length;
}
