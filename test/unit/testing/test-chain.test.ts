import { BadArgument, type Replica, type TillmeshError } from 'tillmesh';
import { testChain, type World } from 'tillmesh/testing';
import { expect, test, vi } from 'vitest';

const dayMs = 86_400_000;

const till = (world: World, t: number): Replica => world.till(t);
const points = (world: World, t: number) => till(world, t).ledger('members/7').pool('points');
const earn = (world: World, t: number, amount: number, document = 'opening') =>
	till(world, t).commit((tx) => tx.mint(points(world, t), 'm-1', amount, document), { idempotencyKey: document });
const redeem = (world: World, t: number, amount: number) =>
	till(world, t).commit((tx) => tx.spend(points(world, t), 'm-1', amount));

test('80 of 100 points, two tills that do not hear of each other: one says yes', async () => {
	await using world = await testChain({ tillsPerStore: 2 });
	await earn(world, 0, 100);
	await points(world, 1).ensure('m-1', 20);
	await world.settle();
	world.cut(0, 'relay');
	world.cut(0, 1);
	const both = await Promise.all([redeem(world, 0, 80), redeem(world, 1, 80)]);
	expect(both.filter(({ ok }) => ok).length).toBeLessThanOrEqual(1);
	world.heal();
	await world.settle();
	expect(world.problems()).toEqual([]);
	expect(points(world, 0).total('m-1').get()).toEqual(points(world, 1).total('m-1').get());
});

test('time goes on while somebody awaits a till, and stands still otherwise', async () => {
	await using world = await testChain();
	const beforeMs = world.nowMs;
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(world.nowMs).toBe(beforeMs);
	const sale = await earn(world, 0, 5);
	expect(world.nowMs).toBeGreaterThan(beforeMs);
	if (!sale.ok) throw new Error(sale.code);
	expect((await sale.reached('store', { timeoutMs: 5_000 })).tier).toBe('store');
	await points(world, 1)
		.total('m-1')
		.when(({ minted }) => minted === 5);
	for await (const { minted } of points(world, 1)
		.total('m-1')
		.map((total) => total))
		if (minted === 5) break;
	const afterMs = world.nowMs;
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(world.nowMs).toBe(afterMs);
});

test('what an app awaits on its way is driven too, and a wait in vain ends by its time', async () => {
	await using world = await testChain();
	world.cut(0, 'relay');
	world.cut(0, 1);
	const app = async () => {
		const sale = await earn(world, 0, 5);
		if (!sale.ok) throw new Error(sale.code);
		await Promise.resolve();
		return sale.reached('store', { timeoutMs: 30_000 });
	};
	const beforeMs = world.nowMs;
	await expect(app()).rejects.toMatchObject({ code: 'not_reached' });
	expect(world.nowMs - beforeMs).toBeGreaterThanOrEqual(30_000);
});

test('a place has a clock, waits and ids for an app, and waits end with their process', async () => {
	await using world = await testChain();
	const { now, sleep, unique, store } = world.place(1);
	const [beforeMs, clockMs] = [world.nowMs, now()];
	await sleep(dayMs);
	expect(world.nowMs - beforeMs).toBeGreaterThanOrEqual(dayMs);
	world.jumpClock(1, -dayMs);
	expect(Math.abs(now() - clockMs)).toBeLessThan(5);
	expect([store, unique() === world.place(0).unique()]).toEqual(['sh-1', false]);
	const asleep = sleep(dayMs);
	await world.crash(1);
	await expect(asleep).rejects.toMatchObject({ code: 'closed' });
});

test('false timers of a test runner stop nothing', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
	try {
		await using world = await testChain();
		expect(await earn(world, 0, 5)).toMatchObject({ ok: true });
		await world.advance(1_000);
	} finally {
		vi.useRealTimers();
	}
});

test('a wait for what never comes lets time stand still by and by', async () => {
	await using world = await testChain();
	let isOver = false;
	const never = till(world, 0).health.when(({ state }) => state === 'broken');
	never.then(
		() => {
			isOver = true;
		},
		() => {},
	);
	for (let i = 0; i < 200 && world.nowMs < 60_000; i++) await new Promise((resolve) => setTimeout(resolve, 5));
	const stoodMs = world.nowMs;
	expect(stoodMs).toBeGreaterThanOrEqual(60_000);
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect([world.nowMs, isOver]).toEqual([stoodMs, false]);
});

