/** Frames go between versions: what changes any of these bytes is a new protocol version (`protocol` in frames.ts). */
import { expect, test } from 'vitest';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { toHex } from '../../src/base/bytes.js';
import { deviceIdOf } from '../../src/journal/seal.js';
import { decodeFrame, encodeFrame, type Frame, type FrameKind, protocol } from '../../src/sync/frames.js';
import { createHello, statement } from '../../src/sync/handshake.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
const digest = hash.slice(0, 16);
const signature = Uint8Array.from({ length: 64 }, (_, i) => 255 - i);
const opening = Uint8Array.from({ length: 8 }, (_, i) => 0xe0 + i);
const openingHex = toHex(opening);
const [hashHex, digestHex, signatureHex] = [toHex(hash), toHex(digest), toHex(signature)];
const stock = '07 73746f636b2f61';
const ledger = 'stock/a';
const positions = [{ epoch: 300, count: 7 }];
const positionsHex = '01 ac02 07';

const frames: readonly [hex: string, frame: Frame][] = [
	[
		`01 02 02 01 63 01 64 06 74696c6c2d31 ${hashHex} ${digestHex} ${openingHex} 01 01 02 07 73746f636b2f2a 06 636173682f61 02 0102`,
		{
			kind: 'hello',
			oldest: 2,
			newest: 2,
			chain: 'c',
			device: 'd',
			name: 'till-1',
			key: hash,
			nonce: digest,
			opening,
			role: 'store',
			archive: true,
			keeps: ['stock/*', 'cash/a'],
			answers: Uint8Array.of(1, 2),
		},
	],
	[
		`01 02 03 01 63 01 64 00 ${hashHex} ${digestHex} ${openingHex} 02 00 00 00`,
		{
			kind: 'hello',
			oldest: 2,
			newest: 3,
			chain: 'c',
			device: 'd',
			name: '',
			key: hash,
			nonce: digest,
			opening,
			role: 'hq',
			archive: false,
			keeps: [],
			answers: new Uint8Array(),
		},
	],
	[`02 ${signatureHex}`, { kind: 'proof', signature }],
	['03 07 ffffffffffffff0f', { kind: 'ping', id: 7, timeMs: Number.MAX_SAFE_INTEGER }],
	['04 ac02 00', { kind: 'pong', id: 300, timeMs: 0 }],
	['05 06 73696c656e74', { kind: 'bye', reason: 'silent' }],
	[`06 01 03 01 ${stock} ${digestHex}`, { kind: 'digests', answer: true, part: 3, ledgers: [{ ledger, digest }] }],
	['06 00 00 00', { kind: 'digests', answer: false, part: 0, ledgers: [] }],
	[
		`07 01 01 ${stock} ${positionsHex} 01 01 02 20 ${hashHex} 20 ${hashHex}`,
		{
			kind: 'heads',
			answer: true,
			ledgers: [{ ledger, rows: positions, covered: [{ epoch: 1, count: 2 }], checkpoint: hash, marks: hash }],
		},
	],
	['07 00 00', { kind: 'heads', answer: false, ledgers: [] }],
	['07 02 00', { kind: 'heads', answer: 'all', ledgers: [] }],
	[
		`08 ${stock} 03 02 0000 ${positionsHex} ${signatureHex}`,
		{
			kind: 'update',
			ledger,
			segment: 3,
			update: Uint8Array.of(0, 0),
			seals: [{ epoch: 300, count: 7, signature }],
		},
	],
	[
		`09 ${stock} ${hashHex} 808004 8002 03 010203`,
		{ kind: 'point', ledger, id: hash, bytes: 65536, from: 256, piece: Uint8Array.of(1, 2, 3) },
	],
	[`0a ${stock} ${positionsHex}`, { kind: 'ack', ledger, positions }],
	[`0b ${stock} ${hashHex} 808004`, { kind: 'took', ledger, id: hash, bytes: 65536 }],
	[`0c 01 ${stock} ${positionsHex}`, { kind: 'reach', tier: 'copy', ledger, positions }],
	[`0c 02 ${stock} ${positionsHex}`, { kind: 'reach', tier: 'store', ledger, positions }],
	[`0c 03 ${stock} ${positionsHex}`, { kind: 'reach', tier: 'hq', ledger, positions }],
	[`0c 04 ${stock} 00`, { kind: 'reach', tier: 'archive', ledger, positions: [] }],
	[`0d ${stock} ${positionsHex}`, { kind: 'lost', ledger, positions }],
	[
		`0e 02 7231 ${stock} 03 702f78 ac02 02 01 64 01 65 04`,
		{ kind: 'ask', id: 'r1', ledger, pool: 'p/x', amount: 300, need: 2, to: 'd', donor: 'e', hops: 4 },
	],
	[
		'0f 02 01 64 01 6e 01 00 01 65 00 00 ac02',
		{
			kind: 'peers',
			devices: [
				{ device: 'd', name: 'n', linked: true, agoMs: 0 },
				{ device: 'e', name: '', linked: false, agoMs: 300 },
			],
		},
	],
	['10 01 64 01 65 02 0102', { kind: 'signal', from: 'd', to: 'e', message: Uint8Array.of(1, 2) }],
];

