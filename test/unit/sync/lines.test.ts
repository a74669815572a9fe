/** Rows across many lines: each line carries each row once, mostly, and everybody ends with the same. */
import { describe, expect, test } from 'vitest';
import { gateUpdate } from '../../../src/journal/gate.js';
import type { Link } from '../../../src/ports/index.js';
import { decodeFrame } from '../../../src/sync/frames.js';
import { World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';
import { RawPeer } from './raw-peer.js';

const ledger = 'stock/a';
type Crossings = Map<string, number>;

/** Counts on this side how often each row comes over the line. */
function counted(link: Link, line: string, crossings: Crossings, frames: Map<string, number>): Link {
	return {
		kind: link.kind,
		private: true,
		stop: () => link.stop(),
		start: (events) =>
			link.start({
				up: (end) => events.up(end),
				down: () => events.down(),
				frame: (bytes) => {
					const frame = decodeFrame(bytes);
					if (frame) frames.set(frame.kind, (frames.get(frame.kind) ?? 0) + 1);
					const verdict = frame?.kind === 'update' ? gateUpdate(frame.update) : undefined;
					for (const run of verdict?.ok ? verdict.runs : [])
						for (let i = 0; i < run.entries.length; i++) {
							const row = `${line} ${run.epoch} ${run.from + i}`;
							crossings.set(row, (crossings.get(row) ?? 0) + 1);
						}
					events.frame(bytes);
				},
			}),
	};
}

class Net {
	readonly world: World;
	readonly hosts: HandHost[];
	readonly crossings: Crossings = new Map();
	readonly frames = new Map<string, number>();

	constructor(count: number, pairs: readonly (readonly [number, number])[], seed = 1) {
		this.world = new World(seed);
		this.hosts = Array.from({ length: count }, (_, i) => new HandHost(this.world, `till-${i}`));
		for (const [a, b] of pairs) this.join(a, b);
	}

	join(a: number, b: number): void {
		const line = this.world.line();
		const name = `${Math.min(a, b)}-${Math.max(a, b)}`;
		this.at(a).connect(counted(line.a, name, this.crossings, this.frames));
		this.at(b).connect(counted(line.b, name, this.crossings, this.frames));
	}

	at(i: number): HandHost {
		return this.hosts[i] as HandHost; // of those made
	}

	equal(): void {
		for (const host of this.hosts) expect(host.holding(ledger)).toEqual(this.at(0).holding(ledger));
	}

	get most(): number {
		return Math.max(0, ...this.crossings.values());
	}
}

const ring = (count: number) => Array.from({ length: count }, (_, i) => [i, (i + 1) % count] as const);
const mesh = (count: number) =>
	Array.from({ length: count }, (_, a) => Array.from({ length: a }, (_, b) => [a, b] as const)).flat();

describe.each([
	['a full mesh of 6', 6, mesh(6), 1],
	['a ring of 6', 6, ring(6), 2],
	['a star of 6', 6, [1, 2, 3, 4, 5].map((i) => [0, i] as const), 1],
	['a line of 6', 6, [0, 1, 2, 3, 4].map((i) => [i, i + 1] as const), 1],
])('SYN5 in %s', (_, count, pairs, most) => {
	test('rows that each of them writes reach all, over each line once, in a ring from both sides; then there is silence', async () => {
		const net = new Net(count, pairs);
		await net.world.pass(2_000);
		for (let round = 0; round < 5; round++) {
			for (const host of net.hosts) await host.write(ledger);
			await net.world.pass(40);
		}
		await net.world.pass(8_000); // news of peers come twice
		net.equal();
		expect(net.at(0).holding(ledger).counts.size).toBe(count);
		expect(net.most).toBeLessThanOrEqual(most);
		net.frames.clear();
		await net.world.pass(20_000);
		for (const kind of net.frames.keys()) expect(['ping', 'pong']).toContain(kind);
		expect(net.frames.get('ping')).toBe(4 * 2 * pairs.length);
	});

	test('a row costs a bounded number of frames', async () => {
		const net = new Net(count, pairs);
		await net.at(0).write(ledger);
		await net.world.pass(8_000);
		net.frames.clear();
		await net.at(0).write(ledger);
		await net.world.pass(1_000);
		net.equal();
		expect(net.frames.get('update')).toBeLessThanOrEqual(most * pairs.length);
		expect(net.frames.get('ack') ?? 0).toBeLessThanOrEqual(2 * pairs.length);
		for (const kind of net.frames.keys()) expect(['ping', 'pong', 'update', 'ack']).toContain(kind);
	});

	test('a line that is cut is gone around, and when it is whole again only what it missed crosses it', async () => {
		const net = new Net(count, pairs);
		await net.world.pass(2_000);
		for (const host of net.hosts) await host.write(ledger, 10);
		await net.world.pass(3_000);
		net.crossings.clear();
		net.join(0, count - 1); // a second line, or a new one
		await net.world.pass(2_000);
		expect(net.crossings.size).toBe(0);
		net.equal();
	});
});

test('SYN5 whoever had a row from one that the other is linked to as well does not send it there', async () => {
	const net = new Net(4, [
		[0, 1],
		[1, 2],
		[1, 3],
		[2, 3],
	]);
	await net.world.pass(2_000);
	for (let i = 0; i < 5; i++) {
		await net.at(0).write(ledger); // its author is linked to the first of the three alone
		await net.world.pass(100);
	}
	await net.world.pass(2_000);
	net.equal();
	expect([...net.crossings.keys()].filter((row) => row.startsWith('2-3'))).toEqual([]);
});

describe('several lines to one device', () => {
	test('SYN4 carry each row once, whichever side came up first', async () => {
		for (let seed = 1; seed <= 20; seed++) {
			const net = new Net(
				2,
				[
					[0, 1],
					[0, 1],
					[0, 1],
				],
				seed,
			);
			await net.world.pass(net.world.chance() * 100);
			for (let i = 0; i < 10; i++) {
				await net.at(0).write(ledger);
				await net.at(1).write(ledger);
				await net.world.pass(net.world.chance() * 50);
			}
			await net.world.pass(2_000);
			net.equal();
			expect(net.most).toBe(1);
		}
	});

	test('SYN4 carry each row once where each side sends over another of them', async () => {
		const world = new World(5);
		const [a, b] = [new HandHost(world, 'a'), new HandHost(world, 'b')];
		const crossings: Crossings = new Map();
		// Each line is heard of first on one side: frames from a to b are slow on the first, from b to a on the second.
		const slow = (link: Link, ms: () => number): Link => ({
			kind: link.kind,
			private: true,
			stop: () => link.stop(),
			start: (events) =>
				link.start({
					...events,
					up: (end) => events.up(end),
					down: () => events.down(),
					frame: (bytes) => void world.timers.after(ms(), () => events.frame(bytes)),
				}),
		});
		let delayMs = 50;
		const [first, second] = [world.line(), world.line()];
		a.connect(slow(first.a, () => delayMs));
		b.connect(counted(first.b, 'line', crossings, new Map()));
		a.connect(counted(second.a, 'line', crossings, new Map()));
		b.connect(slow(second.b, () => delayMs));
		await world.pass(3_000);
		delayMs = 0;
		for (let i = 0; i < 5; i++) {
			await a.write(ledger);
			await b.write(ledger);
			await world.pass(100);
		}
		await world.pass(2_000);
		expect(a.holding(ledger)).toEqual(b.holding(ledger));
		const rows = a.came.rows + b.came.rows;
		expect(rows).toBe([...a.holding(ledger).counts.values()].reduce((sum, n) => sum + n, 0));
	});

	test('SYN4 when the one that carried the rows is gone, the next goes on with the difference', async () => {
		const world = new World(6);
		const [a, b] = [new HandHost(world, 'a'), new HandHost(world, 'b')];
		const first = a.link(b);
		a.link(b);
		await world.pass(1_000);
		await a.write(ledger, 500);
		await b.write(ledger, 500);
		await world.pass(2_000);
		const before = { ...b.came };
		first.off();
		await a.write(ledger);
		await world.pass(2_000);
		expect(a.holding(ledger)).toEqual(b.holding(ledger));
		expect(b.came.rows - before.rows).toBe(1);
		expect(b.came.updates - before.updates).toBe(1);
	});
});

test('SYN5 JRN7 two openings of one device are no two lines to one: a clone, or a device that came back, gets everything too', async () => {
	const world = new World(8);
	const [home, till, copy] = ['home', 'till', 'till'].map((name) => new HandHost(world, name)) as [
		HandHost,
		HandHost,
		HandHost,
	];
	copy.pair = till.pair;
	home.link(till);
	await world.pass(1_000);
	home.link(copy);
	await world.pass(1_000);
	const at = await home.write(ledger, 3);
	const own = await till.write(ledger, 2);
	await world.pass(1_000);
	for (const host of [till, copy]) expect(host.count(at.epoch)).toBe(at.count);
	expect(copy.count(own.epoch)).toBe(own.count);
});

test('SYN4 a peer that never reads is bounded in memory, and gets the difference when it reads again', async () => {
	const world = new World(7);
	const host = new HandHost(world, 'till');
	const peer = new RawPeer(world);
	host.connect(peer);
	await peer.meet();
	peer.said = [];
	for (let i = 0; i < 100; i++) await host.write('orders/a', 200, 200); // 20 rows of 200 bytes a thousand times
	await world.pass(10);
	const sentBytes = peer.all('update').reduce((sum, { update }) => sum + update.length, 0);
	expect(sentBytes).toBeGreaterThan(40_000);
	expect(sentBytes).toBeLessThan(1_300_000);
	expect([...host.peers.sessions][0]?.unackedBytes).toBeLessThan(1_300_000);
	peer.takes = false;
	await world.pass(3_000);
	peer.takes = true;
	// It reads again, and says what it has.
	const [epoch] = [...host.journal.in('orders/a')];
	if (!epoch) throw new Error('nothing was written');
	const positions = [{ epoch: epoch.id, count: epoch.count - 100 }];
	peer.said = [];
	peer.say({ kind: 'ack', ledger: 'orders/a', positions });
	await world.pass(1);
	const verdict = gateUpdate(peer.last('update').update);
	expect(verdict.ok && verdict.runs[0]?.from).toBeGreaterThanOrEqual(epoch.count - 100);
});
