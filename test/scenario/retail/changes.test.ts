import { DatabaseSync } from '@photostructure/sqlite';
import { defineModule } from 'tillmesh';
import { expect, test } from 'vitest';
import type { Change } from '../../../src/replica/changes.js';
import type { Replica } from '../../../src/replica/replica.js';
import { key, openShops } from './shops.js';

/** A vendor's database that follows: each document is a row, and its transaction keeps the cursor. */
class VendorDatabase {
	readonly #database = new DatabaseSync(':memory:');

	constructor() {
		this.#database.exec(
			'CREATE TABLE document (id TEXT PRIMARY KEY, kind TEXT, data TEXT); CREATE TABLE place (cursor TEXT); INSERT INTO place VALUES (NULL)',
		);
	}

	get cursor(): string | undefined {
		const row = this.#database.prepare('SELECT cursor FROM place').get() as { cursor: string | null };
		return row.cursor ?? undefined;
	}

	/** `dies` before its transaction ends: neither row nor cursor is there. */
	apply({ id, kind, data, cursor }: Change, dies: boolean): void {
		this.#database.exec('BEGIN');
		this.#database.prepare('INSERT INTO document VALUES (?, ?, ?)').run(id, kind, JSON.stringify(data));
		this.#database.prepare('UPDATE place SET cursor = ?').run(cursor);
		this.#database.exec(dies ? 'ROLLBACK' : 'COMMIT');
	}

	rows(): unknown[] {
		return this.#database.prepare('SELECT id, kind, data FROM document ORDER BY id').all();
	}
}

const visits = defineModule<{ came: number }>({
	name: 'acme.visits',
	version: 1,
	entries: {
		came: { schema: { '~standard': { validate: (value) => ({ value: value as number }) } }, ifUnknown: 'ignore' },
	},
});

test("a vendor's SQL follows from one till, then from another: equal rows after kills of either, cut lines and late tills", async () => {
	const shops = await openShops({ stores: 2, tillsPerStore: 2, keeps: ['desk/*'] });
	const { world } = shops;
	const [follower, fresh] = [new VendorDatabase(), new VendorDatabase()];
	let steps = 0;
	/** Dies now and then: before its transaction ends, or after it and before the next. */
	const follow = async (database: VendorDatabase, replica: Replica, isCalm = false) => {
		const controller = new AbortController();
		const { cursor: since } = database;
		const from = replica.changes({ signal: controller.signal, ...(since !== undefined && { since }) });
		const end = setTimeout(() => controller.abort(), 15);
		for await (const change of from) {
			const fate = isCalm ? 0 : ++steps % 9;
			database.apply(change, fate === 3);
			if (fate === 3 || fate === 7) break;
		}
		clearTimeout(end);
	};
	const replicaOf = (number: number) => world.machine(number).replica;
	let written = 0;
	const write = async (number: number) => {
		const till = shops.till(number);
		const came = await till.module(visits).write('came', `day-${written % 3}`, ++written, key());
		expect(came.ok).toBe(true);
	};

	for (let round = 0; round < 12; round++) {
		for (const number of [0, 1, 2, 3]) await write(number);
		if (round === 2) shops.isolate(3);
		if (round === 4) await world.crash(1);
		if (round === 6) await world.crash(0);
		if (round % 4 === 3) await shops.meet();
		else await world.advance(500);
		// One serves it for a while, then another one, that may have heard of less.
		for (let i = 0; i < 6; i++) await follow(follower, replicaOf(round < 6 ? 0 : 2));
	}
	await shops.meet();
	for (let i = 0; i < 12; i++) await follow(follower, replicaOf(1));
	await follow(follower, replicaOf(1), true);
	await follow(fresh, replicaOf(3), true);
	expect(follower.rows()).toHaveLength(written);
	expect(follower.rows()).toEqual(fresh.rows());
	expect(follower.cursor?.length).toBeLessThan(400);
});

test('S34 an ERP follows what is said of products: each word once, those that were replaced too, by whom, and which one counts', async () => {
	const shops = await openShops({ tillsPerStore: 2 });
	const { world } = shops;
	const [hq, store] = [shops.till(0).as('ada'), shops.till(1).as('bob')];
	const cup = (name: string) => ({ sku: 'CUP', name, policy: 'none' }) as const;
	await hq.catalog.define([cup('Cup'), { sku: 'TEA', name: 'Tea' }], { note: 'opening', ext: { 'erp.batch': 7 } });
	await hq.catalog.owners({ name: 'store' });
	await shops.meet();
	for (const number of [0, 1]) shops.isolate(number);
	for (const name of ['Mug', 'Bowl']) await hq.catalog.define([cup(name)]);
	await store.catalog.define([cup('Glass')]);
	await store.catalog.override('CUP', { name: 'Beaker' });
	await store.catalog.override('CUP', { reorder: { below: 1, upTo: 5 } });
	await store.stock.soldOut({ sku: 'CUP', is: true });
	await store.stock.soldOut({ sku: 'CUP', is: false });
	await store.approvals.setLimits('cashier', { 'order.refund': 5_000 });
	await shops.meet();

	type Word = { readonly cell: string; readonly key?: string; readonly value: unknown };
	const words: (Word & { readonly ledger: string; readonly stamp: string; readonly by: string })[] = [];
	const seen = new Set<string>();
	let since: string | undefined;
	/** One at a time, from whatever till is asked, over a kill. */
	for (let quiet = 0, n = 0; quiet < 3; n++) {
		if (n === 4) await world.crash(1);
		const controller = new AbortController();
		const end = setTimeout(() => controller.abort(), 15);
		quiet++;
		const from = world
			.machine(n % 2)
			.replica.changes({ signal: controller.signal, ...(since !== undefined && { since }) });
		for await (const { id, cursor, ledger, log, stamp, data } of from) {
			expect(seen.has(id)).toBe(false);
			seen.add(id);
			since = cursor;
			quiet = 0;
			if (log !== 'said') continue;
			const { said, by } = data as unknown as { readonly said: readonly Word[]; readonly by: string };
			for (const word of said) words.push({ ...word, ledger, stamp, by });
			break;
		}
		clearTimeout(end);
	}

	const of = (cell: string, ledger: string) => words.filter((word) => word.cell === cell && word.ledger === ledger);
	const cups = of('sku', 'catalog/chain').filter(({ key: sku }) => sku === 'CUP');
	expect(cups.map(({ value, by }) => `${(value as { readonly name: string }).name} ${by}`).sort()).toEqual([
		'Bowl ada',
		'Cup ada',
		'Glass bob',
		'Mug ada',
	]);
	expect(of('sku', 'stock/sh-1').map(({ value }) => value)).toEqual([
		{ name: 'Beaker' },
		{ name: 'Beaker', reorder: { below: 1, upTo: 5 } },
	]);
	expect(of('fields', 'catalog/chain').map(({ value }) => value)).toEqual([{ name: 'store' }]);
	expect(of('sold_out', 'stock/sh-1').map(({ value }) => (value as { readonly soldOut: boolean }).soldOut)).toEqual([
		true,
		false,
	]);
	expect(of('limits', 'desk/sh-1')).toMatchObject([{ key: 'cashier', by: 'bob', value: { 'order.refund': 5_000 } }]);
	const [last] = [...cups].sort((a, b) => (a.stamp < b.stamp ? 1 : -1));
	expect(hq.shop.cells('catalog/chain', 'sku').get('CUP')).toEqual(last?.value);
	expect(hq.catalog.sku('CUP')?.name).toBe('Beaker');
});
