/** The parts of a session that fit a page: classes, keeps, rows of a peer, flights, the inbox, the turnstile, tiers, batches. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/base/limits.js';
import { includes, keeps, matches } from '../../../src/base/patterns.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { frameOf, nextBatch } from '../../../src/sync/batches.js';
import { classOf } from '../../../src/sync/classes.js';
import { Flights } from '../../../src/sync/flights.js';
import { decodeFrame, type Frame } from '../../../src/sync/frames.js';
import { Inbox } from '../../../src/sync/inbox.js';
import { PeerRows } from '../../../src/sync/peer-rows.js';
import { Archives, ReachTable, tierOf } from '../../../src/sync/reach.js';
import { Turnstile } from '../../../src/sync/turnstile.js';
import { settle, World } from '../../property/escrow-world.js';
import { everyFrame } from './every-frame.js';
import { HandHost } from './hand-host.js';

const ledger = 'stock/a';

test('SYN3 classes: settlement and approvals, orders, stock and balances and whatever is a vendor’s own, prices', () => {
	const order = ['desk/a', 'orders/a/2026-01-01', 'stock/a', 'catalog/a'];
	expect(order.map(classOf)).toEqual([0, 1, 2, 3]);
	for (const own of ['members/7', 'cash/a', 'deskx/a', 'constructor/a', 'loyalty/a']) expect(classOf(own)).toBe(2);
});

test('a pattern is a name, a beginning and a star and the least that follows, or a star for the kind', () => {
	for (const [pattern, yes, no] of [
		['stock/a', ['stock/a'], ['stock/ab', 'stock', 'xstock/a']],
		['stock/*', ['stock/a', 'stock/'], ['stock', 'stoc/a']],
		['*', ['stock/a', ''], []],
		['*/a', ['stock/a', 'own/a'], ['stock/ab']],
		['*/a*', ['stock/ab', 'orders/a/1'], ['stock/b']],
		[
			'orders/a/*2026-02-14',
			['orders/a/2026-02-14', 'orders/a/2026-11-01', 'orders/a/2026-02-14b'],
			['orders/a/2026-02-1'],
		],
		['orders/a/*2026-02-14', [], ['orders/a/2026-02-13', 'orders/a/', 'orders/b/2026-02-15']],
	] as const) {
		for (const name of yes) expect([pattern, name, matches(pattern, name)]).toEqual([pattern, name, true]);
		for (const name of no) expect([pattern, name, matches(pattern, name)]).toEqual([pattern, name, false]);
	}
	expect(keeps([], 'stock/a')).toBe(false);
	expect(includes('stock/*', 'stock/a*')).toBe(true);
	expect(includes('stock/*', 'stock/*2025')).toBe(true);
	expect(includes('orders/a/*2026', 'orders/a/*2025')).toBe(false);
	expect(includes('orders/a/*2026', 'orders/a/2026-01-01')).toBe(true);
	expect(keeps(['cash/*', 'stock/a'], 'stock/a')).toBe(true);
});

describe('rows of a peer', () => {
	test('what it says is the truth, even where it is less; acknowledgements only add', () => {
		const rows = new PeerRows();
		expect([rows.told(ledger), rows.acked(ledger, 1), rows.sent(ledger, 1)]).toEqual([undefined, 0, 0]);
		expect(rows.noteAck(ledger, 1, 5)).toBe(false); // nothing is known of it yet
		rows.tell(ledger, new Map([[1, 5]]));
		expect(rows.noteAck(ledger, 1, 4)).toBe(false);
		expect(rows.noteAck(ledger, 1, 7)).toBe(true);
		expect(rows.acked(ledger, 1)).toBe(7);
		rows.tell(ledger, new Map([[1, 3]]));
		expect(rows.acked(ledger, 1)).toBe(3);
	});

	test('what was sent counts as there until it is rewound; an acknowledgement past it overtakes it', () => {
		const rows = new PeerRows();
		rows.tell(ledger, new Map([[1, 2]]));
		rows.noteSent(ledger, 1, 9);
		rows.noteSent(ledger, 1, 6);
		expect(rows.sent(ledger, 1)).toBe(9);
		rows.noteAck(ledger, 1, 4);
		expect(rows.sent(ledger, 1)).toBe(9);
		rows.rewind();
		expect(rows.sent(ledger, 1)).toBe(4);
		rows.noteSent(ledger, 1, 9);
		rows.noteAck(ledger, 1, 12);
		expect(rows.sent(ledger, 1)).toBe(12);
	});

	test.each([0, 3])('JRN11 an epoch that is covered there beyond %i rows is sent from there', (held) => {
		const rows = new PeerRows();
		rows.tell(ledger, new Map([[1, 8]]));
		rows.noteBare(ledger, 1, held);
		expect([rows.acked(ledger, 1), rows.sent(ledger, 1)]).toEqual([8, held]);
		rows.noteSent(ledger, 1, 10);
		rows.noteAck(ledger, 1, 10);
		expect(rows.sent(ledger, 1)).toBe(10);
	});

	test('what it has no more is named; ledgers that this conversation did not get to are known from the one before', () => {
		const [before, rows] = [new PeerRows(), new PeerRows()];
		before.tell(
			ledger,
			new Map([
				[1, 8],
				[2, 3],
			]),
		);
		before.noteAck(ledger, 2, 5);
		before.tell('orders/a', new Map([[9, 9]]));
		expect(
			before.missing(
				ledger,
				new Map([
					[1, 8],
					[2, 4],
				]),
			),
		).toEqual([[2, 5]]);
		rows.tell('orders/a', new Map());
		rows.inherit(before);
		expect(rows.missing(ledger, new Map())).toEqual([
			[1, 8],
			[2, 5],
		]);
		expect(rows.missing('orders/a', new Map())).toEqual([]);
	});

	test('what was noted of epochs that are none is let go, with the ledger where nothing is left', () => {
		const rows = new PeerRows();
		rows.tell(ledger, new Map());
		rows.noteAck(ledger, 1, 5);
		rows.noteAck(ledger, 2, 5);
		rows.forget(ledger, [1]);
		expect([rows.acked(ledger, 1), rows.acked(ledger, 2)]).toEqual([0, 5]);
		rows.forget(ledger, [2]);
		expect(rows.told(ledger)).toBeUndefined();
	});
});

