import { createServer } from 'node:http';
import { DatabaseSync } from '@photostructure/sqlite';
import { openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { webSocket } from '../../../adapters/link-websocket/index.js';
import { type Relay, type RelayOptions, startRelay } from '../../../adapters/relay/index.js';
import { openRows } from '../../../adapters/relay/rows.js';
import { encodeFrame } from '../../../src/sync/frames.js';
import { until } from '../../contract/check.js';
import { temporaryFolder } from '../../crash/child.js';
import { type Acknowledged, Till } from '../../crash/relay-tills.js';
import { SpokenChannel } from '../../scenario/spoken-channel.js';

const ledger = 'stock/sh-014';
let folder: ReturnType<typeof temporaryFolder>;
const open: { close(): Promise<unknown> }[] = [];
beforeEach(() => {
	folder = temporaryFolder();
});
afterEach(async () => {
	for (const each of open.splice(0).reverse()) await each.close();
	folder.remove();
});

async function relayOf(options: Partial<RelayOptions> = {}): Promise<Relay> {
	const relay = await startRelay({
		data: `${folder.path}/relay`,
		chain: 'chain',
		free: false,
		...(options.store === undefined && { homes: [] }),
		...options,
	});
	open.push(relay);
	return relay;
}

async function tillOf(name: string, url: string, keeps: readonly string[] = ['stock/*']): Promise<Replica> {
	const till = await openReplica({ chain: 'chain', name, storage: memory(), keeps, links: [webSocket(url)] });
	open.push({ close: () => till.shutdown() });
	return till;
}

const sell = async (till: Replica, of = ledger) => {
	const done = await till.commit((tx) => tx.add(till.ledger(of).counter('sold'), 1));
	if (!done.ok) throw new Error(done.message);
	return done;
};
function knock(url: string): Promise<string> {
	const socket = new WebSocket(url, 'tillmesh.2');
	return new Promise((resolve) => {
		socket.once('error', ({ message }) => resolve(message));
		socket.once('open', () => {
			socket.terminate();
			resolve('open');
		});
	});
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await until(() => server.listening, 'listening');
	const { port } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}

const sold = (till: Replica, of = ledger) => till.ledger(of).counter('sold').value.get();

test('SYN2 a sale is at the store when the relay has it on disk, and comes to the other till; its status says so', async () => {
	const relay = await relayOf({ store: 'sh-014', homes: [] });
	const [a, b] = [await tillOf('till-1', relay.url), await tillOf('till-2', relay.url)];
	const done = await sell(a);
	await done.reached('store', { timeoutMs: 5_000 });
	await until(() => sold(b) === 1, 'the other till has it');
	const status = relay.status();
	expect(status).toMatchObject({ role: 'store', store: 'sh-014', chain: 'chain', listening: true, disk: { ok: true } });
	expect(status.peers.map(({ name, online }) => ({ name, online }))).toEqual([
		{ name: 'till-1', online: true },
		{ name: 'till-2', online: true },
	]);
	expect(status.ledgers).toMatchObject({ count: 1, entries: 2 });
	expect(status.counters).toMatchObject({ connections: 2, connectionsAccepted: 2, entriesIn: 2, rejected: {} });
	expect(status.counters.fsyncs).toBeGreaterThan(0);
	expect(status.alarms).toEqual([]);
});

test('JRN1 one process has the folder; a port that is taken is a failure of its own, and leaves the folder free', async () => {
	const relay = await relayOf();
	await expect(relayOf()).rejects.toMatchObject({ code: 'already_open' });
	const taken = createServer().listen(0, '127.0.0.1');
	open.push({ close: () => new Promise((resolve) => taken.close(resolve)) });
	await until(() => taken.listening, 'listening');
	const { port } = taken.address() as { port: number };
	const other = { data: `${folder.path}/other`, listen: `127.0.0.1:${port}` };
	await expect(relayOf(other)).rejects.toMatchObject({ code: 'listen_failed', retryable: true });
	await (await relayOf({ data: other.data })).close();
	await relay.close();
	await expect(relayOf({ chain: 'another' })).rejects.toMatchObject({ code: 'wrong_chain' });
	await relayOf();
});

test.each([
	['options.data', { data: '' }],
	['options.chain', { chain: '' }],
	['options.listen', { listen: '7443' }],
	['options.listen', { listen: 'here:70000' }],
	['options.role', { role: 'till' as 'hq' }],
	['options.limits.speed', { limits: { speed: 1 } as object }],
	['options.limits.connections', { limits: { connections: 0 } }],
	['options.tls', { tls: { cert: 'none', key: 'none' } }],
	['options.server', { server: { listening: false, address: () => null } }],
	['options.upstream[0]', { upstream: 'http://hq' }],
])('an option that does not fit is named: %s', async (path, options) => {
	await expect(relayOf(options)).rejects.toMatchObject({ code: 'bad_argument', path });
	await relayOf();
});

test("a relay in somebody else's HTTP server takes its upgrades, and leaves its requests and its closing alone", async () => {
	const server = createServer((_, response) => response.end('mine'));
	open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const relay = await relayOf({ server });
	const [a, b] = [await tillOf('till-1', relay.url), await tillOf('till-2', relay.url)];
	await (await sell(a)).reached('store', { timeoutMs: 5_000 });
	await until(() => sold(b) === 1, 'the other till has it');
	const page = relay.url.replace('ws', 'http');
	expect(await (await fetch(page)).text()).toBe('mine');
	await relay.close();
	expect(await (await fetch(page)).text()).toBe('mine');
	await until(() => a.status().peers.length === 0, 'its lines are ended');
});

test('SYN4 what the relay acknowledged it serves after a restart to a till that was not there', async () => {
	const first = await relayOf({ listen: '127.0.0.1:0' });
	const a = await tillOf('till-1', first.url);
	for (let i = 0; i < 20; i++) await (await sell(a)).reached('store', { timeoutMs: 5_000 });
	await a.shutdown();
	await first.close();
	const again = await relayOf();
	expect(again.status().peers).toMatchObject([{ name: 'till-1', online: false }]);
	const b = await tillOf('till-2', again.url);
	await until(() => b.ledgers().includes(ledger) && sold(b) === 20, 'all twenty');
	expect(again.status().ledgers.entries).toBe(21);
});

test('SYN2 hq: what a store relay passes up is acknowledged down; a store gets of headquarters what its tills keep', async () => {
	const hq = await relayOf({ data: `${folder.path}/hq`, role: 'hq' });
	const store = await relayOf({ upstream: hq.url, store: 'sh-014', homes: [] });
	const office = await tillOf('office', hq.url, ['catalog/*', 'other/*']);
	const a = await tillOf('till-1', store.url, ['stock/*', 'catalog/*']);
	await (await sell(a)).reached('hq', { timeoutMs: 5_000 });
	await sell(office, 'other/x');
	await sell(office, 'catalog/main');
	await until(() => a.ledgers().includes('catalog/main') && sold(a, 'catalog/main') === 1, 'the catalogue comes down');
	expect(hq.status().ledgers.count).toBe(3);
	expect(store.status().ledgers.count).toBe(2);
	const above = () => store.status().upstream;
	await until(() => above()?.up === true && above()?.waiting.entries === 0, 'nothing waits to go up');
	expect(above()?.waiting).toEqual({ entries: 0, bytes: 0, oldestMs: undefined });
	await hq.close();
	await store.close();
	const again = await relayOf({ upstream: hq.url, store: 'sh-014', homes: [] });
	expect(again.status().upstream, 'what had got there before').toMatchObject({ up: false, waiting: { entries: 0 } });
});

test('S19 a store sells for days without headquarters, restarts, and sends all of it when the line is there', async () => {
	const listen = `127.0.0.1:${await freePort()}`;
	const upstream = `ws://${listen}`;
	const first = await relayOf({ upstream, store: 'sh-014', homes: [] });
	const a = await tillOf('till-1', first.url);
	for (let i = 0; i < 30; i++) await sell(a);
	await a.sync.flush({ tier: 'store', timeoutMs: 5_000 });
	expect(first.status().upstream).toMatchObject({ up: false, lastSeenMs: undefined, waiting: { entries: 31 } });
	await first.close();
	const store = await relayOf({ upstream, store: 'sh-014', homes: [] });
	await a.shutdown();
	const hq = await relayOf({ data: `${folder.path}/hq`, role: 'hq', listen });
	await until(() => hq.status().ledgers.entries === 31, 'headquarters has all', 10_000);
	await until(() => store.status().upstream?.waiting.entries === 0, 'nothing waits', 10_000);
});

test('ESC1 the home beside the relay keeps shares at rest and grants them to a till; the page says who has how much', async () => {
	const relay = await relayOf({ store: 'sh-014' });
	const [a, b] = [await tillOf('till-1', relay.url), await tillOf('till-2', relay.url)];
	const cups = (till: Replica) => till.ledger(ledger).pool('stock');
	const minted = await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 100, 'delivery-1'));
	if (!minted.ok) throw new Error(minted.message);
	await minted.reached('store', { timeoutMs: 5_000 });
	await until(() => b.ledgers().includes(ledger), 'till-2 has heard of it');
	expect(await cups(b).ensure('CUP-L', 3, { timeoutMs: 5_000 })).toBeGreaterThanOrEqual(3);
	await until(() => relay.status().sharesAtRest.length > 0, 'the home has it in view');
	const [share] = relay.status().sharesAtRest;
	expect(share).toMatchObject({ ledger, pool: 'stock/CUP-L' });
	expect((share?.atRest ?? 0) + (share?.elsewhere ?? 0)).toBe(100);
	expect(relay.status().peers.map(({ name }) => name)).toEqual(['till-1', 'till-2']);
});