test.each(frames)('golden frame %s', (hex, frame) => {
	expect(toHex(encodeFrame(frame))).toBe(toHex(bytes(hex)));
	expect(decodeFrame(bytes(hex))).toEqual(frame);
});

test('every kind of frame is kept here, and the version that they belong to', () => {
	const kinds = new Map(frames.map(([hex, { kind }]): [number, FrameKind] => [Number.parseInt(hex, 16), kind]));
	expect([...kinds.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
	expect(protocol).toEqual({ oldest: 2, newest: 2 });
});

test('a frame cut anywhere, or with a byte more, is none', () => {
	for (const [hex] of frames) {
		const whole = bytes(hex);
		for (let length = 0; length < whole.length; length++) expect(decodeFrame(whole.slice(0, length))).toBeUndefined();
		expect(decodeFrame(Uint8Array.from([...whole, 0]))).toBeUndefined();
	}
});

test('an unknown kind, an unknown role or tier, a count that nothing follows, a text that is none, a mebibyte and a byte', () => {
	for (const hex of [
		'00',
		'11',
		'ff',
		'0c 05 00 00',
		`0a ${stock} ffffffffffffff0f`,
		'0f ffffffffffffff0f',
		'05 01 ff',
		'03 ffffffffffffffff7f 00',
	])
		expect(decodeFrame(bytes(hex))).toBeUndefined();
	const role = bytes(`01 02 02 01 63 01 64 00 ${hashHex} ${digestHex} ${openingHex} 03 00 00 00`);
	expect(decodeFrame(role)).toBeUndefined();
	const signal = (length: number) =>
		encodeFrame({ kind: 'signal', from: 'd', to: 'e', message: new Uint8Array(length) });
	const most = 1024 * 1024 - signal(100_000).length + 100_000;
	expect(signal(most).length).toBe(1024 * 1024);
	expect(decodeFrame(signal(most))?.kind).toBe('signal');
	expect(decodeFrame(signal(most + 1))).toBeUndefined();
});

const { sha256 } = nodePlatform().crypto;
const speaker = createHello(
	{
		chain: 'c',
		device: deviceIdOf(hash, sha256),
		name: 'till-1',
		key: hash,
		role: 'device',
		archive: false,
		keeps: ['a/*'],
	},
	digest,
	opening,
);
const listener = createHello(
	{ chain: 'c', device: 'd', name: 'relay', key: hash, role: 'store', archive: true, keeps: ['*'] },
	new Uint8Array(16).fill(0xbb),
);

test('golden statement that a proof signs', () => {
	const device = Buffer.from(speaker.device).toString('hex');
	const hello = `01 02 02 01 63 16 ${device} 06 74696c6c2d31 ${hashHex} ${digestHex} ${openingHex} 00 00 01 03 612f2a 00`;
	const length = bytes(hello).length.toString(16);
	const said = `10 74696c6c6d6573682f70726f6f662f32 02 ${length} ${hello} 10 ${'bb'.repeat(16)} 01 64`;
	expect(toHex(statement(speaker, listener))).toBe(toHex(bytes(said)));
	// What a greeting answers is not part of it: the nonce is.
	expect(statement({ ...speaker, answers: digest }, listener)).toEqual(statement(speaker, listener));
});

test('golden proof: what a device of version 2 signed verifies for ever', async () => {
	const { crypto } = nodePlatform();
	const key = bytes('59ff7f2e22ebe8ccbcc749818585fd30f5201658791f236c0c3e2b221949ea46');
	const signer = { ...speaker, key, device: deviceIdOf(key, sha256) };
	const sealed = bytes(
		'd895fb44fb2c71cf16f112239edbaba8c2f475dfec1eeb48642213d9c2a1531da45e0685b08c1067fdead2d8f114f54d105524cbada082f3989f02cdd5e9eb06',
	);
	expect(await crypto.verify(key, statement(signer, listener), sealed)).toBe(true);
	for (const other of [
		{ ...listener, nonce: digest },
		{ ...listener, device: 'e' },
		{ ...listener, newest: 1 },
	])
		expect(await crypto.verify(key, statement(signer, other), sealed)).toBe(false);
});
