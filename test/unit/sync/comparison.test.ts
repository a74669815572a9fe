import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';
import { RawPeer } from './raw-peer.js';

/** So many ledgers with one entry each. */
async function many(world: World, name: string, count: number, pick = (i: number) => i) {
	const host = new HandHost(world, name);
	for (let i = 0; i < count; i++) await host.write(`orders/store-${pick(i)}-${'x'.repeat(200)}`);
	return host;
}

test('SYN5 digests of more ledgers than fit a frame come in several, and nothing lies between them', async () => {
	const world = new World(1);
	const host = await many(world, 'a', 1_500);
	const peer = new RawPeer(world);
	host.connect(peer);
	await peer.meet();
	const frames = peer.all('digests');
	expect(frames.map(({ part }) => part)).toEqual([2, 3, 3, 1]);
	for (const [i, { ledgers }] of frames.entries())
		expect(ledgers[0]?.ledger).toBe(frames[i - 1]?.ledgers.at(-1)?.ledger ?? ledgers[0]?.ledger);
	const named = frames.flatMap(({ ledgers }) => ledgers.map(({ ledger }) => ledger));
	expect(new Set(named).size).toBe(1_500);
	expect(named).toEqual([...named].sort());
});

test('SYN4 SYN5 two that share most of a great many ledgers send each other what they lack, over lines that lose frames too', async () => {
	for (const drop of [0, 0.2]) {
		const world = new World(2);
		const [a, b] = [await many(world, 'a', 450), await many(world, 'b', 40, (i) => i * 17)];
		a.link(b, { drop });
		await world.pass(40_000);
		for (const ledger of a.ledgers()) expect(b.holding(ledger).counts).toEqual(a.holding(ledger).counts);
		a.peers.stop();
		await world.pass(1_000);
		b.came.rows = 0;
		a.link(b, { drop });
		await world.pass(20_000);
		expect(b.came.rows).toBe(0);
	}
});

test('a part alone is no comparison: until all are here nothing is sent, and they are asked for again', async () => {
	const world = new World(3);
	const host = new HandHost(world, 'a');
	for (const ledger of ['a/1', 'm/1', 'z/1']) await host.write(ledger);
	const peer = new RawPeer(world);
	host.connect(peer);
	peer.up();
	await peer.greet();
	const digest = new Uint8Array(16);
	peer.say({ kind: 'digests', answer: false, part: 1, ledgers: [{ ledger: 'm/1', digest }] });
	peer.say({ kind: 'digests', answer: false, part: 2, ledgers: [{ ledger: 'c/1', digest }] });
	await world.pass(500);
	expect(peer.all('update')).toEqual([]);
	expect(peer.last('digests').answer).toBe(true);
	// What lies between the two is still open; this one closes it.
	peer.say({
		kind: 'digests',
		answer: false,
		part: 3,
		ledgers: [
			{ ledger: 'b/9', digest },
			{ ledger: 'm/1', digest },
			{ ledger: 'n/1', digest },
		],
	});
	peer.say({ kind: 'digests', answer: false, part: 1, ledgers: [{ ledger: 'm/1', digest }] });
	await world.pass(100);
	expect(new Set(peer.all('update').map(({ ledger }) => ledger))).toEqual(new Set(['a/1', 'z/1']));
	expect(peer.last('heads').ledgers.map(({ ledger }) => ledger)).toEqual(['m/1']);
});

test('heads of many ledgers come in frames that a link takes', async () => {
	const world = new World(4);
	const host = await many(world, 'a', 1_500);
	const peer = new RawPeer(world);
	host.connect(peer);
	peer.up();
	await peer.greet();
	for (const { ledgers, part } of peer.all('digests'))
		peer.say({
			kind: 'digests',
			answer: false,
			part: part ?? 0,
			ledgers: ledgers.map(({ ledger }) => ({ ledger, digest: new Uint8Array(16) })),
		});
	await world.pass(10);
	expect(peer.all('heads').length).toBeGreaterThan(3);
	expect(new Set(peer.all('heads').flatMap(({ ledgers }) => ledgers.map(({ ledger }) => ledger))).size).toBe(1_500);
});