describe('flights', () => {
	const tips = (count: number) => [{ epoch: 1, count }];
	const flight = (count: number, sentMs = 0, bytes = 100, isBacklog = false) => ({
		ledger,
		tips: tips(count),
		bytes,
		sentMs,
		isBacklog,
	});
	const upTo =
		(acked: number) =>
		(_: string, { count }: { count: number }) =>
			count <= acked;

	test('land in order, and where one was overtaken when they are looked through', () => {
		const flights = new Flights();
		for (const count of [1, 2, 3]) flights.add(flight(count));
		expect([flights.bytes, flights.oldest?.sentMs]).toEqual([300, 0]);
		flights.land(upTo(2), 10);
		expect(flights.bytes).toBe(100);
		flights.add(flight(2));
		flights.land((_, { count }) => count === 2, 10);
		expect(flights.bytes).toBe(200);
		flights.sweep((_, { count }) => count === 2, 10);
		expect(flights.bytes).toBe(100);
		flights.clear();
		expect([flights.bytes, flights.oldest?.sentMs]).toEqual([0, undefined]);
	});

	test('SYN4 of everything a mebibyte is under way', () => {
		const flights = new Flights();
		for (let i = 0; i < 15; i++) flights.add(flight(i + 1, 0, 65_536));
		expect(flights.mayNews).toBe(true);
		flights.add(flight(16, 0, 65_536));
		expect(flights.mayNews).toBe(false);
		flights.land(upTo(1), 5);
		expect(flights.mayNews).toBe(true);
	});

	test('SYN3 what is far less than a chunk says nothing of how quick a line is', () => {
		const flights = new Flights();
		flights.noteWay(10);
		for (let i = 1; i <= 9; i++) {
			flights.add(flight(i, i, 20_000, true));
			flights.land(upTo(i), i + 15);
		}
		flights.add(flight(10, 100, 65_536, true));
		expect(flights.mayBacklog(0)).toBe(false);
		flights.land(upTo(10), 115);
		flights.add(flight(11, 200, 65_536, true));
		expect(flights.mayBacklog(0)).toBe(true);
	});

	test('SYN3 of a backlog one chunk is under way, more while none waits in the line, less again when it does', () => {
		const flights = new Flights();
		const chunk = 64 * 1024;
		let sent = 0;
		/** Chunks that may be under way at once; all of them land after so long. */
		const round = (tookMs: number): number => {
			const from = sent;
			while (flights.mayBacklog(0)) flights.add(flight(++sent, 0, chunk, true));
			flights.land(upTo(sent), tookMs);
			return sent - from;
		};
		expect([round(60), round(60)]).toEqual([1, 1]); // how far away the peer is is not known yet
		flights.noteWay(40);
		expect(Array.from({ length: 6 }, () => round(60))).toEqual([1, 2, 4, 8, 16, 16]);
		expect([round(300), round(300)]).toEqual([16, 16]); // as much as waits 150 to 400 ms stays
		expect([round(600), round(600)]).toEqual([16, 1]);
		flights.noteWay(900); // a line that is slow now was not always
		expect([round(60), round(60)]).toEqual([1, 2]);
		expect(flights.mayBacklog(3 * chunk)).toBe(true);
		expect(flights.mayBacklog(4 * chunk)).toBe(false); // a checkpoint is a backlog too
	});

	test('patience is four times what an acknowledgement usually takes, a second before the first, 400 ms at least', () => {
		const flights = new Flights();
		expect(flights.patienceMs).toBe(1_000);
		flights.add(flight(1));
		flights.land(upTo(1), 3, tips(1));
		expect(flights.patienceMs).toBe(400);
		for (let i = 2; i < 40; i++) {
			flights.add(flight(i));
			flights.land(upTo(i), 500, tips(i));
		}
		expect(Math.round(flights.patienceMs / 10)).toBe(200);
		flights.add(flight(40, 1_000));
		flights.land(upTo(40), -10 * 86_400_000, tips(40)); // the clock was set back
		expect(flights.patienceMs).toBeLessThan(2_000);
		flights.forget();
		expect(flights.patienceMs).toBe(1_000);
	});

	test('patience does not grow by what is known long after a word was lost, but by answers alone', () => {
		const flights = new Flights();
		flights.add(flight(1));
		flights.land(upTo(1), 200, tips(1));
		flights.add(flight(2));
		flights.add(flight(3, 29_800));
		flights.land(upTo(3), 30_000, tips(3)); // the answer to the former was lost
		expect(flights.patienceMs).toBe(800);
		flights.add(flight(4));
		flights.land(upTo(4), 30_000); // another line, or a checkpoint, brought them
		flights.add(flight(5));
		flights.add(flight(6));
		flights.sweep((_, { count }) => count === 6, 30_000);
		expect([flights.patienceMs, flights.oldest?.tips]).toEqual([800, tips(5)]);
	});
});