test('JRN11 what headquarters has too, the home writes a checkpoint of; a newcomer needs little more than that', async () => {
	const hq = await relayOf({ data: `${folder.path}/hq`, role: 'hq' });
	const store = await relayOf({ upstream: hq.url, store: 'sh-014' });
	const a = await tillOf('till-1', store.url);
	for (let i = 0; i < 300; i++) await sell(a);
	await a.sync.flush({ tier: 'hq', timeoutMs: 10_000 });
	await until(
		() => a.status().ledgers.some(({ checkpoint }) => checkpoint),
		'the till has adopted a checkpoint',
		10_000,
	);
	const b = await tillOf('till-2', store.url);
	await until(() => b.ledgers().includes(ledger) && b.digest(ledger) === a.digest(ledger), 'till-2 sees the same');
	expect(b.status().ledgers[0]).toMatchObject({ checkpoint: true });
	await store.close();
	const again = await relayOf({ store: 'sh-014' });
	const c = await tillOf('till-3', again.url);
	await until(() => c.ledgers().includes(ledger) && c.digest(ledger) === a.digest(ledger), 'till-3 sees the same');
	expect(c.status().ledgers[0]).toMatchObject({ checkpoint: true });
});

test('SYN2 a relay that stops under load acknowledges nothing that is not on disk, and says goodbye', async () => {
	const relay = await relayOf();
	const acknowledged: Acknowledged = new Map();
	const tills = await Promise.all(['till-1', 'till-2'].map((name) => Till.open(name, acknowledged)));
	for (const till of tills) {
		open.push({ close: () => till.replica.shutdown() });
		till.connect(relay.url);
	}
	const selling = tills.map((till) => till.sellOn(() => 0));
	await until(() => [...acknowledged.values()].some((count) => count > 50), 'under load');
	await relay.close();
	for (const till of tills) till.rest();
	await Promise.all(selling);
	await expect(fetch(relay.url.replace('ws', 'http'))).rejects.toThrow();
	const store = await openRows(`${folder.path}/relay/relay.db`, 'verifier');
	const held = new Map([...store.epochs()].map(({ record, tip }) => [record.id, tip.count]));
	await store.close();
	expect(acknowledged.size).toBe(2);
	for (const [epoch, count] of acknowledged) expect(held.get(epoch)).toBeGreaterThanOrEqual(count);
	await relay.close();
});

