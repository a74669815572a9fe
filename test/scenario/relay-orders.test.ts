import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sqlite } from 'tillmesh/sqlite';
import { webSocket } from 'tillmesh/websocket';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRows } from '../../adapters/relay/rows.js';
import { pause, until } from '../contract/check.js';
import { bundle, Child } from '../crash/child.js';
import { bookedAt, folderOf, lineTo, ordersOfToday, pay, relayOf, tillOf, waitingAt } from './real-lines.js';

let server: string;
beforeAll(() => {
	server = bundle(new URL('../crash/relay-server.ts', import.meta.url));
});
afterAll(() => rmSync(server));

test("S1 a paid order whose acknowledgement was lost, sent again five times over cut lines, is one order and one charge: on the till, the other till and in the relay's home", async () => {
	const data = folderOf();
	const relay = await relayOf({ data, store: 'sh-014' });
	const line = await lineTo(relay.url, { delayMs: 40 });
	const till = await tillOf('till-1', [], { storage: sqlite(join(folderOf(), 'till.db')) });
	const other = await tillOf('till-2', [relay.url]);
	let unplug = till.addLink(webSocket(line.url));
	await until(() => till.sync.status.get().peers.some(({ inSync }) => inSync), 'the till is linked');

	const paid = await pay(till, 'A-1', 350);
	// The relay has it on disk; what it answers is on the line, and stays there.
	await until(() => bookedAt(other).orders === 1, 'the other till has it');
	line.cut();
	expect(waitingAt(till, 'store')).toBeGreaterThan(0);
	for (let i = 0; i < 5; i++) {
		const again = await pay(till, 'A-1', 350);
		expect(again).toMatchObject({ ok: true, replayed: true, commit: paid.ok && paid.commit });
		unplug();
		line.heal();
		const before = line.bytes.down;
		unplug = till.addLink(webSocket(line.url));
		// Cut later each time: in the upgrade, in the greeting, before the comparison.
		await until(() => line.bytes.down >= before + 100 * i + 1, 'the relay answers');
		line.cut();
		expect(waitingAt(till, 'store')).toBeGreaterThan(0);
	}
	unplug();
	line.heal();
	till.addLink(webSocket(line.url));
	await till.sync.flush({ tier: 'store', timeoutMs: 10_000 });
	await pay(till, 'A-2', 150);
	await until(() => bookedAt(other).orders === 2, 'the next one comes too');
	await until(() => till.digest(ordersOfToday) === other.digest(ordersOfToday), 'the tills are equal');
	const once = { orders: 2, different: 2, charged: 500 };
	expect([till, other].map(bookedAt)).toEqual([once, once]);
	await relay.close();
	const home = await tillOf('relay home', [], { storage: sqlite(join(data, 'home.db')), keeps: ['*/sh-014'] });
	expect(bookedAt(home)).toEqual(once);
});

/** How many rows a relay's disk has. */
async function rowsOn(data: string): Promise<number> {
	const store = await openRows(join(data, 'relay.db'), 'verifier');
	const rows = [...store.epochs()].reduce((sum, { tip }) => sum + tip.count, 0);
	await store.close();
	return rows;
}

test("SYN2 P33 `store` is said when the relay's disk has it: killed right after, it is there", async () => {
	const data = folderOf();
	const till = await tillOf('till-1', []);
	let entries = 0;
	for (let life = 0; life < 3; life++) {
		const child = new Child(server, [data]);
		const url = (await child.line('open')).slice(5);
		const unplug = till.addLink(webSocket(url));
		const paid = await pay(till, `A-${life}`, 100);
		if (!paid.ok) throw new Error(paid.message);
		await expect(paid.reached('store', { timeoutMs: 10_000 })).resolves.toMatchObject({ tier: 'store' });
		await child.kill();
		unplug();
		entries = till.status().ledgers.reduce((sum, { rows }) => sum + rows, 0);
		expect(await rowsOn(data)).toBe(entries);
		// Nobody is there: a sale is good all the same, and not at the store.
		const alone = await pay(till, `B-${life}`, 100);
		if (!alone.ok) throw new Error(alone.message);
		await expect(alone.reached('store', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'not_reached' });
	}
	expect(entries).toBe(6);
});

test('SYN2 P33 `hq` comes down through two relays; headquarters away for a while: sales wait, and none when it is back; two stores see each other through it', async () => {
	const hq = await relayOf({ data: folderOf(), role: 'hq', homes: [] });
	const lines = [await lineTo(hq.url), await lineTo(hq.url)] as const;
	const [a, b] = [
		await relayOf({ data: folderOf(), store: 'sh-014', homes: [], upstream: lines[0].url }),
		await relayOf({ data: folderOf(), store: 'sh-015', homes: [], upstream: lines[1].url }),
	];
	const [one, two] = [await tillOf('till-1', [a.url]), await tillOf('till-2', [b.url])];
	const first = await pay(one, 'A-1', 350);
	if (!first.ok) throw new Error(first.message);
	await first.reached('hq', { timeoutMs: 10_000 });
	await until(() => bookedAt(two).orders === 1, 'the other store has it', 10_000);
	await pay(two, 'B-1', 150);
	await until(() => bookedAt(one).orders === 2, 'and the other way', 10_000);
	await until(() => waitingAt(one, 'hq') + waitingAt(two, 'hq') === 0, 'all is at headquarters');

	for (const line of lines) line.cut();
	const away = await Promise.all(Array.from({ length: 20 }, (_, i) => pay(one, `A-${i + 2}`, 100)));
	await one.sync.flush({ tier: 'store', timeoutMs: 10_000 });
	for (const done of away.slice(0, 3))
		if (done.ok) await expect(done.reached('hq', { timeoutMs: 20 })).rejects.toMatchObject({ code: 'not_reached' });
	await pause(300);
	expect(waitingAt(one, 'hq')).toBe(20);
	expect(one.sync.status.get()).toMatchObject({ at: 'store', safeToPowerOff: true });
	expect(a.status().upstream).toMatchObject({ up: false, waiting: { entries: 20 } });
	expect(bookedAt(two).orders).toBe(2);

	for (const line of lines) line.heal();
	await one.sync.flush({ tier: 'hq', timeoutMs: 20_000 });
	expect(waitingAt(one, 'hq')).toBe(0);
	await until(() => a.status().upstream?.waiting.entries === 0, 'nothing waits at the relay');
	await until(() => one.digest(ordersOfToday) === two.digest(ordersOfToday), 'both stores are equal', 10_000);
	expect([one, two].map(bookedAt)).toEqual(Array(2).fill({ orders: 22, different: 22, charged: 2_500 }));
});
