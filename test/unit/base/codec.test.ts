import { createDecoder } from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { bytes, encoded, text as textField, writeBytes, writeText } from '../../../src/base/codec.js';

const texts = [
	'',
	'a',
	'stock/CUP-L',
	'x'.repeat(127),
	'x'.repeat(128),
	'x'.repeat(200),
	'拿铁',
	'caf\u00e9',
	'ends in \u00e9',
	'\u{1f9cb}',
	'\0\x7f',
];

describe('writeText', () => {
	it('writes what lib0 writes, wherever the text begins in a buffer', () => {
		for (const text of texts)
			for (let before = 0; before <= 220; before++) {
				const [ours, lib0] = [encoding.createEncoder(), encoding.createEncoder()];
				for (const to of [ours, lib0]) encoding.writeUint8Array(to, new Uint8Array(before));
				// Three in a row: the first may end exactly at the buffer's end.
				for (let i = 0; i < 3; i++) {
					writeText(ours, text);
					encoding.writeVarString(lib0, text);
				}
				expect(encoding.toUint8Array(ours), JSON.stringify({ text, before })).toEqual(encoding.toUint8Array(lib0));
			}
	});
});

describe('text', () => {
	it('reads back every text, however often and among whatever others, from memory of its own or a piece of another', () => {
		const many = [...texts, ...Array.from({ length: 5_000 }, (_, i) => `stock/sku-${i}`)];
		for (let round = 0; round < 2; round++)
			for (const text of many) {
				const written = encoded((to) => textField.write(to, text));
				expect(textField.read(createDecoder(written))).toBe(text);
				const piece = new Uint8Array(written.length + 200).subarray(100, 100 + written.length);
				piece.set(written);
				expect(textField.read(createDecoder(piece))).toBe(text);
			}
	});
});

describe('utf8', () => {
	it('gives what a TextEncoder gives', () => {
		for (const text of [...texts, 'x'.repeat(300), `${'x'.repeat(255)}é`, '\ud800'])
			expect([...utf8(text)]).toEqual([...new TextEncoder().encode(text)]);
	});
});

describe('encoded', () => {
	const long = new Uint8Array(70_000).map((_, i) => i);

	it('gives bytes that nothing written later changes, one call within another and after one that threw too', () => {
		const short = encoded((to) => writeBytes(to, Uint8Array.of(1, 2, 3)));
		const outer = encoded((to) => {
			writeBytes(to, Uint8Array.of(4));
			bytes.write(
				to,
				encoded((within) => writeBytes(within, Uint8Array.of(5, 6))),
			);
		});
		expect(() =>
			encoded((to) => {
				writeBytes(to, Uint8Array.of(9, 9, 9, 9));
				throw new RangeError('no');
			}),
		).toThrow('no');
		const whole = encoded((to) => writeBytes(to, long));
		const after = encoded((to) => writeBytes(to, Uint8Array.of(7)));
		expect([short, outer, after].map((each) => [...each])).toEqual([[1, 2, 3], [4, 2, 5, 6], [7]]);
		expect(whole).toEqual(long);
	});
});

describe('bytes', () => {
	it('reads a copy of plain bytes, and throws where they end early, whatever lies behind them in memory', () => {
		const memory = Buffer.from([3, 1, 2, 3, 9, 9]);
		const read = bytes.read(createDecoder(memory));
		memory.fill(0);
		expect(read).toEqual(Uint8Array.of(1, 2, 3));
		expect(() => bytes.read(createDecoder(Uint8Array.of(3, 1, 2, 3).subarray(0, 3)))).toThrow(RangeError);
	});
});
