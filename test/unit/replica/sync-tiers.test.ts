/** SYN2 and what a till says about it, with real replicas in virtual time; relays are stand-ins whose disks a test can slow down. */
import { describe, expect, test } from 'vitest';
import { memory } from '../../../adapters/storage-memory/index.js';
import { NotReachedYet } from '../../../src/base/errors.js';
import { openReplica, type Replica } from '../../../src/index.js';
import type { Link } from '../../../src/ports/index.js';
import { decodeFrame } from '../../../src/sync/frames.js';
import { World } from '../../property/escrow-world.js';
import { HandHost } from '../sync/hand-host.js';

const ledger = 'stock/a';

const sell = async (replica: Replica, count = 1) => {
	let last = '';
	for (let i = 0; i < count; i++) {
		const sold = await replica.commit((tx) => tx.add(replica.ledger(ledger).counter('sold'), 1));
		if (!sold.ok) throw new Error('refused');
		last = sold.commit;
	}
	return last;
};

function join(world: World, a: Replica | HandHost, b: Replica | HandHost, turnMs = 1) {
	const line = world.line({ turnMs });
	const add = (who: Replica | HandHost, link: Link) =>
		who instanceof HandHost ? who.connect(link) : who.addLink(link);
	const offs = [add(a, line.a), add(b, line.b)];
	return Object.assign(line, {
		off: () => {
			for (const off of offs) off();
		},
	});
}

/** Where a promise stands, without waiting for it. */
function watch<T>(promise: Promise<T>) {
	const seen: { value?: T; error?: unknown } = {};
	promise.then(
		(value) => {
			seen.value = value;
		},
		(error: unknown) => {
			seen.error = error;
		},
	);
	return seen;
}

