import { describe, expect, test } from 'vitest';
import type { Hello } from '../../../src/sync/frames.js';
import { createHello, objection, statement, versionOf } from '../../../src/sync/handshake.js';
import { World } from '../../property/escrow-world.js';
import { everyFrame } from './every-frame.js';
import { HandHost } from './hand-host.js';
import { RawPeer } from './raw-peer.js';

const ledger = 'stock/a';

/** A host with one row, and the other end of a line to it in the test's hands. */
async function desk(seed = 1) {
	const world = new World(seed);
	const host = new HandHost(world, 'till');
	const peer = new RawPeer(world);
	await host.write(ledger);
	host.connect(peer);
	const met = () => [...host.peers.sessions].map(({ peer }) => peer?.device);
	return { world, host, peer, met };
}

test('both prove who they are, each over the other’s nonce; then they compare, and what lacks is sent', async () => {
	const { world, host, peer, met } = await desk();
	peer.up();
	expect(peer.said.map(({ kind }) => kind)).toEqual(['hello']);
	expect(met()).toEqual([undefined]);
	const mine = peer.hello();
	peer.say(mine);
	await world.pass(1);
	const theirs = peer.last('hello');
	const sound = await world.crypto.verify(host.pair.publicKey, statement(theirs, mine), peer.last('proof').signature);
	expect(sound).toBe(true);
	expect(met()).toEqual([undefined]);
	peer.say(await peer.proof(mine));
	await world.pass(1);
	expect(met()).toEqual([peer.device]);
	expect(peer.last('digests').ledgers.map((each) => each.ledger)).toEqual([ledger]);
	expect(peer.all('update')).toEqual([]);
	peer.say({ kind: 'digests', answer: false, ledgers: [] });
	await world.pass(1);
	expect(peer.last('update').ledger).toBe(ledger);
	expect(host.refusals).toEqual([]);
});

test('a replayed handshake proves nothing: the nonce that it signs is another', async () => {
	const { world, host, peer, met } = await desk();
	peer.up();
	const hello = peer.hello();
	const proof = await peer.proof(hello);
	peer.say(hello);
	peer.say(proof);
	await world.pass(1);
	expect(met()).toEqual([peer.device]);
	peer.down();
	peer.up();
	peer.say(hello);
	peer.say(proof);
	await world.pass(1);
	expect(met()).toEqual([undefined]);
	expect(host.refusals).toEqual(['unproved_frame']);
	expect(peer.all('digests')).toEqual([]);
});

test('a borrowed proof proves nothing: what a device signs towards one peer is worth nothing with another', async () => {
	const { world, host, peer, met } = await desk();
	const thief = new RawPeer(world);
	const other = new HandHost(world, 'other');
	host.connect(thief);
	other.connect(peer);
	thief.up();
	peer.up();
	// The thief shows the till a greeting of the honest peer, and has it sign towards `other` what it needs here.
	const honest = peer.hello({ answers: thief.last('hello').nonce });
	thief.say(honest);
	thief.say(await peer.proof(honest, { ...peer.last('hello'), nonce: thief.last('hello').nonce }));
	await world.pass(1);
	expect(met()).toEqual([undefined, undefined]);
	expect(host.refusals).toEqual(['unproved_frame']);
	// What the honest one would sign for the till itself is taken.
	thief.say(await peer.proof(honest, thief.last('hello')));
	await world.pass(1);
	expect(met()).toContain(peer.device);
});

test('what is said in a greeting is what is proved: role, name and keeps cannot be changed on the way', async () => {
	for (const change of [{ role: 'hq' }, { archive: true }, { keeps: [] }, { name: 'x' }, { oldest: 0 }] as const) {
		const { world, host, peer, met } = await desk();
		peer.up();
		const hello = peer.hello();
		peer.say({ ...hello, ...change });
		peer.say(await peer.proof(hello));
		await world.pass(1);
		expect(met()).toEqual([undefined]);
		expect(host.refusals).toEqual(['unproved_frame']);
	}
});

