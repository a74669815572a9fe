import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import { writeText } from '../../../src/base/codec.js';

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
