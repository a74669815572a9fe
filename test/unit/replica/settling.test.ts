/** JRN7: a device that was restarted waits for its lost tail before it writes by itself, and for nobody without end. */
import { expect, test } from 'vitest';
import type { Position } from '../../../src/base/ids.js';
import type { Replica } from '../../../src/index.js';
import { World } from '../../property/escrow-world.js';
import { HandHost } from '../sync/hand-host.js';
import { RawPeer } from '../sync/raw-peer.js';

const ledger = 'stock/a';
const pool = (replica: Replica) => replica.ledger(ledger).pool('p');

/** Time passes, and the line is kept up. */
async function live(world: World, peer: RawPeer, forMs: number) {
	for (let ms = 0; ms < forMs; ms += 2_000) {
		await world.pass(2_000);
		peer.say({ kind: 'pong', id: 1, timeMs: 0 });
	}
}

/** A till that was restarted with a unit to give, somebody who needs it, and a peer that plays false. */
async function reopened() {
	const world = new World(7);
	const storage = world.memory();
	const first = await world.open('till', storage);
	await first.commit((tx) => tx.mint(pool(first), 'x', 1, 'delivery'));
	await first.shutdown();
	const till = await world.open('till', Object.assign(storage.copy(), { platform: world.platform() }));
	const asker = await world.open('asker', world.memory());
	const [line, liar] = [world.line(), new RawPeer(world)];
	till.addLink(line.a);
	asker.addLink(line.b);
	till.addLink(liar);
	const tell = (rows: readonly Position[]) =>
		liar.say({
			kind: 'heads',
			answer: false,
			ledgers: [{ ledger, rows, covered: [], checkpoint: new Uint8Array(), marks: new Uint8Array() }],
		});
	const get = async () => {
		const got = pool(asker).ensure('x', 1, { timeoutMs: 3_000 });
		await live(world, liar, 4_000);
		return got;
	};
	return { world, till, asker, liar, tell, get };
}

test('JRN7 heads of rows that nobody wrote hold it up for twenty seconds, and no longer', async () => {
	const { world, liar, tell, get } = await reopened();
	await liar.meet();
	tell([{ epoch: 4_711, count: 5 }]);
	expect(await get(), 'its own tail may be on the way').toBe(0);
	await live(world, liar, 20_000);
	tell([{ epoch: 4_712, count: 2 ** 40 }]);
	expect(await get()).toBe(1);
	expect(liar.closed).toBe(0);
});

test('JRN7 so does a peer that proves who it is and never says what it has', async () => {
	const { world, liar, get } = await reopened();
	liar.up();
	await liar.greet();
	expect(await get()).toBe(0);
	await live(world, liar, 20_000);
	expect(await get()).toBe(1);
	expect(liar.closed).toBe(0);
});

test.each([
	['the silent one', []],
	['the liar', [{ epoch: 4_711, count: 5 }]],
])('JRN7 for %s no longer where the others go on selling', async (_who, rows) => {
	const { world, asker, liar, tell, get } = await reopened();
	liar.up();
	await liar.greet();
	if (rows.length > 0) tell(rows);
	expect(await get()).toBe(0);
	for (let i = 0; i < 10; i++) {
		await asker.commit((tx) => tx.add(asker.ledger(ledger).counter('sold'), 1));
		await live(world, liar, 2_000);
	}
	expect(await get()).toBe(1);
	expect(liar.closed).toBe(0);
});

test('JRN7 where nobody has told anything it waits on', async () => {
	const world = new World(8);
	const storage = world.memory();
	const first = await world.open('home', storage, { home: [ledger] });
	await first.commit((tx) => tx.mint(pool(first), 'x', 1, 'delivery'));
	await first.shutdown();
	const home = await world.open('home', Object.assign(storage.copy(), { platform: world.platform() }), {
		home: [ledger],
	});
	const rows = () => home.status().ledgers.find((each) => each.ledger === ledger)?.rows;
	const before = rows();
	const peer = new RawPeer(world);
	home.addLink(peer);
	peer.up();
	await peer.greet();
	await live(world, peer, 60_000);
	expect([rows(), peer.closed]).toEqual([before, 0]);
});

test('JRN7 as long as more comes of what it lacks it waits, five minutes at most', async () => {
	const { world, liar, tell, get } = await reopened();
	const author = new HandHost(world, 'author');
	const reader = new RawPeer(world);
	author.connect(reader);
	await reader.meet();
	for (let i = 0; i < 30; i++) {
		await author.write(ledger);
		await world.pass(1);
	}
	const updates = reader.all('update');
	const epoch = updates[0]?.seals[0]?.epoch ?? 0; // the author's only one
	await liar.meet();
	tell([
		{ epoch: 4_711, count: 5 },
		{ epoch, count: 1_000 },
	]);
	const comesFor = async (forMs: number) => {
		for (let ms = 0; ms < forMs; ms += 10_000) {
			await live(world, liar, 10_000);
			const update = updates.shift();
			if (update) liar.say(update);
		}
	};
	await comesFor(60_000);
	expect(await get()).toBe(0);
	await comesFor(240_000);
	expect(await get()).toBe(1);
	expect(liar.closed).toBe(0);
});