test('JRN5 a relay whose disk fails acknowledges nothing more and says so', async () => {
	const relay = await relayOf();
	const a = await tillOf('till-1', relay.url);
	await (await sell(a)).reached('store', { timeoutMs: 5_000 });
	const page = relay.url.replace('ws', 'http');
	expect((await fetch(`${page}/healthz`)).status).toBe(200);
	const other = new DatabaseSync(`${folder.path}/relay/relay.db`);
	other.exec('DROP TABLE run');
	other.close();
	const late = await sell(a);
	await expect(late.reached('store', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'not_reached' });
	await until(() => !relay.status().disk.ok, 'the failure is known');
	expect(relay.status().alarms).toMatchObject([{ code: 'disk_failed', level: 'critical' }]);
	expect((await fetch(`${page}/healthz`)).status).toBe(503);
	await expect(late.reached('store', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'not_reached' });
});

test('a record that does not read back stops the relay with an alarm, and nothing else', async () => {
	const relay = await relayOf();
	const a = await tillOf('till-1', relay.url);
	for (let i = 0; i < 5; i++) await (await sell(a)).reached('store', { timeoutMs: 5_000 });
	const other = new DatabaseSync(`${folder.path}/relay/relay.db`);
	other.exec('UPDATE run SET entries = zeroblob(length(entries)) WHERE seq = 3');
	other.close();
	await tillOf('till-2', relay.url);
	await until(() => !relay.status().disk.ok, 'the failure is known');
	expect(relay.status().alarms).toMatchObject([
		{ code: 'disk_failed', params: { reason: expect.stringContaining('damaged') } },
	]);
	expect(relay.status()).toMatchObject({ listening: false });
});

