/** What a sale through the shop costs: three lines, stock, points, a coupon, a tender, a receipt; in memory and on SQLite. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { memory } from '../adapters/storage-memory/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import type { StorageAdapter } from '../src/ports/index.js';
import { openTill, type Till } from '../src/till.js';
import { bareSqlite, each, rawDisk } from './disk-rounds.js';
import { median, quantile, round, rounds, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

const skus = Array.from({ length: 500 }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
const members = Array.from({ length: 200 }, (_, i) => `member-${i}`);

async function yes<T>(
	outcome: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }>,
): Promise<T> {
	const done = await outcome;
	if (!done.ok) throw new Error(done.message);
	return done.value;
}

export async function openShop(
	storage: StorageAdapter,
	sales: number,
): Promise<{ readonly till: Till; readonly sell: () => Promise<void> }> {
	const till = await openTill({
		chain: 'bench',
		store: 'sh-014',
		name: 'till-1',
		storage,
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		members: { secret: 'sixteen bytes or more' },
	});
	await yes(till.catalog.define(skus.map((sku) => ({ sku, name: sku }))));
	for (let at = 0; at < skus.length; at += 50) {
		const lines = skus.slice(at, at + 50).map((sku) => ({ sku, qty: 1_000_000 }));
		await yes(till.stock.receive({ document: `PO-${at}`, lines }, { idempotencyKey: `PO-${at}` }));
	}
	for (const id of members) await yes(till.members.register({ id }, { idempotencyKey: id }));
	const now = till.shop.nowMs();
	const [from, until] = [now - 1_000, now + 86_400_000].map((ms) => new Date(ms).toISOString()) as [string, string];
	const coupons = await yes(
		till.members.issueCoupons(
			{ campaign: 'autumn', count: sales, value: { off: 100 }, from, until },
			{ idempotencyKey: 'coupons' },
		),
	);
	let n = 0;
	const sell = async () => {
		const i = n++;
		const coupon = coupons[i];
		if (coupon === undefined) throw new TypeError('more sales than coupons');
		const lines = [0, 1, 2].map((k) => ({ sku: skus[(i * 7 + k * 131) % 500] as string, qty: 1, unitPrice: 1_850 }));
		const sale = till.checkout(
			{
				lines,
				member: members[i % members.length] as string,
				earn: 55,
				tenders: [
					{ kind: 'cash', amount: 5_450 },
					{ kind: 'coupon', coupon, amount: 100 },
				],
			},
			{ idempotencyKey: `sale-${i}` },
		);
		await yes(sale);
	};
	return { till, sell };
}

export async function checkout({ quick = false }: BenchOptions): Promise<Table> {
	const roundCount = quick ? 3 : 9;
	const [inMemory, durable] = quick ? [500, 100] : [2_000, 1_000];
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/checkout-');
	const bare = new DatabaseSync(`${folder}/bare.db`);
	const fast = await openShop(memory(), (roundCount + 1) * inMemory);
	const safe = await openShop(sqlite(`${folder}/till.db`), (roundCount + 1) * durable);
	const lines = [
		['memory', 'tillmesh: checkout, storage in memory', () => each(fast.sell, inMemory)],
		['raw', 'raw disk: 4 KiB appended, fdatasync', rawDisk(folder, durable)],
		['bare', 'bare SQLite FULL: 1 row', bareSqlite(bare, 1, durable)],
		['durable', 'tillmesh: checkout, on disk', () => each(safe.sell, durable)],
	] as const;
	const results = await rounds(
		lines.map(([, , run]) => run),
		roundCount,
		1,
	);
	for (const { till } of [fast, safe]) {
		if (till.replica.check().length > 0) throw new Error('the books do not balance');
		await till.shutdown();
	}
	bare.close();
	rmSync(folder, { recursive: true, force: true });
	const figures: Record<string, number> = {};
	const rows = lines.map(([key, what], i) => {
		const of = results[i] ?? [];
		const p50 = taken(of.map((times) => median(times)));
		const p99 = taken(of.map((times) => quantile(times, 0.99)));
		figures[`${key}P50Ms`] = round(p50.median);
		figures[`${key}P99Ms`] = round(p99.median);
		return [what, shown(p50, 3), shown(p99, 3)];
	});
	return {
		title: 'checkout: a sale through the shop',
		note: [
			'Milliseconds until the promise resolves: p50 and p99 of each round, median (least-most) of',
			`${roundCount} alternating rounds of ${inMemory} sales in memory and ${durable} on disk, all files on one disk. A sale: an`,
			'idempotency key, 3 lines of 500 SKUs off the stock, a member who earns points, a coupon of its own, cash, a receipt',
			'number, rights to refund each line; every index of the shop follows. Bare: the same driver, WAL, synchronous=FULL.',
		].join(' '),
		columns: ['what', 'p50, ms', 'p99, ms'],
		rows,
		figures,
	};
}
