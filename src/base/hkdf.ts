/** HMAC-SHA256 (RFC 2104) and HKDF-SHA256 (RFC 5869) over a SHA-256 that is handed in. */
import { utf8 } from './bytes.js';

type Sha256 = (data: Uint8Array) => Uint8Array;

const blockBytes = 64;
const hashBytes = 32;

export function hmac(sha256: Sha256, key: Uint8Array, data: Uint8Array): Uint8Array {
	const short = key.length > blockBytes ? sha256(key) : key;
	const padded = (mask: number, rest: Uint8Array): Uint8Array => {
		const block = new Uint8Array(blockBytes + rest.length).fill(mask, 0, blockBytes);
		for (let i = 0; i < short.length; i++) block[i] = mask ^ (short[i] as number); // i < length
		block.set(rest, blockBytes);
		return block;
	};
	return sha256(padded(0x5c, sha256(padded(0x36, data))));
}

/** The first half of HKDF: a key from whatever is secret, under a salt that need not be. */
export const extract = (sha256: Sha256, salt: Uint8Array, secret: Uint8Array): Uint8Array => hmac(sha256, salt, secret);

/** The second half, for one key of 32 bytes: what it is for is the label, and bytes beside it. */
export function expand(
	sha256: Sha256,
	key: Uint8Array,
	label: string,
	beside: Uint8Array = new Uint8Array(),
): Uint8Array {
	const text = utf8(label);
	const info = new Uint8Array(text.length + beside.length + 1);
	info.set(text);
	info.set(beside, text.length);
	info[info.length - 1] = 1;
	return hmac(sha256, key, info).subarray(0, hashBytes);
}
