/** What a durable checkout costs, one and fifty at a time, beside a bare SQLite commit and the disk itself. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { bareSqlite, type Database, each, type Round, rawDisk, rowBytes } from './disk-rounds.js';
import { countSyncs } from './guard/syncs.js';
import { openShop } from './ledger-shop.js';
import { median, quantile, round, rounds, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

const together = 50;

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
	// The slowest hundredth of 400 is four: another one in each run.
	const singles = quick ? 100 : 2_000;
	const groups = quick ? 20 : 200;
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
	const syncs = await countSyncs(folder);
	rmSync(folder, { recursive: true, force: true });
	const figures: Record<string, number> = { ...syncs };
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
			`Syncs, counted by commits of the database: ${syncs.commitSyncs} a checkout, ${syncs.fiftySyncs} for 50 at once.`,
		].join(' '),
		columns: ['what', 'p50, ms', 'p99, ms', 'a second at p50'],
		rows,
		figures,
	};
}