describe('SYN2 a commit has reached', () => {
	test('a second device when that one’s disk has it, and nothing beyond', async () => {
		const world = new World(1);
		const [a, b] = [await world.open('a', world.memory()), new HandHost(world, 'b')];
		b.diskMs = 400;
		join(world, a, b);
		await world.pass(100);
		const commit = await sell(a);
		const [copy, store] = [
			watch(a.sync.reached(commit, 'copy')),
			watch(a.sync.reached(commit, 'store', { timeoutMs: 5_000 })),
		];
		await world.pass(350);
		expect(b.came.rows).toBeGreaterThan(0);
		expect(copy).toEqual({});
		expect(a.sync.status.get()).toMatchObject({
			at: 'device',
			safeToPowerOff: false,
			waiting: { copy: { entries: 2 } },
		});
		await world.pass(200);
		expect(copy.value).toMatchObject({ tier: 'copy', commit });
		expect(a.sync.status.get()).toMatchObject({
			at: 'copy',
			safeToPowerOff: true,
			waiting: { store: { entries: 2 }, hq: { entries: 2 } },
		});
		await world.pass(5_000);
		expect(store.error).toBeInstanceOf(NotReachedYet);
	});

	test('a store when its relay’s disk has it, and headquarters when that one’s has it: the relay passes the word down', async () => {
		const world = new World(2);
		const till = await world.open('till', world.memory());
		const [relay, hq] = [new HandHost(world, 'relay', { role: 'store' }), new HandHost(world, 'hq', { role: 'hq' })];
		[relay.diskMs, hq.diskMs] = [50, 700];
		join(world, till, relay);
		join(world, relay, hq);
		await world.pass(200);
		const commit = await sell(till);
		const [store, top] = [watch(till.sync.reached(commit, 'store')), watch(till.sync.reached(commit, 'hq'))];
		await world.pass(40);
		expect([store, top]).toEqual([{}, {}]);
		await world.pass(60);
		expect(store.value).toMatchObject({ tier: 'store' });
		expect([top, till.sync.status.get().at]).toEqual([{}, 'store']);
		await world.pass(800);
		expect(top.value).toMatchObject({ tier: 'hq' });
		expect(till.sync.status.get()).toMatchObject({ at: 'hq', safeToPowerOff: true });
	});

	test('headquarters after hours without it, and over a till in between where the relay is out of reach', async () => {
		const world = new World(3);
		const [till, neighbour] = [await world.open('till', world.memory()), await world.open('neighbour', world.memory())];
		const [relay, hq] = [new HandHost(world, 'relay', { role: 'store' }), new HandHost(world, 'hq', { role: 'hq' })];
		join(world, till, neighbour);
		const line = join(world, neighbour, relay);
		await world.pass(500);
		const commit = await sell(till, 3);
		const [store, top] = [watch(till.sync.reached(commit, 'store')), watch(till.sync.reached(commit, 'hq'))];
		await world.pass(1_000);
		expect(store.value).toMatchObject({ tier: 'store' });
		line.cut();
		await world.pass(3_600_000);
		join(world, relay, hq);
		await world.pass(1_000);
		expect(top).toEqual({});
		line.heal();
		await world.pass(5_000);
		expect(top.value).toMatchObject({ tier: 'hq' });
	});

	test('neither the store nor headquarters because two archives of the shop have it: a checkpoint does not say who they are', async () => {
		const world = new World(1);
		const home = await world.open('home', world.memory(), { home: [ledger] });
		const till = await world.open('till', world.memory());
		join(world, home, till);
		join(world, home, await world.open('back office', world.memory(), { archive: true }));
		await world.pass(100);
		const commit = await sell(till);
		await world.pass(1_000);
		await home.tend({ compact: true });
		await world.pass(1_000);
		expect(till.status().ledgers.map(({ checkpoint }) => checkpoint)).toEqual([true]);
		const [copy, ...farther] = (['copy', 'store', 'hq'] as const).map((tier) =>
			watch(till.sync.reached(commit, tier, { timeoutMs: 500 })),
		);
		await world.pass(1_000);
		expect(copy?.value).toMatchObject({ tier: 'copy' });
		for (const { error } of farther) expect(error).toBeInstanceOf(NotReachedYet);
	});

	test('the store, where the relay had it from another way before its neighbour brought it', async () => {
		const world = new World(4);
		const [till, neighbour] = [await world.open('till', world.memory()), await world.open('neighbour', world.memory())];
		const relay = new HandHost(world, 'relay', { role: 'store' });
		// The relay takes it, and the line breaks before its word comes back.
		const direct = join(world, till, relay, 20);
		await world.pass(500);
		const commit = await sell(till);
		await world.pass(25);
		direct.cut();
		expect([...relay.journal.in(ledger)].some(({ durable }) => durable === 2)).toBe(true);
		join(world, neighbour, relay);
		await world.pass(500);
		const store = watch(till.sync.reached(commit, 'store'));
		join(world, till, neighbour);
		await world.pass(3_000);
		expect(store.value).toMatchObject({ tier: 'store' });
	});

	test('its tier even where the word of it is lost on the way down', async () => {
		for (let seed = 5; seed < 10; seed++) {
			const world = new World(seed);
			const till = await world.open('till', world.memory());
			const [relay, hq] = [new HandHost(world, 'relay', { role: 'store' }), new HandHost(world, 'hq', { role: 'hq' })];
			let lost = 0;
			const line = world.line();
			till.addLink({
				kind: 'memory',
				private: true,
				stop: () => line.a.stop(),
				start: (events) =>
					line.a.start({
						up: (end) => events.up(end),
						down: () => events.down(),
						frame: (bytes) => {
							if (decodeFrame(bytes)?.kind === 'reach' && lost < 3) lost++;
							else events.frame(bytes);
						},
					}),
			});
			relay.connect(line.b);
			join(world, relay, hq);
			await world.pass(500);
			const top = watch(till.sync.reached(await sell(till), 'hq'));
			await world.pass(120_000);
			expect(lost).toBeGreaterThan(0);
			expect(top.value).toMatchObject({ tier: 'hq' });
		}
	});

	test('what it had reached, after a restart too: the next word of a peer tells', async () => {
		const world = new World(11);
		const storage = world.memory();
		const relay = new HandHost(world, 'relay', { role: 'store' });
		let till = await world.open('till', storage);
		const line = join(world, till, relay);
		await world.pass(200);
		const commit = await sell(till, 5);
		await world.pass(500);
		line.off();
		await till.shutdown();
		till = await world.open('till', storage);
		expect(till.sync.status.get().waiting.store.entries).toBe(6);
		const store = watch(till.sync.reached(commit, 'store'));
		join(world, till, relay);
		await world.pass(500);
		expect(store.value).toMatchObject({ tier: 'store' });
		expect(till.sync.status.get().waiting.store.entries).toBe(0);
		await expect(till.sync.reached('1.abc.0', 'store')).rejects.toMatchObject({ code: 'bad_argument' });
	});

	test('nothing in time, or before it was called off: NotReachedYet, and it stays written', async () => {
		const world = new World(12);
		const till = await world.open('till', world.memory());
		const commit = await sell(till);
		const late = watch(till.sync.reached(commit, 'copy', { timeoutMs: 500 }));
		const stop = new AbortController();
		const off = watch(till.sync.reached(commit, 'copy', { signal: stop.signal }));
		await world.pass(300);
		expect([late, off]).toEqual([{}, {}]);
		stop.abort();
		await world.pass(300);
		for (const { error } of [late, off]) {
			expect(error).toBeInstanceOf(NotReachedYet);
			expect(error).toMatchObject({ code: 'not_reached', retryable: true, details: { tier: 'copy' } });
		}
		expect(till.status().ledgers[0]?.rows).toBe(2);
		expect(till.sync.status.get().waiting.copy.entries).toBe(2);
		await till.sync.reached(commit, 'device');
	});

	test('only what it wrote: a peer that acknowledges what it was never sent gains nothing by it', async () => {
		const world = new World(13);
		const till = await world.open('till', world.memory());
		const liar = new HandHost(world, 'liar', { role: 'hq' });
		join(world, till, liar);
		await sell(till);
		await world.pass(500);
		const [epoch] = [...liar.journal.in(ledger)];
		if (!epoch) throw new Error('nothing came');
		// It takes nothing any more, and acknowledges a million rows of it, by every frame that it knows.
		liar.receive = async () => ({ acks: [], again: false, whole: false });
		const positions = [{ epoch: epoch.id, count: 1_000_000 }];
		for (const session of liar.peers.sessions) {
			session.send({ kind: 'ack', ledger, positions });
			session.say({ kind: 'reach', tier: 'hq', ledger, positions });
			session.say({ kind: 'reach', tier: 'store', ledger, positions });
			session.send({
				kind: 'heads',
				answer: false,
				ledgers: [
					{ ledger, rows: positions, covered: positions, checkpoint: new Uint8Array(), marks: new Uint8Array() },
				],
			});
			session.send({
				kind: 'update',
				ledger,
				segment: 0,
				update: Uint8Array.of(0, 0),
				seals: [{ ...positions[0], epoch: epoch.id, count: 1e6, signature: new Uint8Array(64) }],
			});
		}
		await world.pass(500);
		const commit = await sell(till);
		const reached = (['copy', 'store', 'hq'] as const).map((tier) =>
			watch(till.sync.reached(commit, tier, { timeoutMs: 2_000 })),
		);
		await world.pass(3_000);
		for (const { error } of reached) expect(error).toBeInstanceOf(NotReachedYet);
		expect(till.sync.status.get()).toMatchObject({
			at: 'device',
			safeToPowerOff: false,
			waiting: { hq: { entries: 1 } },
		});
	});
});

