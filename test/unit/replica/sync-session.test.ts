/** Sessions as a replica has them: what does not fit, what floods, what lies, and disks that have lost rows. */
import { describe, expect, test } from 'vitest';
import type { Replica } from '../../../src/index.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import type { Link, LinkEnd, LinkEvents } from '../../../src/ports/index.js';
import type { Frame } from '../../../src/sync/frames.js';
import { World } from '../../property/escrow-world.js';
import { everyFrame } from '../sync/every-frame.js';
import { HandHost } from '../sync/hand-host.js';
import { RawPeer } from '../sync/raw-peer.js';

const nothing = new Uint8Array();
const ledger = 'stock/a';
type Update = Extract<Frame, { kind: 'update' }>;

const sell = async (replica: Replica, count = 1) => {
	for (let i = 0; i < count; i++) await replica.commit((tx) => tx.add(replica.ledger(ledger).counter('sold'), 1));
};
const rowsOf = (replica: Replica, of = ledger) =>
	replica.status().ledgers.find((each) => each.ledger === of)?.rows ?? 0;

/** A replica, and the other end of a line to it. */
async function desk(seed = 1) {
	const world = new World(seed);
	const till = await world.open('till', world.memory());
	const peer = new RawPeer(world);
	till.addLink(peer);
	return { world, till, peer };
}

/** Updates of a device that wrote so many rows, one row each. */
async function updatesOf(world: World, count: number): Promise<Update[]> {
	const author = new HandHost(world, 'author');
	const reader = new RawPeer(world);
	author.connect(reader);
	await reader.meet();
	for (let i = 0; i < count; i++) {
		await author.write(ledger);
		await world.pass(1);
	}
	return reader.all('update');
}

describe('SYN1 what does not extend what is here, or names what is not, is asked for again', () => {
	test('and taken when it comes: in any order, in parts, twice', async () => {
		const { world, till, peer } = await desk();
		const updates = await updatesOf(world, 6);
		await peer.meet();
		const [first, second, ...others] = updates as [Update, Update, ...Update[]];
		for (const update of others.reverse()) peer.say(update);
		await world.pass(300);
		expect(rowsOf(till)).toBe(0);
		expect(peer.all('ack')).toEqual([]);
		expect(peer.all('heads').length).toBeGreaterThan(0);
		expect(peer.last('heads').ledgers).toMatchObject([{ ledger, rows: [] }]);
		for (const update of [second, first, first]) peer.say(update);
		await world.pass(300);
		expect(rowsOf(till)).toBe(2); // the first of them holds the opening and a row
		expect(peer.last('heads').ledgers).toMatchObject([{ rows: [{ count: 2 }] }]);
		for (const update of updates) peer.say(update);
		await world.pass(300);
		expect(rowsOf(till)).toBe(7);
		expect(peer.last('ack').positions).toMatchObject([{ count: 7 }]);
		expect(till.status().rejected.count).toBe(0);
	});

	test('and said once in 200 ms, however much does not fit', async () => {
		const { world, till, peer } = await desk();
		const updates = await updatesOf(world, 3);
		await peer.meet();
		for (let i = 0; i < 1_000; i++) {
			peer.say(updates[2] as Update);
			if (i % 10 === 0) await world.pass(10);
		}
		await world.pass(300);
		expect(peer.all('heads').length).toBeLessThanOrEqual(8);
		expect(rowsOf(till)).toBe(0);
	});

	test('SYN2 nothing is acknowledged that was not applied', async () => {
		const { world, till, peer } = await desk();
		const updates = await updatesOf(world, 4);
		await peer.meet();
		const [first, , third] = updates as [Update, Update, Update];
		// A run past the end, a seal that does not hold, a seal over more than came.
		peer.say(third);
		peer.say({ ...first, seals: first.seals.map((seal) => ({ ...seal, signature: new Uint8Array(64) })) });
		peer.say({ ...first, seals: first.seals.map((seal) => ({ ...seal, count: 1_000 })) });
		await world.pass(300);
		expect([peer.all('ack'), rowsOf(till)]).toEqual([[], 0]);
		peer.say(first);
		peer.say(third);
		await world.pass(300);
		for (const { positions } of peer.all('ack')) expect(positions).toMatchObject([{ count: 2 }]);
		expect(peer.all('ack').length).toBeGreaterThan(0);
	});
});

