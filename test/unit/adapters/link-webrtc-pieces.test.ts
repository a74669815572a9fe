import { expect, test } from 'vitest';
import { messageBytesMax, piecesOf, Reassembly } from '../../../adapters/link-webrtc/pieces.js';
import { decodeSignal, encodeSignal, type Signal, signalBytesMax } from '../../../adapters/link-webrtc/signal.js';
import { equalBytes, utf8 } from '../../../src/base/bytes.js';
import { limits } from '../../../src/base/limits.js';

const frameOf = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 31) >> 3);
const full = messageBytesMax - 5;
const piecesOfLength = (length: number): Uint8Array[] => [...piecesOf(frameOf(length))];

test('a frame of any length is put together again from messages that every runtime takes', () => {
	const reassembly = new Reassembly();
	for (const length of [0, 1, full, full + 1, 2 * full, 2 * full + 1, limits.frameBytes]) {
		const got: Uint8Array[] = [];
		for (const piece of piecesOf(frameOf(length))) {
			expect(piece.length).toBeLessThanOrEqual(messageBytesMax);
			const frame = reassembly.take(piece);
			if (frame) got.push(frame);
		}
		expect(got.length).toBe(1);
		expect(equalBytes(got[0] ?? new Uint8Array(), frameOf(length))).toBe(true);
	}
});

test('the bytes of a frame in one message, and of the first of several', () => {
	expect([...piecesOf(Uint8Array.of(7, 8))]).toEqual([Uint8Array.of(0, 7, 8)]);
	expect(piecesOfLength(70_000).map((piece) => [...piece.subarray(0, 5)])).toEqual([
		[1, 0, 1, 0x11, 0x70],
		[2, ...frameOf(70_000).subarray(full, full + 4)],
	]);
});

test('what is out of place is refused, and one frame of at most 1 MiB is all that is ever held', () => {
	const [first, second] = piecesOfLength(3 * full) as [Uint8Array, Uint8Array];
	const sized = (length: number): Uint8Array => {
		const piece = first.slice();
		new DataView(piece.buffer).setUint32(1, length);
		return piece;
	};
	const refused: Readonly<Record<string, readonly Uint8Array[]>> = {
		empty: [new Uint8Array()],
		'unknown kind': [Uint8Array.of(3, 1)],
		'more of nothing': [second],
		'a whole frame inside another': [first, Uint8Array.of(0, 1)],
		'a first piece inside another frame': [first, first],
		'a first piece without its length': [Uint8Array.of(1, 0, 0)],
		'a short first piece': [first.subarray(0, 1000)],
		'a short piece in the middle': [first, second.subarray(0, 1000)],
		'an empty piece': [first, Uint8Array.of(2)],
		'a length that fits one message': [sized(full)],
		'a length past 1 MiB': [sized(limits.frameBytes + 1)],
		'the longest length': [sized(2 ** 32 - 1)],
		'a last piece past the length': [sized(full + 10), second],
		'a message that is too long': [new Uint8Array(messageBytesMax + 1)],
	};
	for (const [what, messages] of Object.entries(refused)) {
		const reassembly = new Reassembly();
		const last = messages.length - 1;
		for (const message of messages.slice(0, last)) expect(reassembly.take(message)).toBeUndefined();
		expect(() => reassembly.take(messages[last] as Uint8Array), what).toThrow(RangeError);
	}
});

const head = { by: 'r1', run: 'r2', n: 3 };
const signals: readonly Signal[] = [
	{ kind: 'offer', ...head, sdp: 'v=0' },
	{ kind: 'answer', ...head, sdp: 'v=0' },
	{ kind: 'candidate', ...head, candidate: 'candidate:1', mid: '0' },
	{ kind: 'call', ...head },
];

test('signals pass as they are', () => {
	for (const signal of signals) expect(decodeSignal(encodeSignal(signal))).toEqual(signal);
});

test('whatever is no signal of this version is none', () => {
	const [offer, , candidate, call] = signals;
	const bad: readonly unknown[] = [
		null,
		7,
		[],
		{ v: 2, ...call },
		{ ...call },
		{ v: 1, ...call, kind: 'rollback' },
		{ v: 1, ...call, n: -1 },
		{ v: 1, ...call, n: 0.5 },
		{ v: 1, ...call, by: 'x'.repeat(33) },
		{ v: 1, ...call, run: 5 },
		{ v: 1, ...offer, sdp: undefined },
		{ v: 1, ...candidate, candidate: 'x'.repeat(1025) },
		{ v: 1, ...candidate, mid: 0 },
	];
	for (const value of bad) expect(decodeSignal(utf8(JSON.stringify(value))), JSON.stringify(value)).toBeUndefined();
	for (const bytes of [new Uint8Array(), Uint8Array.of(255), utf8('{'), new Uint8Array(signalBytesMax + 1).fill(32)])
		expect(decodeSignal(bytes)).toBeUndefined();
	const long = utf8(JSON.stringify({ v: 1, ...offer, sdp: 'x'.repeat(signalBytesMax) }));
	expect(decodeSignal(long)).toBeUndefined();
});
