import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRows } from '../../adapters/relay/rows.js';
import { startRelay } from '../../adapters/relay/start.js';
import { pause, seeded, until } from '../contract/check.js';
import { bundle, Child, temporaryFolder } from './child.js';
import { type Acknowledged, ledger, Till } from './relay-tills.js';

/**
 * A kill takes the process and leaves the kernel; that COMMIT syncs is SQLite's `synchronous=FULL`.
 *
 * TILLMESH_RELAY_KILLS=2000 for more, TILLMESH_SEED to see a run's delays again.
 */
const kills = Number(process.env.TILLMESH_RELAY_KILLS ?? 200);
const seed = Number(process.env.TILLMESH_SEED ?? Date.now() % 1_000_000);
const tillsCount = 3;

const folder = temporaryFolder();
let server: string;
beforeAll(() => {
	server = bundle(new URL('./relay-server.ts', import.meta.url));
});
afterAll(() => {
	rmSync(server);
	folder.remove();
});

/** Rows of each epoch on the relay's disk; `whole`: every one of them is read. */
async function stored(data: string, whole = true): Promise<Acknowledged> {
	const store = await openRows(join(data, 'relay.db'), 'verifier');
	const counts: Acknowledged = new Map();
	for (const { record, tip } of store.epochs()) {
		counts.set(record.id, tip.count);
		for (let at = whole ? 0 : Math.max(0, tip.count - 10); at < tip.count; ) {
			const run = store.runs(record.id, at, 1)[0];
			if (!run) throw new Error(`row ${at} of epoch ${record.id} is gone`);
			at = run.from + run.entries.length;
		}
	}
	await store.close();
	return counts;
}

function checkAll(acknowledged: Acknowledged, held: Acknowledged, when: string): void {
	for (const [epoch, count] of acknowledged)
		expect(held.get(epoch) ?? 0, `epoch ${epoch} ${when}`).toBeGreaterThanOrEqual(count);
}

/** One that nobody is beside. */
const left = (data: string) => ({ data, chain: 'chain', homes: [], free: false });

const rowsOf = (till: Till | undefined) => till?.replica.status().ledgers.reduce((all, { rows }) => all + rows, 0) ?? 0;

/** All of them meet at the relay, and see the same. */
async function current(tills: readonly Till[], url: string): Promise<void> {
	for (const till of tills) till.connect(url);
	const isEqual = () => new Set(tills.map(({ replica }) => replica.digest(ledger))).size === 1;
	await until(isEqual, 'the tills are equal', 30_000);
	await Promise.all(tills.map(({ replica }) => replica.sync.flush({ tier: 'store', timeoutMs: 30_000 })));
}

/** Whatever the relay has: seen by a till that meets nobody else, while the others are away. */
async function newcomerTo(url: string, tills: readonly Till[]): Promise<Till> {
	for (const till of tills) till.disconnect();
	// What was on its way to their disks when the lines went comes into their view yet.
	const digest = () => tills[0]?.replica.digest(ledger);
	const newcomer = await Till.open('newcomer', new Map());
	newcomer.connect(url);
	const sees = () => newcomer.replica.ledgers().includes(ledger) && newcomer.replica.digest(ledger) === digest();
	await until(sees, 'the newcomer sees what the tills see', 30_000);
	return newcomer;
}

const sum = (counts: Acknowledged): number => [...counts.values()].reduce((all, count) => all + count, 0);

async function closeAll(...tills: readonly Till[]): Promise<void> {
	for (const { replica } of tills) await replica.shutdown();
}