test('a connection that floods is closed and counted; the others do not notice', async () => {
	const relay = await relayOf({ limits: { requestsPerSecond: 5, unprovenMs: 200, connectionsPerSecond: 5 } });
	const [a, b] = [await tillOf('till-1', relay.url), await tillOf('till-2', relay.url)];
	await (await sell(a)).reached('store', { timeoutMs: 5_000 });
	const socket = new WebSocket(relay.url, 'tillmesh.2');
	socket.binaryType = 'arraybuffer';
	const channel = new SpokenChannel(socket, () => {});
	const closed = new Promise((resolve) => socket.once('close', resolve));
	await channel.opened;
	const digests = encodeFrame({ kind: 'digests', answer: true, ledgers: [] });
	for (let i = 0; i < 200; i++) channel.send(digests);
	await closed;
	const silent = new WebSocket(relay.url, 'tillmesh.2');
	await new Promise((resolve) => silent.once('close', resolve));
	const { limitCloses, rejected } = relay.status().counters;
	expect(limitCloses).toMatchObject({ unproven: 1 });
	expect(relay.status().alarms, 'nobody has lost anything').toEqual([]);
	expect(Object.values({ ...limitCloses, ...rejected }).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(1);
	const statuses = await Promise.all(Array.from({ length: 60 }, () => knock(relay.url)));
	expect(new Set(statuses)).toEqual(new Set(['open', 'Unexpected server response: 429']));
	expect(relay.status().counters.limitCloses.connections).toBeGreaterThan(0);
	await (await sell(a)).reached('store', { timeoutMs: 5_000 });
	await until(() => sold(b) === 2, 'the other till has both');
	await until(() => relay.status().counters.connections === 2, 'they are alone again');
});
