/** What a durable checkout costs, one and fifty at a time, beside a bare SQLite commit and the disk itself. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openReplica, type Replica } from '../src/index.js';
import type { StorageAdapter } from '../src/ports/index.js';
import { bareSqlite, type Database, each, type Round, rawDisk, rowBytes } from './disk-rounds.js';
import { median, quantile, round, rounds, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

const together = 50;

interface Shop {
	readonly replica: Replica;
	/** Three lines off the stock, points to the member, the ticket to the log: three ledgers, one commit. */
	readonly checkout: () => Promise<void>;
}

export async function openShop(storage: StorageAdapter): Promise<Shop> {
	const replica = await openReplica({
		chain: 'bench',
		name: 'till-1',
		storage,
		keeps: ['stock/*', 'members/*', 'orders/*'],
	});
	return { replica, checkout: await sellerOf(replica) };
}

/** Receives 500 SKUs at a till, and answers how it sells one ticket after the other. Documents of two tills need other names. */
export async function sellerOf(replica: Replica, prefix = ''): Promise<Shop['checkout']> {
	const stock = replica.ledger('stock/sh-014').pool('stock');
	const points = replica.ledger('members/sh-014').pool('points');
	const tickets = replica
		.ledger('orders/sh-014')
		.log<{ lines: { sku: string; qty: number; minor: number }[] }>('tickets');
	const skus = Array.from({ length: 500 }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
	for (let at = 0; at < skus.length; at += 100)
		await replica.commit((tx) => {
			for (const sku of skus.slice(at, at + 100)) tx.mint(stock, sku, 1_000_000, `${prefix}delivery-1`);
		});
	let ticket = 0;
	return async () => {
		const n = ticket++;
		const lines = [0, 1, 2].map((i) => ({ sku: skus[(n * 7 + i * 131) % 500] as string, qty: 1, minor: 1_850 }));
		const outcome = await replica.commit((tx) => {
			for (const { sku, qty } of lines) tx.spend(stock, sku, qty);
			tx.mint(points, `member-${n % 1000}`, 55, `${prefix}ticket-${n}`);
			tx.append(tickets, { lines });
		});
		if (!outcome.ok) throw new Error(outcome.message);
	};
}

async function inGroups(checkout: () => Promise<void>, count: number): Promise<number[]> {
	const times: number[] = [];
	for (let i = 0; i < count; i++) {
		const start = performance.now();
		await Promise.all(Array.from({ length: together }, checkout));
		times.push(performance.now() - start);
	}
	return times;
}

export async function commit({ quick = false }: BenchOptions): Promise<Table> {
	const roundCount = quick ? 3 : 9;
	const singles = quick ? 100 : 400;
	const groups = quick ? 20 : 100;
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/commit-');
	// Held until the end: a statement does not keep its database from being collected.
	const bare = [1, together].map((rowsEach) => new DatabaseSync(`${folder}/bare-${rowsEach}.db`)) as [
		Database,
		Database,
	];
	const one = await openShop(sqlite(`${folder}/one.db`));
	const fifty = await openShop(sqlite(`${folder}/fifty.db`));
	const lines: readonly (readonly [key: string, what: string, run: Round, commits: number])[] = [
		['raw', 'raw disk: 4 KiB appended, fdatasync', rawDisk(folder, singles), 1],
		['bare', 'bare SQLite FULL: 1 row', bareSqlite(bare[0], 1, singles), 1],
		['checkout', 'tillmesh: 1 checkout', () => each(one.checkout, singles), 1],
		['bareFifty', `bare SQLite FULL: ${together} rows`, bareSqlite(bare[1], together, groups), together],
		['fifty', `tillmesh: ${together} checkouts at once`, () => inGroups(fifty.checkout, groups), together],
	];
	const results = await rounds(
		lines.map(([, , run]) => run),
		roundCount,
		1,
	);
	for (const { replica } of [one, fifty]) {
		if (replica.check().length > 0) throw new Error('the books do not balance');
		await replica.shutdown();
	}
	for (const database of bare) database.close();
	rmSync(folder, { recursive: true, force: true });
	const figures: Record<string, number> = {};
	const rows = lines.map(([key, what, , commits], i) => {
		const of = results[i] ?? [];
		const p50 = taken(of.map((times) => median(times)));
		const p99 = taken(of.map((times) => quantile(times, 0.99)));
		figures[`${key}P50Ms`] = round(p50.median);
		figures[`${key}P99Ms`] = round(p99.median);
		figures[`${key}PerSecond`] = round((commits * 1000) / p50.median, 0);
		return [what, shown(p50, 3), shown(p99, 3), Math.round((commits * 1000) / p50.median)];
	});
	return {
		title: 'commit: durable checkouts on SQLite',
		note: [
			`Milliseconds until it is on disk: p50 and p99 of each round, median (least-most) of ${roundCount} alternating rounds of ${singles}`,
			`single commits or ${groups} groups, all files on one disk. A checkout spends 3 SKUs, mints points for a member and appends`,
			'the ticket: three ledgers, three rows with checksums and a tally, all or none. Bare: the same driver, WAL and',
			`synchronous=FULL, one transaction of rows of ${rowBytes} bytes. Checkouts at once: 50 \`commit\` calls in one turn, timed until the last is durable.`,
		].join(' '),
		columns: ['what', 'p50, ms', 'p99, ms', 'a second at p50'],
		rows,
		figures,
	};
}
