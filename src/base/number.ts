import { type Decoder, readVarInt, readVarUint } from 'lib0/decoding';

/**
 * lib0 does not look at the last byte of a varint: `80 80 80 80 80 80 80 10` reads as 2^53, and a long row of `80` as NaN.
 * What is no whole number up to 2^53 - 1 throws here, and the caller refuses the bytes (property 11).
 */
function checked(n: number): number {
	if (!Number.isSafeInteger(n)) throw new RangeError('a number past 2^53 - 1');
	return n;
}

export function readNumber(from: Decoder): number {
	const first = from.arr[from.pos];
	if (first === undefined || first > 127) return checked(readVarUint(from));
	from.pos++;
	return first;
}

export const readSigned = (from: Decoder): number => checked(readVarInt(from));

/** Sums of many devices may pass what a number can say. They are written as the nearest that can be read again. */
export const bounded = (n: number): number => Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, n));