test('another chain, another version, a key that is not the name’s, and our own voice are told so and hung up on', async () => {
	const key = new World(7).bytes(32);
	const wrongs: [string, (peer: RawPeer) => Partial<Hello>][] = [
		['wrong_chain', () => ({ chain: 'other' })],
		['unknown_version', () => ({ oldest: 3, newest: 9 })],
		['unknown_version', () => ({ oldest: 0, newest: 1 })],
		['bad_proof', () => ({ key })],
		['bad_proof', () => ({ device: 'till-1' })],
		['bad_proof', (peer) => ({ nonce: peer.last('hello').nonce })],
	];
	for (const [reason, changes] of wrongs) {
		const { world, peer, met } = await desk();
		peer.up();
		await peer.greet(changes(peer));
		expect(peer.said.map((frame) => (frame.kind === 'bye' ? frame.reason : frame.kind))).toEqual(['hello', reason]);
		expect(peer.closed).toBe(1);
		expect(met()).toEqual([undefined]);
		peer.say({ kind: 'digests', answer: true, ledgers: [] });
		await world.pass(1000);
		expect(peer.said.length).toBe(2);
	}
});

test('a looped line brings our own greeting back, with a proof that is even sound', async () => {
	const { world, host, peer, met } = await desk();
	peer.up();
	const own = peer.last('hello');
	peer.say(own);
	peer.say({ kind: 'proof', signature: await host.sign(statement(own, own)) });
	await world.pass(1);
	expect(met()).toEqual([undefined]);
	expect(peer.last('bye').reason).toBe('bad_proof');
});

test('the version is the newest that both speak, and there may be none', () => {
	const world = new World(2);
	const host = new HandHost(world, 'till');
	const of = (oldest: number, newest: number): Hello => ({
		...createHello(host.introduce(), world.bytes(16)),
		oldest,
		newest,
	});
	const pairs = [
		[of(2, 2), of(2, 2), 2],
		[of(1, 4), of(2, 3), 3],
		[of(2, 3), of(3, 9), 3],
		[of(1, 2), of(3, 4), undefined],
		[of(5, 4), of(1, 9), undefined],
	] as const;
	for (const [a, b, version] of pairs) {
		expect(versionOf(a, b)).toBe(version);
		expect(versionOf(b, a)).toBe(version);
		expect(objection(a, b, world.crypto)).toBe(version === undefined ? 'unknown_version' : undefined);
	}
});

test('a proof that was lost is sent again, and so is a greeting', async () => {
	const { world, peer, met } = await desk();
	peer.up();
	await world.pass(700);
	expect(peer.all('hello').length).toBe(3); // at once, after 200 ms and after 400 more
	const hello = peer.hello();
	peer.say(hello);
	await world.pass(1);
	expect(peer.all('proof').length).toBe(1);
	peer.say(hello); // as a peer does that has heard no proof
	await world.pass(1);
	expect(peer.all('proof').length).toBe(2);
	peer.say(await peer.proof(hello));
	await world.pass(1);
	expect(met()).toEqual([peer.device]);
});

test('a peer that goes on under another name is met anew at once, and what it proved before is gone until then', async () => {
	const world = new World(3);
	const [a, b] = [new HandHost(world, 'a'), new HandHost(world, 'b')];
	a.link(b);
	await world.pass(10_000);
	const former = b.device;
	expect([...a.peers.primaries()].map(({ peer }) => peer?.device)).toEqual([former]);
	b.rename();
	expect(b.device).not.toBe(former);
	await world.pass(50); // sooner than what was lost would be asked for again
	expect([...a.peers.primaries()].map(({ peer }) => peer?.device)).toEqual([b.device]);
	const at = await b.write(ledger, 3);
	const back = await a.write(ledger, 3);
	await world.pass(1000);
	expect([a.count(at.epoch), b.count(back.epoch)]).toEqual([at.count, back.count]);
	expect([...a.refusals, ...b.refusals]).toEqual([]);
});