/** One relay's lives, and the tills that never stop selling to it. */
async function liveOn(lane: number, lives: number): Promise<{ rows: number; startMs: number }> {
	const random = seeded(seed + lane);
	const data = join(folder.path, `killed-${lane}`);
	const acknowledged: Acknowledged = new Map();
	const tills = await Promise.all(Array.from({ length: tillsCount }, (_, i) => Till.open(`till-${i}`, acknowledged)));
	const selling = tills.map((till) => till.sellOn(() => random() * 12));
	let startMs = 0;
	for (let life = 0; life < lives; life++) {
		const beganMs = performance.now();
		const child = new Child(server, [data]);
		const before = sum(acknowledged);
		// Every fifth is killed at any moment from its start, the others at any moment after they have acknowledged something.
		if (life % 5 === 0) await child.line('start');
		else {
			const url = (await child.line('open')).slice(5);
			startMs = Math.max(startMs, performance.now() - beganMs);
			for (const till of tills) till.connect(url);
			await until(() => sum(acknowledged) > before, `an acknowledgement in life ${life}`, 10_000);
		}
		await pause(random() ** 2 * (life % 5 === 0 ? 200 : 50));
		await child.kill();
		expect(child.errors).toBe('');
		for (const till of tills) till.disconnect();
		// Now and then the next relay finds what the killed one left; otherwise this process looks first.
		if (random() < 0.7) checkAll(acknowledged, await stored(data, life % 20 === 1), `after life ${life}`);
	}
	checkAll(acknowledged, await stored(data), 'at the end');
	for (const till of tills) till.rest();
	await Promise.all(selling);

	// What it never had time for comes when it is left alone, and a till that met nobody else sees it all.
	await using relay = await startRelay(left(data));
	await current(tills, relay.url);
	await closeAll(await newcomerTo(relay.url, tills), ...tills);
	return { rows: sum(acknowledged), startMs };
}

test(`SYN2 P33 ${kills} kills of a relay under load: no row that it acknowledged is ever missing (seed ${seed})`, {
	timeout: kills * 3_000,
}, async () => {
	// Most of a life is waiting: two relays beside each other.
	const lanes = await Promise.all([liveOn(0, Math.ceil(kills / 2)), liveOn(1, Math.floor(kills / 2))]);
	const rows = lanes.map((lane) => lane.rows);
	const slowest = Math.max(...lanes.map(({ startMs }) => startMs));
	console.log(
		`${kills} kills, ${rows.join(' + ')} acknowledged rows all there, slowest start ${slowest.toFixed(0)} ms`,
	);
});

test('P33 JRN11 a relay that lost its disk is rebuilt by its tills alone, also where they have dropped what a checkpoint covers', async () => {
	const data = join(folder.path, 'lost');
	const home = await Till.open('home', new Map(), { home: ['stock/*'], archive: false, segmentRows: 40 });
	const tills = [home, await Till.open('till-1', new Map()), await Till.open('till-2', new Map())];
	const first = await startRelay(left(data));
	for (let round = 0; round < 6; round++) {
		for (const till of tills) for (let i = 0; i < 10; i++) await till.sell();
		await current(tills, first.url);
		for (const { replica } of tills) await replica.tend({ compact: true });
	}
	await until(() => rowsOf(tills[1]) < 100, 'the tills have dropped rows');
	await first.close();
	rmSync(data, { recursive: true });
	await using second = await startRelay(left(data));
	await current(tills.slice(1), second.url);
	for (const till of tills.slice(1)) await till.sell();
	await current(tills.slice(1), second.url);
	await home.replica.shutdown();
	await closeAll(await newcomerTo(second.url, tills.slice(1)), ...tills.slice(1));
});

test('JRN8 a relay that comes back with an old copy of its disk is told what it lost, says so, and gets it back', async () => {
	const data = join(folder.path, 'restored');
	const tills = [await Till.open('till-1', new Map()), await Till.open('till-2', new Map())];
	const first = await startRelay(left(data));
	const listen = new URL(first.url).host;
	for (const till of tills) await till.sell();
	await current(tills, first.url);
	await first.close();
	cpSync(data, `${data}-backup`, { recursive: true });
	const second = await startRelay({ ...left(data), listen });
	for (const till of tills) for (let i = 0; i < 5; i++) await till.sell();
	await until(() => second.status().ledgers.entries === 14, 'all is there', 20_000);
	await second.close();
	rmSync(data, { recursive: true });
	cpSync(`${data}-backup`, data, { recursive: true });
	await using third = await startRelay({ ...left(data), listen });
	await until(() => third.status().ledgers.entries === 14, 'all is there again', 60_000);
	await until(() => third.status().alarms.some(({ code }) => code === 'restored_behind'), 'the alarm', 20_000);
	const alarm = third.status().alarms.find(({ code }) => code === 'restored_behind');
	expect(alarm).toMatchObject({ level: 'critical', params: { entries: expect.any(Number) } });
	expect(alarm?.params.entries).toBeGreaterThanOrEqual(10);
	await closeAll(...tills);
});