describe('the inbox', () => {
	const frame = (byte: number, length = 1) => new Uint8Array(length).fill(byte);

	test('hands on one frame after the other; who answers with a promise is waited for, and failures end nothing', async () => {
		const [order, failures]: [string[], unknown[]] = [[], []];
		let go = () => {};
		const inbox = new Inbox({
			handle: (bytes) => {
				order.push(`in ${bytes[0]}`);
				if (bytes[0] === 1) throw new Error('now');
				if (bytes[0] !== 2) return undefined;
				return new Promise<void>((_, reject) => {
					go = () => reject(new Error('later'));
				});
			},
			failed: (error) => failures.push((error as Error).message),
			flooded: () => order.push('flooded'),
		});
		for (const byte of [0, 1, 2, 3]) inbox.put(frame(byte));
		expect(order).toEqual(['in 0', 'in 1', 'in 2']);
		go();
		await settle();
		expect(order).toEqual(['in 0', 'in 1', 'in 2', 'in 3']);
		expect(failures).toEqual(['now', 'later']);
	});

	test('what waits is bounded by its bytes and by its number; then all of it is let go', () => {
		for (const length of [0, 1, 1_000, 1024 * 1024]) {
			let floods = 0;
			const inbox = new Inbox({ handle: () => new Promise(() => {}), failed: () => {}, flooded: () => floods++ });
			let frames = 0;
			while (floods === 0 && frames < 100_000) {
				inbox.put(frame(7, length));
				frames++;
			}
			expect(floods).toBe(1);
			expect(frames * (length + 256)).toBeLessThan(12 * 1024 * 1024);
		}
	});

	test('a handler that was under way when the line went down hands nothing on', async () => {
		const handled: number[] = [];
		let go = () => {};
		const inbox = new Inbox({
			handle: (bytes) => {
				handled.push(bytes[0] ?? -1);
				return new Promise<void>((resolve) => {
					go = resolve;
				});
			},
			failed: () => {},
			flooded: () => {},
		});
		inbox.put(frame(1));
		inbox.put(frame(2));
		const before = go;
		inbox.clear();
		inbox.put(frame(3));
		before();
		await settle();
		expect(handled).toEqual([1, 3]);
	});
});

test('the turnstile lets a hundred costly frames of each kind in, then twenty a second, whatever the clock does', () => {
	const turnstile = new Turnstile();
	const of = (kind: Frame['kind']) => everyFrame(ledger).find((each) => each.kind === kind) as Frame; // one of each
	const count = (kind: Frame['kind'], tries: number, nowMs: number) =>
		Array.from({ length: tries }, () => turnstile.lets(of(kind), nowMs)).filter(Boolean).length;
	for (const kind of ['hello', 'proof', 'digests', 'heads', 'lost', 'peers', 'point'] as const) {
		expect(count(kind, 500, 1_000_000)).toBe(100);
		expect(count(kind, 500, 1_001_000)).toBe(20);
		expect(count(kind, 500, -1e12)).toBe(0);
		expect(count(kind, 500, -1e12 + 1_000)).toBe(20);
		expect(count(kind, 500, 1e15)).toBe(100);
	}
	for (const kind of ['update', 'ack', 'ping', 'pong', 'bye', 'took', 'reach', 'ask', 'signal'] as const)
		expect(count(kind, 500, 0)).toBe(500);
	expect(turnstile.lets({ ...of('point'), from: 1 } as Frame, 1e15)).toBe(true);
	turnstile.reset();
	expect(count('hello', 500, 0)).toBe(100);
});