test('SYN5 and so it is where the first words of it are lost', async () => {
	for (let seed = 1; seed <= 20; seed++) {
		const world = new World(seed);
		const [a, b] = [new HandHost(world, 'a'), new HandHost(world, 'b')];
		a.link(b, { drop: 0.3 });
		await world.pass(30_000);
		b.rename();
		await world.pass(30_000);
		expect([...a.peers.primaries()].map(({ peer }) => peer?.device)).toEqual([b.device]);
	}
});

test('SYN3 a peer that goes on under another name with a backlog on its way is not hung up on', async () => {
	const world = new World(4);
	const [a, b] = [new HandHost(world, 'a'), new HandHost(world, 'b')];
	const line = a.link(b, { delayTurns: 40, random: world.chance });
	await world.pass(1000);
	for (let i = 0; i < 60; i++) await b.write(`orders/${i}`, 2);
	b.rename();
	let cuts = 0;
	for (let i = 0; i < 300; i++) {
		await world.pass(10);
		if (!line.isUp) cuts++;
	}
	expect(cuts).toBe(0);
	for (const ledger of b.ledgers()) expect(a.holding(ledger).digest).toEqual(b.holding(ledger).digest);
});

describe('floods before the proof', () => {
	test('greetings without end cost a bounded number of signatures', async () => {
		const { world, host, peer } = await desk();
		let signed = 0;
		const sign = host.sign.bind(host);
		host.sign = (data) => {
			signed++;
			return sign(data);
		};
		peer.up();
		for (let i = 0; i < 1000; i++) {
			peer.say(peer.hello());
			await world.pass(1);
		}
		expect(signed).toBeLessThan(130);
	});

	test('proofs that do not hold cost a bounded number of checks', async () => {
		const { world, host, peer } = await desk();
		let checked = 0;
		const { verify } = world.crypto;
		Object.assign(world.crypto, {
			verify: (...args: Parameters<typeof verify>) => {
				checked++;
				return verify(...args);
			},
		});
		peer.up();
		peer.say(peer.hello());
		for (let i = 0; i < 1000; i++) {
			peer.say({ kind: 'proof', signature: world.bytes(64) });
			await world.pass(1);
		}
		expect(checked).toBeLessThan(130);
		expect(host.refusals.length).toBeGreaterThan(0);
	});

	test('every other kind of frame is refused and counted, changes nothing, and after some of them the line is closed', async () => {
		const { world, host, peer, met } = await desk();
		const before = host.holding(ledger).digest;
		peer.up();
		for (const frame of everyFrame(ledger).filter(({ kind }) => !['hello', 'proof', 'bye'].includes(kind)))
			peer.say(frame);
		await world.pass(1);
		expect(host.refusals).toEqual(host.refusals.map(() => 'unproved_frame'));
		expect(host.refusals.length).toBe(13);
		expect(host.came).toEqual({ updates: 0, rows: 0 });
		expect([host.holding(ledger).digest, host.asks, host.losses, host.reach]).toEqual([before, [], [], []]);
		expect(peer.said.map(({ kind }) => kind)).toEqual(['hello']);
		for (let i = 0; i < 4; i++) peer.say({ kind: 'ping', id: 1, timeMs: 1 });
		expect(peer.last('bye').reason).toBe('not_allowed');
		expect([peer.closed, met()]).toEqual([1, [undefined]]);
	});

	test('nor is a large one of a peer that proved itself: it stays who it was', async () => {
		const { host, peer, met } = await desk();
		await peer.meet();
		await peer.greet({ keeps: Array.from({ length: 4_000 }, (_, i) => `stock/${i}`) });
		expect(met()).toEqual([peer.device]);
		expect(host.refusals).toEqual(['bad_frame']);
		expect([...host.peers.sessions][0]?.peer?.keeps).toEqual(['*']);
	});

	test('a greeting larger than any honest one is not kept', async () => {
		const { world, host, peer, met } = await desk();
		peer.up();
		await peer.greet({ keeps: Array.from({ length: 40_000 }, (_, i) => `stock/${i}`) });
		await world.pass(1);
		expect(met()).toEqual([undefined]);
		expect(host.refusals).toEqual(['unproved_frame', 'unproved_frame']); // and the proof that came for it
	});
});
