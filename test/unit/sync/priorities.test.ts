/** SYN3: what goes first, on lines in virtual time that carry so many bytes a second. */
import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';
import { RateLine } from './rate-line.js';

const chunkBytes = 64 * 1024;

/** A till with a backlog in `orders/a`, at the end of a line. */
async function backlog(bytesPerSecond: number, entries: number, delayMs = 0) {
	const world = new World(1);
	const [till, relay] = [new HandHost(world, 'till'), new HandHost(world, 'relay', { role: 'store' })];
	const at = await till.write('orders/a', entries, 40);
	const line = new RateLine(world, bytesPerSecond, delayMs);
	till.connect(line.a);
	relay.connect(line.b);
	return { world, till, relay, at, line };
}

/** Milliseconds until the relay has it. */
async function arrival(
	world: World,
	relay: HandHost,
	at: { epoch: number; count: number },
	stepMs: number,
): Promise<number> {
	const from = world.nowMs;
	for (let i = 0; i < 20_000 && relay.count(at.epoch) < at.count; i++) await world.pass(stepMs);
	return world.nowMs - from;
}

test.each([
	[16 * 1024, 100],
	[64 * 1024, 20],
	[256 * 1024, 30],
	[1024 * 1024, 5],
])('SYN3 S36 at %i bytes a second a price withdrawal overtakes a backlog of 50,000 entries by all but one chunk', async (rate, delayMs) => {
	const { world, till, relay, at } = await backlog(rate, 50_000, delayMs);
	const chunkMs = (chunkBytes * 1000) / rate;
	const waits: number[] = [];
	await world.pass(1_500 + 2 * chunkMs);
	for (let i = 0; i < 6; i++) {
		expect(relay.count(at.epoch)).toBeLessThan(at.count);
		waits.push(await arrival(world, relay, await till.write('catalog/prices'), 5));
		await world.pass(0.37 * chunkMs);
	}
	// A chunk that is on its way, the withdrawal itself, and the line's own delay.
	for (const ms of waits) expect(ms).toBeLessThanOrEqual(1.1 * chunkMs + delayMs + 50 + Math.max(0, 400 - chunkMs));
});

test('SYN3 a quick line is filled: a backlog takes little more than its bytes', async () => {
	const { world, relay, at } = await backlog(8 * 1024 * 1024, 50_000, 5);
	const bytes = 50_000 * 90;
	const ms = await arrival(world, relay, at, 20);
	expect(ms).toBeLessThan((bytes * 1000) / (8 * 1024 * 1024) + 1_000);
});

test('SYN3 SYN4 a slow line is no lossy one: hardly a row is sent twice', async () => {
	for (const rate of [8 * 1024, 32 * 1024]) {
		const { world, relay, at } = await backlog(rate, 10_000, 300);
		await arrival(world, relay, at, 500);
		expect(relay.count(at.epoch)).toBe(at.count);
		expect(relay.came.rows).toBeLessThan(at.count * 1.05);
	}
});

test('SYN3 of news, settlement goes before orders, orders before stock and balances, and those before prices', async () => {
	const world = new World(2);
	const [till, relay] = [new HandHost(world, 'till'), new HandHost(world, 'relay')];
	const line = new RateLine(world, 20_000);
	till.connect(line.a);
	relay.connect(line.b);
	await world.pass(1_000);
	const pause = till.peers;
	pause.pause(true);
	const ledgers = ['catalog/a', 'stock/a', 'members/a', 'orders/a', 'own/a', 'desk/a'];
	for (const ledger of ledgers) await till.write(ledger, 20, 20);
	const order: string[] = [];
	const receive = relay.receive.bind(relay);
	relay.receive = (from, update, frame) => {
		order.push(update.ledger);
		return receive(from, update, frame);
	};
	pause.pause(false);
	await world.pass(5_000);
	expect(order.slice(0, 2)).toEqual(['desk/a', 'orders/a']);
	expect(order.slice(2, 5).sort()).toEqual(['members/a', 'own/a', 'stock/a']);
	expect(order[5]).toBe('catalog/a');
});

test('SYN3 a checkpoint on its way delays news by its pieces ahead at most', async () => {
	const { world, till, relay } = await backlog(64 * 1024, 1);
	await world.pass(1_000);
	till.point('stock/a', new Uint8Array(40 * chunkBytes));
	await world.pass(3_000);
	const ms = await arrival(world, relay, await till.write('desk/a'), 5);
	expect(ms).toBeLessThanOrEqual(1_100);
});
