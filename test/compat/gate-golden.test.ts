/** Bytes that must never change their meaning: what is on a till's disk or under way was written by some older version. */
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { epochIdOf, readRootName, rootName } from '../../src/journal/epoch.js';
import { checkRoot, gateUpdate } from '../../src/journal/gate.js';
import { encodeUpdate, type Run } from '../../src/journal/update.js';
import { sha256 } from '../property/gated-segment.js';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const bytes = (...each: number[]): Uint8Array => Uint8Array.from(each);

const golden: readonly [string, string, readonly Run[]][] = [
	['nothing', '00 00', []],
	[
		'the example of update.ts',
		'01 024d00 0301056a2f612f31012a 834d00012b 00',
		[{ epoch: 77, name: { device: 'a', nonce: '1' }, from: 0, entries: [bytes(0x2a), bytes(0x2b)] }],
	],
	[
		'a later entry of the largest client id',
		'01 01 ffffffffffffff0f ac02 83 ffffffffffffff0f ab02 03 010203 00',
		[{ epoch: Number.MAX_SAFE_INTEGER, name: undefined, from: 300, entries: [bytes(1, 2, 3)] }],
	],
	[
		'two epochs, the higher id first, one of them with an empty entry',
		'02 01 8001 05 83 8001 04 01 09 01 01 00 0301 0b 6a2f e38389 2f 7a7a7a7a7a 00 00',
		[
			{ epoch: 128, name: undefined, from: 5, entries: [bytes(9)] },
			{ epoch: 1, name: { device: 'ド', nonce: 'zzzzz' }, from: 0, entries: [bytes()] },
		],
	],
];

describe('golden updates', () => {
	for (const [title, text, runs] of golden)
		test(title, () => {
			expect(toHex(encodeUpdate(runs))).toBe(toHex(hex(text)));
			const read = runs.map(({ name, ...run }) => ({ ...run, root: name }));
			expect(gateUpdate(hex(text))).toEqual({ ok: true, runs: read });
		});
});

test('JRN6 golden epoch ids', () => {
	const name = { ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '2gosa7pa2gv' };
	expect(rootName(name)).toBe('j/till-1/2gosa7pa2gv');
	expect(epochIdOf(name, sha256)).toBe(4_358_397_302_414_007);
	expect(epochIdOf({ ...name, segment: 1 }, sha256)).toBe(8_713_381_657_951_973);
	expect(checkRoot({ epoch: 4_358_397_302_414_007, root: name }, name, sha256)).toBe(true);
	expect(checkRoot({ epoch: 4_358_397_302_414_007, root: name }, { ...name, segment: 1 }, sha256)).toBe(false);
	expect(checkRoot({ epoch: 4_358_397_302_414_007, root: { ...name, device: 'till-2' } }, name, sha256)).toBe(false);
	expect(checkRoot({ epoch: 4_358_397_302_414_007, root: undefined }, name, sha256)).toBe(false);
});

test('golden root names: one spelling each', () => {
	const read = (name: string | Uint8Array) => {
		const root = typeof name === 'string' ? new TextEncoder().encode(name) : name;
		return readRootName(Uint8Array.from([0x2f, ...root, 0x2f, 0x31]), 1, 1 + root.length);
	};
	expect(read('j/a/1')).toEqual({ device: 'a', nonce: '1' });
	expect(read('j/__proto__/2gosa7pa2gv')).toEqual({ device: '__proto__', nonce: '2gosa7pa2gv' });
	expect(read('j/\ufeffé\u{10ffff}/z')).toEqual({ device: '\ufeffé\u{10ffff}', nonce: 'z' });
	expect(read(`j/${'x'.repeat(256)}/1`)).toMatchObject({ nonce: '1' });
	const no = [
		'',
		'j',
		'j/',
		'j//1',
		'j/a',
		'j/a/',
		'J/a/1',
		'ja/1',
		'k/a/1',
		'j/a/0',
		'j/a/01',
		'j/a/A',
		'j/a/-1',
		'j/a/1.5',
	];
	no.push('j/a/1/1', 'j/a/2gosa7pa2gw', 'j/a/zzzzzzzzzzz', 'j/a/111111111111', `j/${'x'.repeat(257)}/1`);
	no.push('j/a\u0000/1', 'j/\n/1', 'j/\u007f/1', 'j/\u0085/1', ' j/a/1', 'j/a/1 ');
	for (const name of no) expect([name, read(name)]).toEqual([name, undefined]);
	for (const device of [
		'c1ad',
		'e081ad',
		'f08081ad',
		'eda080',
		'edbfbf',
		'f4908080',
		'c3',
		'80',
		'e383',
		'f8888080',
		'ff',
	])
		expect([device, read(hex(`6a2f${device}2f31`))]).toEqual([device, undefined]);
});

test('golden refusals: code and place', () => {
	const refusals: readonly [string, string, number][] = [
		['', 'truncated', 0],
		['00', 'truncated', 1],
		['0000 00', 'trailing_bytes', 2],
		['8000 00', 'varint_not_minimal', 0],
		['01 024d0008010170017e844d000000', 'not_binary_content', 4],
		['01 014d01 83 4d00 01 2a 01 4d 01 00 01', 'delete_set', 9],
		['01 ff ffff0f 4d 00 03', 'truncated', 1],
		['01 014d01 83 4d01 01 2a 00', 'wrong_origin', 5],
		['01 004d01 834d0001 00', 'empty', 1],
	];
	for (const [text, code, offset] of refusals)
		expect([text, gateUpdate(hex(text))]).toEqual([text, { ok: false, code, offset }]);
});
