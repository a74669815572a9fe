import * as encoding from 'lib0/encoding';
import { expect, test } from 'vitest';
import {
	readVarint,
	varintLength,
	varintNotMinimal,
	varintTooLarge,
	varintTruncated,
	writeVarint,
} from '../../../src/journal/varint.js';

/** Both sides of every length there is, and the ends. */
const numbers = [0, 1, 300, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];
for (let bits = 7; bits <= 49; bits += 7) numbers.push(2 ** bits - 1, 2 ** bits, 2 ** bits + 1);
for (const bits of [31, 32, 52]) numbers.push(2 ** bits - 1, 2 ** bits);

function written(value: number): Uint8Array {
	const bytes = new Uint8Array(varintLength(value));
	expect(writeVarint(bytes, 0, value)).toBe(bytes.length);
	return bytes;
}

test('a number is written as lib0 writes it, read back, and its length known', () => {
	for (const value of numbers) {
		const bytes = encoding.encode((to) => encoding.writeVarUint(to, value));
		expect([value, ...written(value)]).toEqual([value, ...bytes]);
		expect(readVarint(Uint8Array.of(0xff, ...bytes, 0xff), 1)).toBe(value);
	}
});

test('a number that ends too early, takes a byte too many or is past 2^53 - 1 is none', () => {
	for (const value of numbers) {
		const bytes = written(value);
		for (let length = 0; length < bytes.length; length++)
			expect(readVarint(bytes.slice(0, length), 0)).toBe(varintTruncated);
		const last = bytes.length - 1;
		const padded = Uint8Array.of(...bytes.slice(0, last), (bytes[last] ?? 0) | 0x80, 0);
		expect([value, readVarint(padded, 0)]).toEqual([value, varintNotMinimal]);
	}
	for (const value of [2n ** 53n, 2n ** 56n - 1n, 2n ** 56n, 2n ** 60n, 2n ** 64n, 2n ** 200n]) {
		const bytes: number[] = [];
		for (let rest = value; rest > 0n; rest >>= 7n) bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
		expect([value, readVarint(Uint8Array.from(bytes), 0)]).toEqual([value, varintTooLarge]);
	}
});
