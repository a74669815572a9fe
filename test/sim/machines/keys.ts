import { equalBytes, first53Bits } from '../../../src/base/bytes.js';
import type { Agreement, Crypto, KeyPair } from '../../../src/ports/platform.js';
import type { Chance } from './chance.js';

/** Where a world's keys come from. */
export interface Keyring {
	crypto(chance: Chance): Crypto;
	pair(chance: Chance): KeyPair;
}

/**
 * Stands in for SHA-256, Ed25519, X25519 and ChaCha20-Poly1305 at a hundredth of their price: as bound to content and key,
 * and to nobody who could compute backwards. A signature holds only with the secret behind the key, and what two sides
 * share is theirs alone, for the world knows every pair it gave out.
 */
export class Keys implements Keyring {
	readonly #secrets = new Map<number, Uint8Array>();

	crypto(chance: Chance): Crypto {
		return {
			sha256: digest,
			generateKeyPair: async () => this.pair(chance),
			sign: async (pair, data) => sign(pair.secret, data),
			verify: async (publicKey, data, signature) => {
				const secret = this.#secrets.get(first53Bits(publicKey));
				return secret !== undefined && equalBytes(sign(secret, data), signature);
			},
			createAgreement: () => this.#agreement(chance),
			seal,
			open,
		};
	}

	#agreement(chance: Chance): Agreement {
		const { secret, publicKey } = this.pair(chance);
		return {
			publicKey,
			agree: (theirs) => {
				const other = this.#secrets.get(first53Bits(theirs));
				if (!other || theirs.length !== 32) return undefined;
				const [first, second] = first53Bits(publicKey) < first53Bits(theirs) ? [secret, other] : [other, secret];
				return digest(first, second);
			},
		};
	}

	pair(chance: Chance): KeyPair {
		const secret = chance.bytes(32);
		const publicKey = digest(secret);
		this.#secrets.set(first53Bits(publicKey), secret);
		return { secret, publicKey };
	}
}

function sign(secret: Uint8Array, data: Uint8Array): Uint8Array {
	const signed = new Uint8Array(64);
	signed.set(digest(data, secret));
	for (let i = 16; i < secret.length; i++) signed[16 + i] = secret[i] as number; // i < length
	return signed;
}

const tagBytes = 16;

/** The same bytes where neither key nor nonce is another. */
function masked(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, length: number): Uint8Array {
	const mask = digest(key, nonce);
	const hidden = data.slice(0, length);
	for (let i = 0; i < length; i++) hidden[i] = (hidden[i] as number) ^ (mask[i & 31] as number); // i < length
	return hidden;
}

function tag(key: Uint8Array, nonce: Uint8Array, hidden: Uint8Array, associated: Uint8Array): Uint8Array {
	const all = new Uint8Array(64);
	all.set(digest(hidden, key));
	all.set(digest(associated, nonce), 32);
	return digest(all, key).subarray(0, tagBytes);
}

const seal: Crypto['seal'] = (key, nonce, data, associated, room = 0) => {
	const sealed = new Uint8Array(room + data.length + tagBytes);
	const hidden = masked(key, nonce, data, data.length);
	sealed.set(hidden, room);
	sealed.set(tag(key, nonce, hidden, associated), room + data.length);
	return sealed;
};

function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
	const length = sealed.length - tagBytes;
	if (length < 0) return undefined;
	const sound = equalBytes(tag(key, nonce, sealed.subarray(0, length), associated), sealed.subarray(length));
	return sound ? masked(key, nonce, sealed, length) : undefined;
}

/** Four lanes of 32 bits over the bytes, spread over 32 bytes at the end: no two of a world's contents meet in it by chance. */
export function digest(data: Uint8Array, salt: Uint8Array = data): Uint8Array {
	let [a, b, c, d] = [0x9e3779b9 ^ data.length, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
	if (salt !== data)
		for (let i = 0; i < salt.length; i++) a = Math.imul(a ^ (salt[i] as number), 0x01000193) ^ (a >>> 15);
	const whole = data.length & ~3;
	for (let i = 0; i < data.length; i += 4) {
		const word = i < whole ? wordAt(data, i) : restAt(data, i);
		a = Math.imul(a ^ word, 0x01000193) ^ (a >>> 15);
		b = (Math.imul(b ^ word, 0x5bd1e995) + a) | 0;
		c = Math.imul(c + word, 0x1b873593) ^ (b >>> 13);
		d = ((d ^ word ^ (c >>> 11)) + Math.imul(d, 33)) | 0;
	}
	const hash = new Uint8Array(32);
	for (let i = 0; i < 32; i += 4) {
		a = mixed(a + Math.imul(d, 0x9e3779b1));
		b = mixed(b ^ a);
		c = mixed(c + b);
		d = mixed(d ^ c);
		const word = a ^ d;
		hash[i] = word;
		hash[i + 1] = word >>> 8;
		hash[i + 2] = word >>> 16;
		hash[i + 3] = word >>> 24;
	}
	return hash;
}

/** Four bytes that are all there. */
export function wordAt(bytes: Uint8Array, at: number): number {
	const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
	return low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

/** What is left of less than four bytes; zeros follow. The length is told elsewhere. */
export function restAt(bytes: Uint8Array, at: number): number {
	let word = 0;
	for (let i = bytes.length - 1; i >= at; i--) word = (word << 8) | (bytes[i] as number); // at <= i < length
	return word;
}

function mixed(x: number): number {
	let m = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
	m = Math.imul(m ^ (m >>> 13), 0xc2b2ae35);
	return m ^ (m >>> 16);
}