describe('SYN2 tiers', () => {
	test('a disk is of the tier of its role; headquarters is past all of them; what is known only grows', () => {
		expect(tierOf).toEqual({ device: 'copy', store: 'store', hq: 'hq' });
		const reach = new ReachTable();
		expect(reach.note('store', [{ epoch: 1, count: 5 }])).toEqual([{ epoch: 1, count: 5 }]);
		expect([reach.of('copy', 1), reach.of('store', 1), reach.of('hq', 1)]).toEqual([5, 5, 0]);
		expect(reach.note('copy', [{ epoch: 1, count: 4 }])).toEqual([]);
		expect(
			reach.note('store', [
				{ epoch: 1, count: 3 },
				{ epoch: 2, count: 1 },
			]),
		).toEqual([{ epoch: 2, count: 1 }]);
		expect([reach.of('store', 1), reach.at('copy', 1), reach.at('store', 1)]).toEqual([5, 0, 5]);
		reach.note('hq', [{ epoch: 1, count: 9 }]);
		expect((['copy', 'store', 'hq'] as const).map((tier) => reach.of(tier, 1))).toEqual([9, 9, 9]);
	});

	test('JRN11 a second archive’s disk is no tier, and headquarters is no second archive', () => {
		const reach = new ReachTable();
		reach.note('archive', [{ epoch: 1, count: 5 }]);
		expect((['device', 'copy', 'store', 'hq'] as const).map((tier) => reach.of(tier, 1))).toEqual([0, 0, 0, 0]);
		reach.note('hq', [{ epoch: 2, count: 5 }]);
		expect(reach.of('archive', 2)).toBe(0);
		const archives = new Archives();
		archives.note('a', [{ epoch: 1, count: 5 }]);
		archives.note('b', [{ epoch: 1, count: 9 }]);
		expect(archives.of(1)).toBe(9);
		archives.lost('b', [{ epoch: 1, count: 9 }]);
		expect(archives.of(1)).toBe(5);
	});
});

describe('batches', () => {
	const hostWith = async (...counts: readonly number[]) => {
		const world = new World(1);
		const hosts = counts.map((_, i) => new HandHost(world, `till-${i}`));
		for (const [i, host] of hosts.entries()) {
			await world.pass(10);
			await host.write(ledger, (counts[i] ?? 0) - 1);
		}
		return hosts.flatMap((host) => [...host.journal.in(ledger)]);
	};

	test('hold the oldest rows that lack, each run from the next row up to a seal, of one segment', async () => {
		const [late, early] = (await hostWith(5, 3)).reverse();
		const batch = nextBatch(
			[late, early].flatMap((each) => each ?? []),
			() => 0,
			1e6,
		);
		expect(batch?.runs.map(({ epoch, from, entries }) => [epoch, from, entries.length])).toEqual([
			[early?.id, 0, 5],
			[late?.id, 0, 3],
		]);
		expect(batch?.seals.map(({ count }) => count)).toEqual([5, 3]);
		const rest = nextBatch(
			[late, early].flatMap((each) => each ?? []),
			(epoch) => (epoch === early?.id ? 5 : 1),
			1e6,
		);
		expect(rest?.runs.map(({ epoch, from }) => [epoch, from])).toEqual([[late?.id, 1]]);
		expect(
			nextBatch(
				[late, early].flatMap((each) => each ?? []),
				() => 5,
				1e6,
			),
		).toBeUndefined();
	});

	test('are of about so many bytes, at least one run, and pass the gate', async () => {
		const epochs = await hostWith(400, 400, 400);
		const batch = nextBatch(epochs, () => 0, 1);
		expect(batch?.runs.length).toBe(1);
		const all = nextBatch(epochs, () => 0, 1e9);
		expect(all?.runs.length).toBe(3);
		if (!all) throw new Error('there are rows');
		const frame = decodeFrame(frameOf(ledger, all));
		if (frame?.kind !== 'update') throw new Error('no update');
		expect(frame.update.length).toBeLessThanOrEqual(limits.updateBytes);
		expect(all.bytes).toBeGreaterThanOrEqual(frame.update.length);
		const verdict = gateUpdate(frame.update);
		expect(verdict.ok && verdict.runs.map(({ entries }) => entries.length)).toEqual([400, 400, 400]);
	});

	test('JRN8 rows that no seal closes do not travel', async () => {
		const [epoch] = await hostWith(5);
		if (!epoch) throw new Error('there is one');
		epoch.seals.length = 0;
		expect(nextBatch([epoch], () => 0, 1e6)).toBeUndefined();
	});
});