test.each([
	['before-fsync', 0, 'rejected'],
	['after-fsync', 1, 'rejected'],
	['after-ack', 1, 'told'],
] as const)('JRN3 a crash %s leaves %i sales on the disk; whoever waited was %s', async (at, spent, heard) => {
	await using world = await testChain();
	await earn(world, 0, 10);
	const before = till(world, 0);
	const sale = redeem(world, 0, 1).then(
		() => 'told',
		(error: TillmeshError) => (error.code === 'closed' ? 'rejected' : error.code),
	);
	await world.crash(0, { at });
	expect(await sale).toBe(heard);
	expect(till(world, 0)).not.toBe(before);
	expect(till(world, 0).device).toBe(before.device);
	expect(points(world, 0).total('m-1').get().spent).toBe(spent);
	await expect(before.commit(() => 1)).rejects.toMatchObject({ code: 'closed' });
	expect(await redeem(world, 0, 1)).toMatchObject({ ok: true });
});

test('nobody who dropped a promise of a dead process is blamed for it', async () => {
	await using world = await testChain();
	void redeem(world, 0, 1);
	void points(world, 0).ensure('m-1', 5);
	await world.crash(0);
	await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail the run here
});

test('JRN7 a restored backup has what was on the disk then, and takes the rest back from those who have it', async () => {
	await using world = await testChain();
	await earn(world, 0, 10);
	await world.advance(60_000);
	await redeem(world, 0, 4);
	await world.settle();
	world.cut(0, 'relay');
	world.cut(0, 1);
	await world.advance(10_000);
	await world.restoreBackup(0, 40_000);
	expect(points(world, 0).total('m-1').get().spent).toBe(0);
	world.heal();
	await world.settle();
	expect(points(world, 0).total('m-1').get().spent).toBe(4);
	expect(world.problems()).toEqual([]);
	await world.restoreBackup(0, 5_000);
	await world.settle();
	expect(points(world, 0).total('m-1').get().spent).toBe(4);
});

test('a clone goes on beside its original until their home retires the name', async () => {
	await using world = await testChain();
	await earn(world, 1, 10);
	await world.settle();
	const twin = await world.clone(1);
	expect([twin, world.tills.length]).toEqual([2, 3]);
	expect(world.tills[twin]).toBe(world.till(twin));
	expect(till(world, twin).device).toBe(till(world, 1).device);
	world.cut(1, 'relay');
	world.cut(1, 0);
	expect(await redeem(world, 1, 8)).toMatchObject({ ok: true });
	expect(await redeem(world, twin, 8)).toMatchObject({ ok: true });
	world.heal();
	await world.settle();
	await world.advance(60_000);
	expect(till(world, twin).device).not.toBe(till(world, 1).device);
	expect(points(world, 0).total('m-1').get()).toMatchObject({ minted: 10, spent: 16 });
	expect(till(world, 0).check()).toMatchObject([{ what: 'negative_share' }]); // told, and no problem of ours
	expect(world.problems()).toEqual([]);
});

test('JRN5 a full disk breaks the till until it is restarted', async () => {
	await using world = await testChain();
	await earn(world, 0, 10);
	world.diskFull(0);
	await expect(redeem(world, 0, 1)).rejects.toMatchObject({ code: 'storage_full' });
	expect(till(world, 0).health.get().state).toBe('broken');
	await world.restart(0);
	expect(till(world, 0).health.get().state).toBe('ok');
	expect(await redeem(world, 0, 1)).toMatchObject({ ok: true });
});

test('a clock that jumps refuses no sale', async () => {
	await using world = await testChain();
	await earn(world, 0, 10);
	world.jumpClock(0, -3_650 * dayMs);
	expect(await redeem(world, 0, 1)).toMatchObject({ ok: true });
	world.jumpClock(0, 7_300 * dayMs);
	expect(await redeem(world, 0, 1)).toMatchObject({ ok: true });
});

test('shares go home where a till is restarted for the night', async () => {
	await using world = await testChain();
	await earn(world, 0, 10);
	await world.settle();
	await world.restart(0, { returnShares: true });
	expect(points(world, 0).mine('m-1')).toBe(0);
});