describe('sync.status', () => {
	test('says how much waits since when, and who is linked', async () => {
		const world = new World(14);
		const till = await world.open('till', world.memory());
		await world.pass(2 * 3_600_000);
		const before = new Date(world.platform().clock.nowMs()).toISOString();
		await sell(till);
		await world.pass(60_000);
		await sell(till, 2);
		const { waiting, peers } = till.sync.status.get();
		expect(waiting.hq).toMatchObject({ entries: 4, oldest: before });
		expect(waiting.hq.bytes).toBeGreaterThan(40);
		expect(peers).toEqual([]);
		const relay = new HandHost(world, 'relay', { role: 'store' });
		join(world, till, relay, 10);
		await world.pass(10_000);
		const status = till.sync.status.get();
		expect(status.waiting.store).toEqual({ entries: 0, bytes: 0, oldest: undefined });
		expect(status.waiting.hq.oldest).toBe(before);
		expect(status.peers).toMatchObject([
			{ device: relay.device, name: 'relay', via: 'memory', inSync: true, rttMs: 20 },
		]);
	});

	test('changes when somebody looks: at a sale, at a link, at an acknowledgement', async () => {
		const world = new World(15);
		const till = await world.open('till', world.memory());
		const said: string[] = [];
		till.sync.status.on(({ at, peers }) => said.push(`${at} ${peers.filter(({ inSync }) => inSync).length}`));
		await sell(till);
		const relay = new HandHost(world, 'relay', { role: 'store' });
		const line = join(world, till, relay);
		await world.pass(500);
		line.cut();
		await world.pass(500);
		expect(said).toContain('device 0');
		expect(said).toContain('store 1');
		expect(said[said.length - 1]).toBe('store 0');
	});

	test('flush waits for everything; what is written meanwhile too', async () => {
		const world = new World(16);
		const till = await world.open('till', world.memory());
		const relay = new HandHost(world, 'relay', { role: 'store' });
		relay.diskMs = 100;
		await sell(till, 3);
		const [flushed, copied] = [watch(till.sync.flush({ timeoutMs: 60_000 })), watch(till.sync.flush({ tier: 'copy' }))];
		await world.pass(1_000);
		expect([flushed, copied]).toEqual([{}, {}]);
		join(world, till, relay);
		await sell(till);
		await world.pass(2_000);
		expect([flushed, copied]).toEqual([{ value: undefined }, { value: undefined }]);
		await till.sync.flush();
		await expect(till.sync.flush({ tier: 'moon' as 'hq' })).rejects.toMatchObject({ code: 'bad_argument' });
	});
});

