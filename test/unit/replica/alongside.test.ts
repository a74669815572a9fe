import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { type CommitOptions, openReplica, openTill, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { sqlite } from 'tillmesh/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTill as openInMemory, windowOf } from './window-world.js';

let folder: string;
let database: InstanceType<typeof DatabaseSync>;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'tillmesh-'));
	database = new DatabaseSync(join(folder, 'pos.db'));
	database.exec('PRAGMA journal_mode = WAL; CREATE TABLE loan (id TEXT PRIMARY KEY)');
});
afterEach(() => {
	database.close();
	rmSync(folder, { recursive: true });
});

const open = (): Promise<Replica> =>
	openReplica({ chain: 'c', name: 'till', keeps: ['loans/*', 'log/*'], storage: sqlite({ database }) });
const tools = (replica: Replica) => replica.ledger('loans/1').pool('tool');
const history = (replica: Replica) => replica.ledger('log/1').log<string>('history');
const told = (replica: Replica) =>
	history(replica)
		.all()
		.get()
		.map(({ value }) => value);
const rows = (): unknown[] =>
	database
		.prepare('SELECT id FROM loan')
		.all()
		.map((row) => (row as { id: string }).id);
const insert = (id: string) => (db: unknown) => (db as typeof database).exec(`INSERT INTO loan VALUES ('${id}')`);

async function lend(replica: Replica, id: string, options: CommitOptions = { alongside: insert(id) }) {
	return replica.commit((tx) => {
		tx.spend(tools(replica), 'steamer', 1);
		tx.append(history(replica), id);
	}, options);
}

test('JRN4 rows alongside and the commit are there together, over two ledgers, beside others of the same turn', async () => {
	let replica = await open();
	await replica.commit((tx) => tx.mint(tools(replica), 'steamer', 5, 'D'));
	const plain = lend(replica, 'plain', {});
	const beside = lend(replica, 'beside');
	const after = lend(replica, 'after', {});
	expect(rows()).toEqual(['beside']);
	expect((await beside).ok).toBe(true);
	expect(told(replica)).toEqual(['plain', 'beside']);
	await Promise.all([plain, after]);
	const digest = replica.digest('log/1');
	await replica.shutdown();
	replica = await open();
	expect([told(replica), rows(), replica.digest('log/1')]).toEqual([['plain', 'beside', 'after'], ['beside'], digest]);
	expect(tools(replica).mine('steamer')).toBe(2);
	await replica.shutdown();
});

test('JRN4 where it throws nothing is written, and the next commit goes through', async () => {
	let replica = await open();
	await replica.commit((tx) => tx.mint(tools(replica), 'steamer', 5, 'D'));
	await lend(replica, 'a');
	const again = lend(replica, 'b', { alongside: insert('a') });
	let nested: Promise<unknown> = Promise.resolve();
	const alongside = () => {
		nested = lend(replica, 'd').catch((error) => error);
	};
	const inside = lend(replica, 'c', { alongside });
	const next = lend(replica, 'e');
	await expect(again).rejects.toMatchObject({ code: 'work_failed', fatal: false });
	expect((await next).ok).toBe(true);
	await expect(inside).resolves.toMatchObject({ ok: true });
	expect(await nested).toMatchObject({ code: 'bad_argument' });
	expect([told(replica), rows(), tools(replica).mine('steamer')]).toEqual([['a', 'c', 'e'], ['a', 'e'], 2]);
	await replica.shutdown();
	replica = await open();
	expect([told(replica), tools(replica).mine('steamer')]).toEqual([['a', 'c', 'e'], 2]);
	await replica.shutdown();
});

test('ESC8 a key that comes back calls nothing', async () => {
	const replica = await open();
	await replica.commit((tx) => tx.mint(tools(replica), 'steamer', 5, 'D'));
	const options = { alongside: insert('a'), idempotencyKey: 'loan-1' };
	await lend(replica, 'a', options);
	expect(await lend(replica, 'a', options)).toMatchObject({ ok: true, replayed: true });
	expect([told(replica), rows()]).toEqual([['a'], ['a']]);
	await replica.shutdown();
});

test("ESC1 it waits for a transaction of the vendor's own, and decides after it", async () => {
	const replica = await open();
	await replica.commit((tx) => tx.mint(tools(replica), 'steamer', 1, 'D'));
	database.exec('BEGIN');
	const [first, second] = [lend(replica, 'a'), lend(replica, 'b')];
	await new Promise((resolve) => setTimeout(resolve, 20));
	database.exec('COMMIT');
	const outcomes = await Promise.all([first, second]);
	expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
	expect(rows()).toEqual(told(replica));
	expect(replica.check()).toEqual([]);
	await replica.shutdown();
});

test('a storage without a database, and a window, say that they cannot', async () => {
	const till = await openInMemory();
	const { window } = await windowOf(till);
	for (const replica of [till, window])
		await expect(
			replica.commit((tx) => tx.append(replica.ledger('stock/1').log('l'), 1), { alongside: () => {} }),
		).rejects.toMatchObject({ code: 'unavailable' });
	expect(till.ledger('stock/1').log('l').all().get()).toEqual([]);
	await till.shutdown();
});

test('a verb of the shop takes rows along', async () => {
	const shop = {
		chain: 'c',
		store: 'sh-1',
		name: 'till',
		zone: 'UTC',
		currency: { code: 'CNY', decimals: 2 },
	} as const;
	const till = await openTill({ ...shop, storage: sqlite({ database }) });
	const tea = [{ sku: 'TEA', name: 'Tea' }];
	await till.catalog.define(tea, { idempotencyKey: 'k', alongside: insert('TEA') });
	expect(rows()).toEqual(['TEA']);
	await expect(till.catalog.define(tea, { alongside: insert('TEA') })).rejects.toMatchObject({ code: 'work_failed' });
	await till.shutdown();
	const inMemory = await openTill({ ...shop, storage: memory() });
	await expect(inMemory.catalog.define(tea, { alongside: () => {} })).rejects.toMatchObject({ code: 'unavailable' });
	await inMemory.shutdown();
});