test('JRN7 a fenced till enrols anew over the very line it is fenced over, and is met under its new name at once', async () => {
	const world = new World(9);
	const [home, till] = [
		await world.open('home', world.memory(), { home: [ledger] }),
		await world.open('till', world.memory()),
	];
	const line = world.line();
	home.addLink(line.a);
	till.addLink(line.b);
	await sell(home);
	await sell(till, 2);
	await world.pass(1_000);
	const former = till.device;
	await home.fence(former);
	await world.pass(500);
	expect(till.device).not.toBe(former);
	expect(home.sync.status.get().peers).toMatchObject([{ device: till.device, inSync: true }]);
	expect(till.sync.status.get().peers).toMatchObject([{ device: home.device, inSync: true }]);
	await sell(till, 2);
	await sell(home);
	await world.pass(1_000);
	expect(home.digest(ledger)).toBe(till.digest(ledger));
	expect(home.ledger(ledger).counter('sold').value.get()).toBe(6);
	expect(till.sync.status.get().safeToPowerOff).toBe(true);
	expect([...home.status().rejected.newest, ...till.status().rejected.newest]).toEqual([]);
});

describe('disks that lost rows', () => {
	test('a peer that comes back with an old copy is told, and both note it; the rows come back', async () => {
		const world = new World(2);
		const storage = world.memory();
		const [a, b] = [await world.open('a', world.memory()), await world.open('b', storage)];
		const line = new Socket(world);
		a.addLink(line.near);
		b.addLink(line.far());
		await sell(a);
		await sell(b);
		await world.pass(500);
		const old = Object.assign(storage.copy(), { platform: world.platform() });
		await sell(a, 3);
		await world.pass(500);
		expect(rowsOf(b)).toBe(rowsOf(a));
		await b.shutdown();
		// The same line comes up again, with the old disk behind it.
		const restored = await world.open('b', old);
		expect(rowsOf(restored)).toBe(rowsOf(a) - 3);
		restored.addLink(line.far());
		await world.pass(3_000);
		expect(rowsOf(restored)).toBe(rowsOf(a));
		expect(restored.digest(ledger)).toBe(a.digest(ledger));
		expect(a.status().losses).toMatchObject([{ device: b.device, disk: 'theirs', ledger, epochs: 1 }]);
		expect(restored.status().losses).toMatchObject([{ device: a.device, disk: 'ours', ledger, epochs: 1 }]);
	});

	test('by name, in both directions', async () => {
		const world = new World(3);
		const till = await world.open('till', world.memory());
		const other = new HandHost(world, 'other');
		const line = world.line();
		till.addLink(line.a);
		other.connect(line.b);
		await sell(till, 3);
		const at = await other.write(ledger, 2);
		await world.pass(500);
		line.cut();
		// The other's disk has forgotten all of it.
		for (const epoch of [...other.journal.in(ledger)]) other.lose(ledger, epoch.id);
		line.heal();
		await world.pass(2_000);
		expect(till.status().losses).toMatchObject([{ device: other.device, disk: 'theirs', ledger, epochs: 2 }]);
		expect(other.losses).toMatchObject([{ ledger, theirs: false }]);
		expect(other.losses[0]?.positions.map(({ count }) => count).sort()).toEqual([3, 4]);
		expect(other.count(at.epoch)).toBe(at.count); // it got even its own back
		// And ours, by the word of a peer.
		for (const session of other.peers.sessions) session.send({ kind: 'lost', ledger, positions: [at] });
		await world.pass(100);
		expect(till.status().losses[1]).toMatchObject({ device: other.device, disk: 'ours', epochs: 1 });
	});

	test('are known to be lost even where the line broke in between, before anything was compared', async () => {
		const world = new World(4);
		const till = await world.open('till', world.memory());
		const peer = new RawPeer(world);
		till.addLink(peer);
		await peer.meet();
		await sell(till, 2);
		await world.pass(100);
		const { seals } = peer.last('update');
		peer.say({ kind: 'ack', ledger, positions: seals.map(({ epoch, count }) => ({ epoch, count })) });
		peer.down();
		peer.up();
		await peer.greet();
		peer.down();
		await peer.meet();
		expect(peer.last('lost')).toMatchObject({ ledger, positions: [{ count: 3 }] });
		expect(till.status().losses.length).toBe(1);
	});
});

/** A near end that stays, and far ends that come one after the other, as a server sees a client that starts anew. */
class Socket {
	readonly near: Link;
	readonly #world: World;
	#near: LinkEvents | undefined;
	#far: LinkEvents | undefined;