describe('sync.pause', () => {
	test('holds rows back until all who paused go on; what comes is taken meanwhile', async () => {
		const world = new World(17);
		const till = await world.open('till', world.memory());
		const other = new HandHost(world, 'other');
		join(world, till, other);
		await world.pass(200);
		const resume = [till.sync.pause(), till.sync.pause()];
		await sell(till, 2);
		const at = await other.write(ledger, 2);
		await world.pass(2_000);
		expect(other.came.rows).toBe(0);
		expect(till.status().ledgers[0]?.rows).toBe(3 + at.count);
		resume[0]?.();
		resume[0]?.();
		await world.pass(2_000);
		expect(other.came.rows).toBe(0);
		resume[1]?.();
		await world.pass(2_000);
		expect(other.came.rows).toBe(3);
	});

	test('before the first link holds back what goes over it', async () => {
		const world = new World(18);
		const till = await openReplica({
			chain: 'chain',
			name: 'till',
			storage: memory({ platform: world.platform() }),
			keeps: ['stock/*'],
		});
		const resume = till.sync.pause();
		const other = new HandHost(world, 'other');
		join(world, till, other);
		await sell(till);
		// The part that meets others is loaded in real time.
		for (let i = 0; i < 200 && other.peers.sessions.size + till.sync.status.get().peers.length < 2; i++) {
			await new Promise((resolve) => setTimeout(resolve, 5));
			await world.pass(20);
		}
		await world.pass(2_000);
		expect(till.sync.status.get().peers.length).toBe(1);
		expect(other.came.rows).toBe(0);
		resume();
		await world.pass(2_000);
		expect(other.came.rows).toBe(2);
	});
});
