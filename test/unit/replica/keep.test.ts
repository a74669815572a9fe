/** Ledgers that a replica begins to keep while it is open: all of them or nothing, and never less than before. */
import { expect, test } from 'vitest';
import { openReplica, type Replica } from '../../../src/index.js';
import { World } from '../../property/escrow-world.js';

const [desk, shard] = ['desk/a', 'members/7'];
const points = (replica: Replica) => replica.ledger(shard).pool('points', { restsAt: 'hq' });
const till = { keeps: ['desk/*'] };
const hq = { keeps: ['desk/*', 'members/*'], home: ['desk/*', 'members/*'] };

function link(world: World, a: Replica, b: Replica): void {
	const line = world.line();
	a.addLink(line.a);
	b.addLink(line.b);
}

async function linked(seed: number) {
	const world = new World(seed);
	const storage = world.memory();
	const [home, front] = [await world.open('hq', world.memory(), hq), await world.open('front', storage, till)];
	link(world, home, front);
	await world.pass(1_000);
	return { world, storage, home, front };
}

async function inTime<T>(world: World, ms: number, promise: Promise<T>): Promise<T> {
	promise.catch(() => {});
	await world.pass(ms);
	return promise;
}

test('a ledger is read and written only once all of it is here, and is kept at every opening from then on', async () => {
	const { world, storage, home, front } = await linked(1);
	for (let i = 0; i < 200; i++) await home.commit((tx) => tx.mint(points(home), `m-${i}`, 5, 'opening'));
	await world.pass(1_000);
	expect(() => front.ledger(shard)).toThrow(expect.objectContaining({ code: 'unknown_ledger' }));
	expect(front.ledgers()).not.toContain(shard);
	const told: (ReadonlySet<string> | undefined)[] = [];
	front.watch({ ledgers: 'members', of: 'pool', name: 'points' }, (_, keys) => told.push(keys));
	await inTime(world, 3_000, front.keep(shard));
	expect(points(front).keys()).toHaveLength(200);
	expect(told[0], 'whoever watches looks at all of it').toBeUndefined();
	expect(front.digest(shard)).toBe(home.digest(shard));
	await front.shutdown();
	const again = await world.open('front', Object.assign(storage.copy(), { platform: world.platform() }), {
		...till,
		links: [],
	});
	expect(points(again).keys()).toHaveLength(200);
	expect(again.ledgers()).toContain(shard);
	await again.keep(shard);
});

test('a ledger that nobody has written in is kept as well, once somebody has said that there is nothing', async () => {
	const { world, home, front } = await linked(2);
	await inTime(world, 2_000, front.keep([shard, 'members/8']));
	await front.commit((tx) => tx.mint(points(front), 'ada', 3, 'gift'));
	await world.pass(1_000);
	expect(points(home).total('ada').get().minted).toBe(3);
});

test('where nobody is in reach it throws not_reached, and what was asked for comes when somebody is', async () => {
	const world = new World(3);
	const front = await world.open('front', world.memory(), till);
	await expect(inTime(world, 3_500, front.keep(shard))).rejects.toMatchObject({ code: 'not_reached', retryable: true });
	expect(() => front.ledger(shard)).toThrow();
	const alone = await openReplica({ chain: 'chain', name: 'alone', storage: world.memory(), ...till });
	await expect(alone.keep(shard)).rejects.toMatchObject({ code: 'not_reached' });
	const home = await world.open('hq', world.memory(), hq);
	await home.commit((tx) => tx.mint(points(home), 'ada', 5, 'opening'));
	link(world, home, front);
	await world.pass(2_000);
	expect(points(front).total('ada').get().minted).toBe(5);
});

test('a peer that has some of it is not believed to have all', async () => {
	const { world, home, front } = await linked(4);
	for (let i = 0; i < 20; i++) await home.commit((tx) => tx.mint(points(home), `m-${i}`, 5, 'opening'));
	// A neighbour begins to keep it too, and neither of them reaches headquarters.
	const other = await world.open('other', world.memory(), till);
	const lonely = await world.open('lonely', world.memory(), till);
	link(world, other, lonely);
	const asked = Promise.allSettled([other.keep(shard, { timeoutMs: 2_000 }), lonely.keep(shard, { timeoutMs: 2_000 })]);
	const [a, b] = await inTime(world, 2_500, asked);
	expect([a?.status, b?.status]).toEqual(['rejected', 'rejected']);
	await inTime(world, 2_000, front.keep(shard));
	expect(points(front).keys()).toHaveLength(20);
});

test('JRN9 parts that what is in view names are waited for, so that the next opening shows no less', async () => {
	const world = new World(5);
	const storage = world.memory();
	const log = (replica: Replica) => replica.ledger(desk).log<string>('sales');
	const home = await world.open('hq', world.memory(), hq);
	const between = await world.open('between', world.memory(), till);
	const behind = await world.open('behind', world.memory(), { keeps: ['members/*'] });
	const front = await world.open('front', storage, till);
	await home.commit((tx) => tx.mint(points(home), 'ada', 9, 'opening'));
	await home.commit((tx) => {
		tx.append(log(home), 'sold to ada');
		tx.spend(points(home), 'ada', 4);
	});
	link(world, home, between);
	link(world, between, front);
	link(world, behind, front);
	await world.pass(2_000);
	expect(log(front).all().get()).toHaveLength(1);
	// Whoever is behind has nothing, knows of nobody who has more, and says so.
	await expect(inTime(world, 3_500, front.keep(shard))).rejects.toMatchObject({ code: 'not_reached' });
	link(world, home, front);
	await world.pass(2_000);
	expect(points(front).total('ada').get().spent).toBe(4);
	await front.shutdown();
	const again = await world.open('front', Object.assign(storage.copy(), { platform: world.platform() }), till);
	expect(log(again).all().get()).toHaveLength(1);
	expect(again.check()).toEqual([]);
});

test('JRN7 an old copy of the disk, from before the ledger was kept, goes on after what this device wrote there', async () => {
	const { world, storage, home, front } = await linked(6);
	const before = storage.copy();
	await inTime(world, 2_000, front.keep(shard));
	await home.commit((tx) => tx.mint(points(home), 'ada', 9, 'opening'));
	await inTime(world, 2_000, points(front).ensure('ada', 9));
	await front.commit((tx) => tx.spend(points(front), 'ada', 5));
	await world.pass(1_000);
	await front.shutdown();
	const restored = await world.open('front', Object.assign(before, { platform: world.platform() }), till);
	link(world, home, restored);
	await inTime(world, 3_000, restored.keep(shard));
	expect(points(restored).mine('ada')).toBe(4);
	await restored.commit((tx) => tx.spend(points(restored), 'ada', 4));
	await world.pass(2_000);
	expect(restored.health.get().state).toBe('ok');
	expect(points(home).total('ada').get().spent).toBe(9);
	expect(home.check()).toEqual([]);
});

test('patterns, bad names, and more than a greeting can say are refused', async () => {
	const { front } = await linked(7);
	await expect(front.keep('members/*')).rejects.toMatchObject({ code: 'bad_argument', path: 'ledgers[0]' });
	await expect(front.keep('members')).rejects.toMatchObject({ code: 'bad_argument' });
	const many = Array.from({ length: 300 }, (_, i) => `members/${String(i).padStart(90, '0')}`);
	await expect(front.keep(many)).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'keeps' });
});
