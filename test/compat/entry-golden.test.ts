/**
 * Entries are on tills' disks and in archives: these bytes must never change their meaning. What changes any of them is a
 * new format version (`entryVersion`), which reads the old one too.
 */
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.js';
import { decodeEntry, type Entry, encodeEntry } from '../../src/journal/entry.js';
import type { Leg } from '../../src/journal/leg.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
const hashHex = toHex(hash);
const time = { ms: Date.UTC(2020, 0, 1) + 1, counter: 0 };

const legs: readonly [hex: string, leg: Leg][] = [
	[
		`01 2b 00 20 ${hashHex} 06 74696c6c2d31 00 00`,
		{ kind: 'open', prev: null, key: hash, name: 'till-1', home: false },
	],
	[
		`01 4d 01 ac02 07 20 ${hashHex} 20 ${hashHex} 02 c3a9 01 02 0708`,
		{
			kind: 'open',
			prev: { epoch: 300, count: 7, hash },
			key: hash,
			name: 'é',
			home: true,
			credential: Uint8Array.of(7, 8),
		},
	],
	['02 0a 06 636173682f61 ac02 04', { kind: 'torn', part: { ledger: 'cash/a', epoch: 300, index: 4 } }],
	[
		'03 08 01 64 02 ac02 07 01 01',
		{
			kind: 'fence',
			device: 'd',
			heads: [
				{ epoch: 300, count: 7 },
				{ epoch: 1, count: 1 },
			],
		},
	],
	[
		'04 13 0b 73746f636b2f4355502d4c 28 05 504f2d3737',
		{ kind: 'mint', pool: 'stock/CUP-L', amount: 40, document: 'PO-77' },
	],
	['05 0d 0b 73746f636b2f4355502d4c 02', { kind: 'spend', pool: 'stock/CUP-L', amount: 2 }],
	['05 0d 04 702fc3a9 ffffffffffffff0f', { kind: 'spend', pool: 'p/é', amount: Number.MAX_SAFE_INTEGER }],
	['06 0b 03 702f78 8001 01 64 02 7231', { kind: 'grant', pool: 'p/x', amount: 128, to: 'd', request: 'r1' }],
	[
		'07 0f 03 702f78 03 06 38632e312e30 e0d403',
		{ kind: 'hold', pool: 'p/x', amount: 3, hold: '8c.1.0', leaseMs: 60_000 },
	],
	['08 0d 03 702f78 06 38632e312e30 03 02', { kind: 'capture', pool: 'p/x', hold: '8c.1.0', held: 3, amount: 2 }],
	['09 0c 03 702f78 06 38632e312e30 03', { kind: 'release', pool: 'p/x', hold: '8c.1.0', held: 3 }],
	['0a 0c 03 702f78 06 38632e312e30 03', { kind: 'expire', pool: 'p/x', hold: '8c.1.0', held: 3 }],
	[
		'0b 16 03 702f78 01 03 4b696d 0c 6f6e20746865207368656c66',
		{ kind: 'overdraw', pool: 'p/x', amount: 1, operator: 'Kim', reason: 'on the shelf' },
	],
	['0c 08 03 702f78 01 64 05 01', { kind: 'reclaim', pool: 'p/x', from: 'd', share: 5, held: 1 }],
	['0d 0e 05 73616c6573 07 7b226e223a317d', { kind: 'append', log: 'sales', value: utf8('{"n":1}') }],
	['0e 0c 05 7072696365 02 04 31383030', { kind: 'set', cell: 'price', priority: 2, value: utf8('1800') }],
	['0f 09 06 647261776572 f407', { kind: 'add', counter: 'drawer', amount: -500 }],
	['c8 06 01 03 702f78 09', { kind: 'unknown', code: 200, stops: ['p/x'], body: Uint8Array.of(1, 3, 112, 47, 120, 9) }],
	['63 02 01 02', { kind: 'unknown', code: 99, stops: [], body: Uint8Array.of(1, 2) }],
];

describe('golden legs, one of every kind', () => {
	test.each(legs)('%s', (hex, leg) => {
		const entry: Entry = { time, parts: [], relies: [], key: undefined, legs: [leg] };
		const whole = bytes(`01 00 01 00 ${hex}`);
		expect(toHex(encodeEntry(entry))).toBe(toHex(whole));
		expect(decodeEntry(whole)).toEqual(entry);
	});

	test('every kind there is has its bytes here', () => {
		const kinds = new Set(legs.map(([hex]) => Number.parseInt(hex.slice(0, 2), 16)));
		for (let code = 1; code <= 15; code++) expect(kinds.has(code)).toBe(true);
		const unknown = decodeEntry(bytes('01 00 01 00 10 00'))?.legs[0]?.kind;
		expect(unknown).toBe('unknown');
	});

	test('fields that a later version adds after the known ones are passed over', () => {
		const read = decodeEntry(bytes('01 00 01 00 05 07 03 702f78 02 ffff 0f 09 06 647261776572 f407'));
		expect(read?.legs).toEqual([
			{ kind: 'spend', pool: 'p/x', amount: 2 },
			{ kind: 'add', counter: 'drawer', amount: -500 },
		]);
	});
});

const parts = '01 06 636173682f61 ac02 04';
const relies = '01 ac02 07';
const key = '01 6b 000102030405060708090a0b0c0d0e0f 03 227222';

describe('golden heads: parts, relied heads and key, in every combination', () => {
	test.each([0, 1, 2, 3, 4, 5, 6, 7])('flags %i', (flags) => {
		const entry: Entry = {
			time: { ms: Date.UTC(2026, 0, 1), counter: 300 },
			parts: flags & 1 ? [{ ledger: 'cash/a', epoch: 300, index: 4 }] : [],
			relies: flags & 2 ? [{ epoch: 300, count: 7 }] : [],
			key: flags & 4 ? { key: 'k', digest: hash.slice(0, 16), result: utf8('"r"') } : undefined,
			legs: [{ kind: 'spend', pool: 'p/x', amount: 2 }],
		};
		const head = `${flags & 1 ? parts : ''} ${flags & 2 ? relies : ''} ${flags & 4 ? key : ''}`;
		const whole = bytes(`01 0${flags} 8080cfc3c105 ac02 ${head} 05 05 03 702f78 02`);
		expect(toHex(encodeEntry(entry))).toBe(toHex(whole));
		expect(decodeEntry(whole)).toEqual(entry);
	});
});

test.each([
	['nothing', ''],
	['another version', '02 00 01 00'],
	['unknown flags', '01 08 01 00'],
	['no counter', '01 00 01'],
	['a leg cut short', '01 00 01 00 05 05 03 702f78'],
	['a leg longer than it says', '01 00 01 00 05 03 03 702f78 02'],
	['a pool that is not UTF-8', '01 00 01 00 05 03 01 ff 02'],
	['an amount of 2^53', '01 00 01 00 05 0c 03 702f78 8080808080808010'],
	['a time past all numbers', '01 00 ffffffffffffff0f 00'],
	['a count of parts that are not there', '01 01 01 00 ffffffff0f'],
	['a key cut short', '01 04 01 00 01 6b 0001'],
])('no entry: %s', (_what, hex) => {
	expect(decodeEntry(bytes(hex))).toBeUndefined();
});
