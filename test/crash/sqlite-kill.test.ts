import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { openReplica } from 'tillmesh';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { pause, seeded } from '../contract/check.js';
import { countBatches } from './batches.js';
import { bundle, Child, temporaryFolder } from './child.js';

/**
 * A kill takes the process and leaves the kernel, so this proves order and atomicity; that COMMIT syncs is SQLite's own
 * `synchronous=FULL`, which the tests of the handle look at.
 *
 * TILLMESH_KILLS=2000 for more, TILLMESH_SEED to see a run's delays again.
 */
const kills = Number(process.env.TILLMESH_KILLS ?? 200);
const seed = Number(process.env.TILLMESH_SEED ?? Date.now() % 1_000_000);
const reopenMsMax = 1_000;

const folder = temporaryFolder();
let writer: string;
let lender: string;
beforeAll(() => {
	writer = bundle(new URL('./writer.ts', import.meta.url));
	lender = bundle(new URL('./lender.ts', import.meta.url));
});
afterAll(() => {
	rmSync(writer);
	rmSync(lender);
	folder.remove();
});

interface Life {
	readonly id: number;
	readonly confirmed: readonly number[];
}

/** Every fifth is killed at any moment from its start, the others while they write. */
async function live(path: string, id: number, random: () => number): Promise<Life & { openMs: number | undefined }> {
	const child = new Child(writer, [path, String(id)]);
	await child.line(id % 5 === 0 ? 'start' : 'open');
	await pause(random() ** 2 * 60);
	await child.kill();
	expect(child.errors).toBe('');
	const opened = child.lines.find((line) => line.startsWith('open'));
	return {
		id,
		confirmed: child.lines.filter((line) => /^\d+$/.test(line)).map(Number),
		openMs: opened === undefined ? undefined : Number(opened.slice(5)),
	};
}

test(`JRN3 JRN4 P7 ${kills} kills at random moments: nothing confirmed is lost, no batch is there by half, reopening takes under a second (seed ${seed})`, {
	timeout: kills * 3_000,
}, async () => {
	const random = seeded(seed);
	const path = join(folder.path, 'till.db');
	let confirmed = 0;
	let slowestMs = 0;
	let lives: Life[] = [];
	for (let id = 0; id < kills; id++) {
		const life = await live(path, id, random);
		slowestMs = Math.max(slowestMs, life.openMs ?? 0);
		lives.push(life);
		// Now and then the next writer finds what the killed one left; otherwise this process does.
		if (id < kills - 1 && random() < 0.3) continue;
		const startMs = performance.now();
		const storage = await sqlite(path).open('verifier');
		slowestMs = Math.max(slowestMs, performance.now() - startMs);
		const records = await storage.read('');
		for (const { id, confirmed: ids } of lives) {
			const count = countBatches(records, id);
			expect(ids, `life ${id}`).toEqual(ids.map((_, i) => i));
			expect(count, `batches of life ${id}`).toBeGreaterThanOrEqual(ids.length);
			confirmed += ids.length;
		}
		await storage.write({ puts: [], deletes: records.map(({ key }) => key) });
		await storage.close();
		lives = [];
	}
	console.log(`${kills} kills, ${confirmed} confirmed batches all there, slowest opening ${slowestMs.toFixed(0)} ms`);
	expect(confirmed).toBeGreaterThan(kills);
	expect(slowestMs).toBeLessThan(reopenMsMax);
});

test('JRN1 P28 a second process on one file is refused by name, and may have it once the first is killed', async () => {
	const path = join(folder.path, 'held.db');
	const first = new Child(writer, [path, '41']);
	await first.line('open');
	const second = new Child(writer, [path, '42']);
	await second.ended;
	expect(second.errors).toContain('AlreadyOpen');
	expect(second.errors).toContain('writer 41');
	expect(second.lines).toEqual(['start']);
	await expect(sqlite(path).open('here')).rejects.toMatchObject({
		code: 'already_open',
		retryable: true,
		holder: expect.stringMatching(/"writer 41" \(process \d+, since /),
	});
	await first.kill();
	const storage = await sqlite(path).open('successor');
	expect(countBatches(await storage.read(''), 41)).toBeGreaterThan(0);
	await storage.close();
});

const lenderKills = Math.ceil(kills / 5);
test(`JRN4 P7 ${lenderKills} kills of a till with rows of the vendor's alongside: both are there or neither (seed ${seed})`, {
	timeout: lenderKills * 3_000,
}, async () => {
	const random = seeded(seed + 1);
	const path = join(folder.path, 'pos.db');
	let confirmed = 0;
	for (let life = 0; life < lenderKills; life++) {
		const child = new Child(lender, [path, String(life)]);
		await child.line(life % 4 === 0 ? 'open' : '0');
		await pause(random() ** 2 * 100);
		await child.kill();
		expect(child.errors).toBe('');
		const database = new DatabaseSync(path);
		const replica = await openReplica({ chain: 'c', name: 'till', keeps: ['loans/1'], storage: sqlite({ database }) });
		const told = replica.ledger('loans/1').log<string>('history').all().get();
		// Every third was written without rows beside it.
		const lent = told.map(({ value }) => value).filter((id) => Number(id.split('/')[1]) % 3 !== 2);
		const rows = database.prepare('SELECT id FROM loan').all() as { id: string }[];
		expect(rows.map(({ id }) => id).sort()).toEqual([...lent].sort());
		const said = child.lines.filter((line) => /^\d+$/.test(line));
		for (const n of said) expect(lent).toContain(`${life}/${n}`);
		expect(lent.filter((id) => Number(id.split('/')[1]) % 5 === 4)).toEqual([]);
		confirmed += said.length;
		await replica.shutdown();
		database.close();
	}
	console.log(`${lenderKills} kills, ${confirmed} confirmed commits with the vendor's rows`);
	expect(confirmed).toBeGreaterThan(lenderKills);
});
