/** Frames go between versions: what changes any of these bytes is a new protocol version (`protocolVersion`). */
import { expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { decodeFrame, encodeFrame, type Frame } from '../../src/sync/frames.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
const signature = Uint8Array.from({ length: 64 }, (_, i) => 255 - i);

const frames: readonly [hex: string, frame: Frame][] = [
	[
		'01 01 01 63 01 64 06 74696c6c2d31 01 02 07 73746f636b2f2a 06 636173682f61',
		{ kind: 'hello', version: 1, chain: 'c', device: 'd', name: 'till-1', archive: true, keeps: ['stock/*', 'cash/a'] },
	],
	[
		'01 01 01 63 01 64 06 74696c6c2d31 00 00',
		{ kind: 'hello', version: 1, chain: 'c', device: 'd', name: 'till-1', archive: false, keeps: [] },
	],
	[
		`02 01 01 07 73746f636b2f61 01 ac02 07 01 01 02 20 ${toHex(hash)}`,
		{
			kind: 'heads',
			answer: true,
			ledgers: [
				{ ledger: 'stock/a', rows: [{ epoch: 300, count: 7 }], covered: [{ epoch: 1, count: 2 }], checkpoint: hash },
			],
		},
	],
	['02 00 00', { kind: 'heads', answer: false, ledgers: [] }],
	[
		`03 07 73746f636b2f61 03 02 0000 01 ac02 07 ${toHex(signature)}`,
		{
			kind: 'update',
			ledger: 'stock/a',
			segment: 3,
			update: Uint8Array.of(0, 0),
			seals: [{ epoch: 300, count: 7, signature }],
		},
	],
	['04 03 010203', { kind: 'point', checkpoint: Uint8Array.of(1, 2, 3) }],
	['05 01 ac02 07', { kind: 'ack', positions: [{ epoch: 300, count: 7 }] }],
	[
		'06 02 7231 07 73746f636b2f61 03 702f78 ac02 01 64 04',
		{ kind: 'ask', id: 'r1', ledger: 'stock/a', pool: 'p/x', amount: 300, to: 'd', hops: 4 },
	],
];

test.each(frames)('golden frame %s', (hex, frame) => {
	expect(toHex(encodeFrame(frame))).toBe(toHex(bytes(hex)));
	expect(decodeFrame(bytes(hex))).toEqual(frame);
});

test('a frame cut anywhere, or with a byte more, is none', () => {
	for (const [hex] of frames) {
		const whole = bytes(hex);
		for (let length = 0; length < whole.length; length++) expect(decodeFrame(whole.slice(0, length))).toBeUndefined();
		expect(decodeFrame(Uint8Array.from([...whole, 0]))).toBeUndefined();
	}
	for (const hex of ['00', '07', 'ff', '05 ffffffffffffff7f', '06 01 ff'] as const)
		expect(decodeFrame(bytes(hex))).toBeUndefined();
});