	constructor(world: World) {
		this.#world = world;
		this.near = { kind: 'near', start: (events) => this.#set('near', events), stop: () => this.#down() };
	}

	far(): Link {
		return { kind: 'far', start: (events) => this.#set('far', events), stop: () => this.#down() };
	}

	#set(side: 'near' | 'far', events: LinkEvents): void {
		if (side === 'near') this.#near = events;
		else this.#far = events;
		const [near, far] = [this.#near, this.#far];
		if (!near || !far) return;
		const end = (to: LinkEvents): LinkEnd => ({
			send: (frame) => {
				this.#world.timers.after(1, () => {
					if (this.#far === far) to.frame(frame.slice());
				});
				return true;
			},
			close: () => this.#down(),
		});
		near.up(end(far));
		far.up(end(near));
	}

	#down(): void {
		const far = this.#far;
		this.#far = undefined;
		far?.down();
		if (far) this.#near?.down();
	}
}

describe('hostile frames at a replica', () => {
	test('every kind before the proof: refused, counted, the state unchanged; the line is closed', async () => {
		const { world, till, peer } = await desk();
		await sell(till, 2);
		const before = [till.digest(ledger), rowsOf(till), await till.bytes()];
		peer.up();
		for (let i = 0; i < 3; i++)
			for (const frame of everyFrame(ledger)) if (!['hello', 'proof', 'bye'].includes(frame.kind)) peer.say(frame);
		await world.pass(100);
		expect([till.digest(ledger), rowsOf(till), await till.bytes()]).toEqual(before);
		expect(till.status().rejected.count).toBe(17);
		expect(new Set(till.status().rejected.newest.map(({ code }) => code))).toEqual(new Set(['unproved_frame']));
		expect(peer.said.map(({ kind }) => kind)).toEqual(['hello', 'bye']);
	});

	test('cut, extended, unknown and random frames from a device that proved itself: counted, and nothing changes', async () => {
		const { world, till, peer } = await desk();
		await sell(till, 2);
		await peer.meet();
		await world.pass(500);
		const before = [till.digest(ledger), rowsOf(till), await till.bytes()];
		let bad = 0;
		for (let i = 0; i < 2_000; i++) {
			peer.bytes(world.bytes(1 + Math.floor(world.chance() * 80)));
			bad++;
		}
		peer.bytes(new Uint8Array());
		peer.bytes(new Uint8Array(1024 * 1024 + 1).fill(8));
		await world.pass(1_000);
		expect([till.digest(ledger), rowsOf(till), await till.bytes()]).toEqual(before);
		expect(till.status().rejected.count).toBeGreaterThan(bad / 2);
		expect(till.status().rejected.newest.length).toBe(64);
	});

	test('a question each millisecond: twenty a second are answered', async () => {
		const { world, till, peer } = await desk();
		await sell(till, 50);
		await peer.meet();
		await world.pass(10_000);
		peer.said = [];
		const heads = {
			kind: 'heads',
			answer: true,
			ledgers: [{ ledger, rows: [], covered: [], checkpoint: nothing, marks: nothing }],
		} as const;
		for (let i = 0; i < 3_000; i++) {
			peer.say({ kind: 'digests', answer: true, ledgers: [] });
			peer.say(heads);
			await world.pass(1);
		}
		// A hundred at once, then three seconds of twenty: each leads to one answer, and perhaps to the rows once more.
		expect(peer.all('digests').length).toBeLessThanOrEqual(165);
		expect(peer.all('heads').length).toBeLessThanOrEqual(165);
		expect(peer.all('update').length).toBeLessThanOrEqual(330);
	});

	test('counts beyond all measure, of ledgers and epochs that are none: nothing is kept of them', async () => {
		const { world, till, peer } = await desk();
		await sell(till);
		await peer.meet();
		await world.pass(500);
		const most = Number.MAX_SAFE_INTEGER;
		const own = peer.last('update').seals[0]?.epoch ?? 0;
		peer.say({ kind: 'reach', tier: 'archive', ledger, positions: [{ epoch: own, count: 2 }] });
		for (let i = 0; i < 300; i++) {
			const name = `stock/none-${i}`;
			const positions = Array.from({ length: 200 }, (_, j) => ({ epoch: i * 1_000 + j, count: most }));
			peer.say({ kind: 'ack', ledger: `stock/acked-${i}`, positions });
			peer.say({
				kind: 'heads',
				answer: true,
				ledgers: [
					{ ledger: `stock/told-${i}`, rows: positions, covered: positions, checkpoint: nothing, marks: nothing },
				],
			});
			peer.say({ kind: 'ack', ledger, positions });
			peer.say({ kind: 'reach', tier: 'archive', ledger: name, positions });
			peer.say({ kind: 'reach', tier: 'hq', ledger, positions });
			peer.say({
				kind: 'update',
				ledger: name,
				segment: most,
				update: Uint8Array.of(0, 0),
				seals: [{ epoch: i, count: most, signature: new Uint8Array(64) }],
			});
			peer.say({ kind: 'took', ledger: name, id: new Uint8Array(32), bytes: most });
			peer.say({
				kind: 'point',
				ledger: name,
				id: new Uint8Array(32),
				bytes: most,
				from: most,
				piece: new Uint8Array(),
			});
			await world.pass(10);
		}
		const lines = await (till as unknown as { meet(): Promise<import('../../../src/replica/lines.js').Lines> }).meet();
		for (const session of lines.peers.sessions) {
			for (const name of ['none', 'acked']) expect(session.told(`stock/${name}-1`)).toEqual(new Map());
			expect(session.told('stock/told-1'), 'said to be there, and not here yet').toBeUndefined();
			expect(session.ackedBy(ledger, 5)).toBe(0);
		}
		for (const tier of ['copy', 'store', 'hq', 'archive'] as const)
			expect(lines.peers.tidings.reach.of(tier, 5)).toBe(0);
		// A device, too, has nothing to say of what archives hold (JRN11).
		for (const epoch of [5, own]) expect(lines.peers.tidings.archives.of(epoch)).toBe(0);
		expect(till.ledgers()).toEqual([ledger]);
		// The replica goes on as before.
		await sell(till);
		await world.pass(500);
		expect(peer.last('update').ledger).toBe(ledger);
	});

	test('a false checkpoint, a checkpoint that is none, and half of one', async () => {
		const { world, till, peer } = await desk();
		await sell(till, 3);
		await peer.meet();
		const before = till.digest(ledger);
		const piece = (bytes: Uint8Array, length = bytes.length) =>
			peer.say({ kind: 'point', ledger, id: world.bytes(32), bytes: length, from: 0, piece: bytes });
		piece(world.bytes(500));
		piece(new Uint8Array());
		piece(world.bytes(500), 16 * 1024 * 1024);
		piece(world.bytes(10), 16 * 1024 * 1024 + 1);
		await world.pass(500);
		expect(till.digest(ledger)).toBe(before);
		expect(till.status().ledgers[0]?.checkpoint).toBe(false);
		expect(
			till
				.status()
				.rejected.newest.map(({ code }) => code)
				.sort(),
		).toEqual(['bad_checkpoint', 'bad_checkpoint', 'bad_frame']);
	});

	test('signals under another’s name, asks for nothing, and peers that are none', async () => {
		const { world, till, peer } = await desk();
		const lines = await (till as unknown as { meet(): Promise<import('../../../src/replica/lines.js').Lines> }).meet();
		const heard: string[] = [];
		lines.peers.signals.listen((from) => heard.push(from));
		await peer.meet();
		for (const from of [till.device, 'somebody'])
			peer.say({ kind: 'signal', from, to: till.device, message: Uint8Array.of(1) });
		for (const amount of [0, Number.MAX_SAFE_INTEGER])
			peer.say({
				kind: 'ask',
				id: `a${amount}`,
				ledger,
				pool: 'p/x',
				amount,
				need: amount,
				to: peer.device,
				donor: till.device,
				hops: 255,
			});
		peer.say({ kind: 'peers', devices: [{ device: till.device, name: 'me?', linked: true, agoMs: 0 }] });
		await world.pass(500);
		expect([heard, rowsOf(till), till.ledgers()]).toEqual([[], 0, []]);
		peer.say({ kind: 'signal', from: peer.device, to: till.device, message: Uint8Array.of(1) });
		expect(heard).toEqual([peer.device]);
	});

	test('updates of another’s journal, of a ledger that is not kept, under a seal of its own: refused by their codes', async () => {
		const { world, till, peer } = await desk();
		const [update] = (await updatesOf(world, 1)) as [Update];
		await peer.meet();
		const verdict = gateUpdate(update.update);
		if (!verdict.ok) throw new Error('it is sound');
		peer.say({ ...update, ledger: 'orders/x' });
		peer.say({ ...update, segment: 7 });
		peer.say({ ...update, seals: [] });
		peer.say({ ...update, update: update.update.slice(0, -1) });
		peer.say({ ...update, update: encodeUpdate([]) });
		await world.pass(300);
		expect([rowsOf(till), till.ledgers(), peer.all('ack')]).toEqual([0, [], []]);
		expect(till.status().rejected.count).toBeGreaterThanOrEqual(2);
		peer.say(update);
		await world.pass(300);
		expect(rowsOf(till)).toBe(2);
	});
});
