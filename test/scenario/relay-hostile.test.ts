import { rmSync } from 'node:fs';
import { openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { type Relay, startRelay } from 'tillmesh/relay';
import { webSocket } from 'tillmesh/websocket';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause, until } from '../contract/check.js';
import { bundle, Child, temporaryFolder } from '../crash/child.js';

const ledger = 'stock/sh-014';
const attackMs = 1_200;
/** How much later than without an attack a sale may come to the other till. */
const delayMsMax = 50;
/** A machine that is busy with other things only makes it later: the best of so many looks counts. */
const looks = 3;
/** Times that a sale waits for its turn on the way, each as late as a process that only sleeps. */
const turns = 8;

const folder = temporaryFolder();
let attackers: string;
let relay: Relay;
let [a, b]: Replica[] = [];

beforeAll(async () => {
	attackers = bundle(new URL('./relay-attackers.ts', import.meta.url));
	const limits = { requestsPerSecond: 20, messagesPerSecond: 50, unprovenMs: 2_000 };
	relay = await startRelay({ data: folder.path, chain: 'chain', homes: [], free: false, limits });
	const tillOf = (name: string) =>
		openReplica({ chain: 'chain', name, storage: memory(), keeps: ['stock/*'], links: [webSocket(relay.url)] });
	[a, b] = [await tillOf('till-1'), await tillOf('till-2')];
	await sell();
});
afterAll(async () => {
	rmSync(attackers);
	await a?.shutdown();
	await b?.shutdown();
	await relay.close();
	folder.remove();
});

const sold = (till: Replica | undefined): number =>
	till?.ledgers().includes(ledger) ? till.ledger(ledger).counter('sold').value.get() : 0;

/** Milliseconds until a sale of one till is seen by the other. */
async function sell(): Promise<number> {
	const before = performance.now();
	const done = await a?.commit((tx) => tx.add((a as Replica).ledger(ledger).counter('sold'), 1));
	expect(done?.ok).toBe(true);
	const all = sold(a);
	await until(() => sold(b) === all, 'the other till has the sale', 20_000);
	return performance.now() - before;
}

/** The slowest but one in a hundred. */
async function p99Ms(whileTrue: () => boolean): Promise<number> {
	const took: number[] = [];
	for (let i = 0; i < 1_000 && whileTrue(); i++) {
		took.push(await sell());
		await pause(5);
	}
	took.sort((x, y) => x - y);
	return took[Math.max(0, Math.ceil(took.length * 0.99) - 2)] ?? 0;
}

interface Look {
	/** How much slower a sale was than without the attack, less what a process that only sleeps was late for each turn. */
	readonly delayMs: number;
	readonly saw: readonly string[];
}

async function look(attack: string): Promise<Look> {
	const quietEnd = performance.now() + 400;
	const quietMs = await p99Ms(() => performance.now() < quietEnd);
	const bystander = new Child(attackers, [relay.url, 'bystander', String(attackMs)]);
	const child = new Child(attackers, [relay.url, attack, String(attackMs)]);
	await Promise.all([child.line('start'), bystander.line('start')]);
	let over = false;
	const done = child.line('done').finally(() => {
		over = true;
	});
	const underMs = await p99Ms(() => !over);
	const saw = Object.keys(JSON.parse((await done).slice(5)));
	const { lateMs } = JSON.parse((await bystander.line('done')).slice(5)) as { lateMs: number };
	await Promise.all([child.ended, bystander.ended]);
	expect(child.errors).toBe('');
	return { delayMs: underMs - quietMs - turns * lateMs, saw };
}

const untouched = () => relay.status().counters;

/** What the attacker must see, or the relay must have counted; of each at least one. */
const outcomes: readonly [attack: string, sees: RegExp | undefined, counted: RegExp | undefined][] = [
	['unknown', undefined, /^bad_frame$/],
	['early', /^bye not_allowed$|^closed/, /^unproved_frame$/],
	['large', /^closed 1009$/, undefined],
	['fragments', /^closed 1008$/, undefined],
	['bomb', /^no compression$/, undefined],
	['half', undefined, undefined],
	['origin', /403/, undefined],
	['replay', undefined, undefined],
	['requests', /^bye too_much$/, /^requests$/],
	['deaf', undefined, undefined],
	['updates', undefined, /^not_binary_content$/],
	['fork', undefined, /^fork$/],
	['signals', /^bye too_much$/, /^messages$/],
];

test.each(
	outcomes,
)('SYN4 hostile: %s is refused and counted, and other tills do not wait for it', async (attack, sees, counted) => {
	const before = untouched();
	const memoryBefore = process.memoryUsage().rss;
	let best = Number.POSITIVE_INFINITY;
	for (let i = 0; i < looks && best > delayMsMax; i++) {
		const { delayMs, saw } = await look(attack);
		best = Math.min(best, delayMs);
		if (sees)
			expect(
				saw.some((what) => sees.test(what)),
				`saw ${saw}`,
			).toBe(true);
		expect(saw).not.toContain('let in');
		expect(saw).not.toContain('believed');
	}
	const { rejected, limitCloses } = untouched();
	const grown = (now: Readonly<Record<string, number>>, then: Readonly<Record<string, number>>) =>
		Object.keys(now).filter((code) => (now[code] ?? 0) > (then[code] ?? 0));
	const codes = [...grown(rejected, before.rejected), ...grown(limitCloses, before.limitCloses)];
	if (counted)
		expect(
			codes.some((code) => counted.test(code)),
			`counted ${codes}`,
		).toBe(true);
	expect(best).toBeLessThanOrEqual(delayMsMax);
	expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(150 * 1024 * 1024);
	await until(() => relay.status().counters.connections <= 3, 'the attackers are gone');
	expect(a?.digest(ledger)).toBe(b?.digest(ledger));
});