test('two stores meet through headquarters; a store without them sells on', async () => {
	await using world = await testChain({ stores: 2, tillsPerStore: 1 });
	await earn(world, 0, 10);
	await world.settle();
	expect(points(world, 1).total('m-1').get().minted).toBe(10);
	expect(() => till(world, 1).ledger('stock/sh-1')).toThrow('not kept here');
	world.cut(0, 'hq');
	await earn(world, 0, 5, 'second');
	await world.settle();
	expect(points(world, 1).total('m-1').get().minted).toBe(10);
	expect(world.problems()).toEqual([]); // who cannot hear of each other may differ
	world.heal();
	await world.settle();
	expect(points(world, 1).total('m-1').get().minted).toBe(15);
});

test('a silent cut is noticed by the heartbeat alone', async () => {
	await using world = await testChain({ mesh: false });
	world.cut(0, 'relay', { silent: true });
	expect(till(world, 0).sync.status.get().peers.length).toBe(1);
	await world.advance(60_000);
	expect(till(world, 0).sync.status.get().peers.length).toBe(0);
});

test('settling ends where somebody cannot be reached, and a month takes no month', async () => {
	await using world = await testChain();
	world.cut(0, 'relay', { silent: true });
	const beforeMs = world.nowMs;
	await world.settle();
	expect(world.nowMs - beforeMs).toBeLessThanOrEqual(60_000);
	await world.advance(30 * dayMs);
	expect(world.nowMs).toBeGreaterThan(30 * dayMs);
});

test('the same seed and the same calls give the same world', async () => {
	const story = async (seed: number) => {
		await using world = await testChain({ seed, tillsPerStore: 3 });
		await earn(world, 0, 30);
		await points(world, 1).ensure('m-1', 7);
		await Promise.all([redeem(world, 1, 5), redeem(world, 2, 5)]);
		await world.crash(1, { at: 'after-fsync' });
		await world.settle();
		return [world.nowMs, world.tills.map(({ device }) => device), points(world, 2).holders('m-1').get()];
	};
	const first = await story(7);
	expect(await story(7)).toEqual(first);
	expect(await story(8)).not.toEqual(first);
});

test('problems are told: sums that do not add up, and tills that differ', async () => {
	await using world = await testChain({ relay: false });
	await earn(world, 0, 10);
	await world.settle();
	expect(world.problems()).toEqual([]);
	const imbalance = { ledger: 'members/7', pool: 'points/m-1', what: 'not_conserved', amount: 1 } as const;
	Object.assign(till(world, 0), { check: () => [imbalance], digest: () => 'something else' });
	expect(world.problems()).toEqual([
		'sh-1/till-1 sees not_conserved of 1 in points/m-1 of members/7',
		'sh-1/till-1 against sh-1/till-2 differ in members/7',
	]);
});

test.each([
	['options.stores', () => testChain({ stores: 0 })],
	['options.tillsPerStore', () => testChain({ tillsPerStore: 1.5 })],
	['options.relay', () => testChain({ relay: 'yes' as never })],
	['options.relay', () => testChain({ stores: 2, relay: false })],
	['options.hq', () => testChain({ stores: 2, hq: false })],
	['options.keeps', () => testChain({ keeps: 'members/*' as never })],
	['options.tils', () => testChain({ tils: 2 } as never)],
])('an option that does not fit is named: %s', async (path, open) => {
	await expect(open()).rejects.toMatchObject({ name: 'BadArgument', path });
});

test('a till, a line, an age, a moment that do not exist are named', async () => {
	await using world = await testChain({ stores: 2, tillsPerStore: 1 });
	const paths: [string, () => unknown][] = [
		['till', () => world.cut(2, 'relay')],
		['till', () => world.till(2)],
		['from', () => world.cut(0, 1)],
		['till', () => world.diskFull(-1)],
		['ms', () => world.jumpClock(0, 0.5)],
		['ms', () => world.advance(-1)],
	];
	for (const [path, act] of paths) expect(act, path).toThrow(expect.objectContaining({ path }));
	await expect(world.crash(0, { at: 'later' as never })).rejects.toBeInstanceOf(BadArgument);
	await expect(world.restoreBackup(0, dayMs)).rejects.toMatchObject({ path: 'ageMs' });
});
