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
