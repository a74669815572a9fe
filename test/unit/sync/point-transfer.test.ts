import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../../src/base/bytes.js';
import { limits } from '../../../src/base/limits.js';
import type { Frame } from '../../../src/sync/frames.js';
import { Receiving, Sending } from '../../../src/sync/point-transfer.js';
import { sha256, World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';
import { RawPeer } from './raw-peer.js';

type Piece = Extract<Frame, { kind: 'point' }>;
const ledger = 'stock/a';
const pieceBytes = 64 * 1024;

const content = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + from) % 251);
/** Without the runner's way through every byte. */
const same = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && equalBytes(a, b);
const pointOf = (bytes: Uint8Array) => ({ id: sha256(bytes), bytes, covers: new Map() });
const took = (bytes: number) => ({ kind: 'took' as const, ledger, id: new Uint8Array(32), bytes });

/** All that may be sent now. */
function send(sending: Sending): Piece[] {
	const pieces: Piece[] = [];
	for (let piece = sending.next(); piece; piece = sending.next()) {
		sending.noteSent(piece, 0);
		pieces.push(piece);
	}
	return pieces;
}

describe('a checkpoint in pieces', () => {
	test.each([
		1,
		100,
		pieceBytes,
		pieceBytes + 1,
		10 * pieceBytes + 5,
	])('of %i bytes arrives as it was sent', (length) => {
		const bytes = content(length);
		const sending = new Sending(ledger, pointOf(bytes));
		let receiving: Receiving | undefined;
		for (let rounds = 0; rounds < 100 && !receiving?.whole; rounds++)
			for (const piece of send(sending)) {
				receiving ??= new Receiving(piece);
				sending.noteTook(took(receiving.take(piece)), 0);
			}
		expect(same(receiving?.whole, bytes)).toBe(true);
		expect(send(sending)).toEqual([]);
	});

	test('says how much of it is under way, and how long the last piece took that is there', () => {
		const sending = new Sending(ledger, pointOf(content(3 * pieceBytes)));
		for (const sentMs of [0, 10, 20]) {
			const piece = sending.next();
			if (piece) sending.noteSent(piece, sentMs);
		}
		expect([sending.next(), sending.underWay]).toEqual([undefined, 3 * pieceBytes]);
		expect(sending.noteTook(took(0), 5)).toBeUndefined();
		expect(sending.noteTook(took(2 * pieceBytes), 40)).toBe(30);
		expect([sending.underWay, sending.isThere]).toEqual([pieceBytes, false]);
		expect(sending.noteTook(took(3 * pieceBytes), 50)).toBe(30);
		expect([sending.underWay, sending.isThere]).toEqual([0, true]);
	});

	test('goes on after what was taken when a piece was lost; pieces out of their place are let go', () => {
		const bytes = content(6 * pieceBytes);
		const sending = new Sending(ledger, pointOf(bytes));
		const [a, , c, d] = send(sending) as [Piece, Piece, Piece, Piece];
		const receiving = new Receiving(a);
		expect([a, c, d, a].map((piece) => receiving.take(piece))).toEqual([1, 1, 1, 1].map((n) => n * pieceBytes));
		sending.noteTook(took(pieceBytes), 0);
		sending.rewind();
		for (const piece of send(sending)) sending.noteTook(took(receiving.take(piece)), 0);
		expect(same(receiving.whole, bytes)).toBe(true);
	});

	test('begins anew where the receiver has nothing of it any more', () => {
		const bytes = content(6 * pieceBytes);
		const sending = new Sending(ledger, pointOf(bytes));
		const first = new Receiving(send(sending)[0] as Piece);
		expect(first.whole).toBeUndefined();
		sending.noteTook(took(3 * pieceBytes), 0);
		// The receiver was told of another one in between, or met the sender anew.
		sending.noteTook(took(0), 0);
		sending.rewind();
		expect(send(sending)[0]?.from).toBe(0);
	});

	test('takes memory by what came, not by what a piece claims, and pieces may be as small as they like', () => {
		const claim: Piece = {
			kind: 'point',
			ledger,
			id: new Uint8Array(32),
			bytes: limits.checkpointBytes,
			from: 0,
			piece: Uint8Array.of(1),
		};
		const before = process.memoryUsage().arrayBuffers;
		const many = Array.from({ length: 50 }, () => {
			const receiving = new Receiving(claim);
			receiving.take(claim);
			return receiving;
		});
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 128 * 1024);
		expect(many.every((each) => each.whole === undefined)).toBe(true);
		const small = new Receiving({ ...claim, bytes: 300_000 });
		for (let i = 0; i < 300_000; i++) small.take({ ...claim, from: i, piece: Uint8Array.of(i) });
		for (let i = 0; i < 1000; i++) small.take({ ...claim, from: 300_000, piece: new Uint8Array() });
		expect(
			same(
				small.whole,
				Uint8Array.from({ length: 300_000 }, (_, i) => i),
			),
		).toBe(true);
	});

	test('nothing is taken past its length', () => {
		const piece: Piece = { kind: 'point', ledger, id: new Uint8Array(32), bytes: 10, from: 0, piece: content(11) };
		const receiving = new Receiving(piece);
		expect(receiving.take(piece)).toBe(0);
		expect(receiving.whole).toBeUndefined();
	});
});

