import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { limits } from '../../../src/base/limits.js';
import { epochIdOf, rootName } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import { runOf, segment, sha256 } from '../../property/gated-segment.js';
import { Dice } from '../../property/update-model.js';
import { a, bent, expectRefused, hex, m, receiver } from './bad-input.js';

test('unbent, the same update is taken', () => {
	expect(receiver.deliver(bent(() => {}))).toBe('taken');
	expect(receiver.faults()).toEqual([]);
});

describe('bad input: roots', () => {
	test('a root that is no journal, is spelled otherwise, or is an item', () => {
		const names = [
			'',
			'p',
			'j/m',
			'j/m/',
			'j//3',
			'j/m/0',
			'j/m/03',
			'j/m/A',
			'j/m/3/',
			'J/m/3',
			'__proto__',
			'j/m\u0000/3',
		];
		for (const name of names)
			expectRefused(
				bent((_, first) => Object.assign(first, { parent: utf8(name) })),
				'foreign_root',
			);
		expectRefused(
			bent((_, first) => Object.assign(first, { parent: [a.epoch, 0] })),
			'foreign_root',
		);
		expectRefused(
			bent((_, first) => Object.assign(first, { parentInfo: 2 })),
			'foreign_root',
		);
	});

	test('invalid UTF-8 in a root', () => {
		for (const device of [[0xc1, 0xad], [0xed, 0xa0, 0x80], [0xff], [0x6d, 0xc3], [0xf4, 0x90, 0x80, 0x80]]) {
			const parent = Uint8Array.from([0x6a, 0x2f, ...device, 0x2f, 0x33]);
			expectRefused(
				bent((_, first) => Object.assign(first, { parent })),
				'foreign_root',
			);
		}
	});

	test('JRN6 a foreign root, or another segment, under an id that is not derived from it', () => {
		for (const root of [a.root, { device: 'a', nonce: '7' }, { device: 'm', nonce: '4' }])
			expectRefused(
				bent((_, first) => Object.assign(first, { parent: utf8(rootName(root)) })),
				'not_its_root',
			);
		const epoch = epochIdOf({ ...segment, segment: 1, ...m.root }, sha256);
		expectRefused(encodeUpdate([{ ...runOf(m, 0), epoch }]), 'not_its_root');
	});

	test('a root longer than the update', () => {
		const update = hex('01 01 4d 00 03 01 ffff03 6a2f612f31 01 2a 00');
		expect(gateUpdate(update)).toMatchObject({ ok: false, code: 'truncated' });
	});
});

describe('limits', () => {
	const sized = (length: number): Uint8Array => encodeUpdate([{ ...runOf(m, 0), entries: [new Uint8Array(length)] }]);

	test('an entry of exactly the limit passes, one byte more does not', () => {
		expect(gateUpdate(sized(limits.entryBytes)).ok).toBe(true);
		expectRefused(sized(limits.entryBytes + 1), 'entry_too_large');
	});

	test('an update of exactly the limit passes, one byte more does not', () => {
		const parts = (last: number): Uint8Array =>
			encodeUpdate([
				{
					...runOf(m, 0),
					entries: [...Array.from({ length: 16 }, () => new Uint8Array(16_000)), new Uint8Array(last)],
				},
			]);
		const last = limits.updateBytes - (parts(5_000).length - 5_000);
		expect(parts(last)).toHaveLength(limits.updateBytes);
		expect(gateUpdate(parts(last)).ok).toBe(true);
		expectRefused(parts(last + 1), 'too_large');
	});

	test('the most expensive update of the largest size takes under 50 ms', () => {
		const small = Array.from({ length: 40_000 }, () => new Uint8Array(0));
		const update = encodeUpdate([{ epoch: 1, from: 1, entries: small }]);
		expect(update.length).toBeLessThan(limits.updateBytes);
		const noise = new Dice(1).bytes(limits.updateBytes);
		for (const sent of [update, noise, noise.map((byte) => byte & 0x83)]) {
			const start = performance.now();
			for (let i = 0; i < 5; i++) gateUpdate(sent);
			expect((performance.now() - start) / 5).toBeLessThan(50);
		}
	});
});

test('entries are plain views, also when the update is a Buffer: no copy, no Buffer semantics further up', () => {
	const verdict = gateUpdate(Buffer.from(encodeUpdate([runOf(m, 0)])));
	if (!verdict.ok) throw new Error(verdict.code);
	for (const entry of verdict.runs[0]?.entries ?? []) expect(Object.getPrototypeOf(entry)).toBe(Uint8Array.prototype);
	expect(verdict.runs[0]?.entries).toEqual(m.entries);
});
