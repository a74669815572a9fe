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

const most = Number.MAX_SAFE_INTEGER;
const modulus = 2n * BigInt(most) + 1n;

/**
 * A sum of whole numbers that comes out the same in whatever order they are added. What passes 2^53 - 1 goes on at the other
 * end: no honest ledger gets there, and a hostile one must not make two replicas disagree.
 */
export function add(a: number, b: number): number {
	const sum = a + b;
	if (sum <= most && sum >= -most) return sum;
	const rest = (((BigInt(a) + BigInt(b)) % modulus) + modulus) % modulus;
	return Number(rest > BigInt(most) ? rest - modulus : rest);
}