describe('checkpoints over a session', () => {
	test('JRN11 lost pieces come again, and the checkpoint is handed over once', async () => {
		for (let seed = 1; seed <= 10; seed++) {
			const world = new World(seed);
			const [home, till] = [new HandHost(world, 'home'), new HandHost(world, 'till')];
			home.link(till, { drop: 0.2, duplicate: 0.2, reorder: 0.2 });
			const point = home.point(ledger, content(10 * pieceBytes + 17));
			for (let i = 0; i < 600 && till.checkpoints.length === 0; i++) await world.pass(100);
			await world.pass(10_000); // the last word of it may be lost as well
			expect(till.checkpoints.map((each) => same(each, point.bytes))).toEqual([true]);
		}
	});

	test('JRN11 two homes at once each send theirs, and one sender’s next waits for the one before', async () => {
		const world = new World(3);
		const [a, b, till] = [new HandHost(world, 'a'), new HandHost(world, 'b'), new HandHost(world, 'till')];
		a.link(till);
		b.link(till);
		await world.pass(500);
		const points = [a.point(ledger, content(5 * pieceBytes, 1)), b.point('orders/b', content(5 * pieceBytes, 2))];
		points.push(a.point('cash/c', content(5 * pieceBytes, 3)));
		await world.pass(3_000);
		for (const { bytes } of points) expect(till.checkpoints.filter((each) => same(each, bytes)).length).toBe(1);
		expect(till.checkpoints.length).toBe(3);
	});

	test('JRN11 a sender that goes on under another name in the middle of one sends all of it', async () => {
		const world = new World(4);
		const [home, till] = [new HandHost(world, 'home'), new HandHost(world, 'till')];
		home.link(till, { delayTurns: 30, random: world.chance });
		await world.pass(1_000);
		const { bytes } = home.point(ledger, content(12 * pieceBytes));
		await world.pass(60);
		home.rename();
		await world.pass(10_000);
		expect(till.checkpoints.map((each) => same(each, bytes))).toEqual([true]);
	});

	test('one that claims to be too large is refused, and no peer that acknowledges nothing is sent more than one piece', async () => {
		const world = new World(5);
		const host = new HandHost(world, 'till');
		const peer = new RawPeer(world);
		host.connect(peer);
		await peer.meet();
		const piece: Piece = {
			kind: 'point',
			ledger,
			id: new Uint8Array(32),
			bytes: limits.checkpointBytes + 1,
			from: 0,
			piece: content(9),
		};
		peer.say(piece);
		expect(host.refusals).toEqual(['bad_frame']);
		expect(peer.all('took')).toEqual([]);
		host.point(ledger, content(20 * pieceBytes));
		await world.pass(50);
		expect(peer.all('point').length).toBe(1);
		await world.pass(10_000);
		expect(peer.all('point').length).toBeLessThanOrEqual(4); // the same again, after patience
		expect(new Set(peer.all('point').map(({ from }) => from)).size).toBe(1);
	});
});
