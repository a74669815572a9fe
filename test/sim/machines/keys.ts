import { equalBytes } from '../../../src/base/bytes.js';
import type { Crypto, KeyPair } from '../../../src/ports/platform.js';
import type { Chance } from './chance.js';

/**
 * Stands in for SHA-256 and Ed25519 at a hundredth of their price: as bound to content and key, and to nobody who could
 * compute backwards. A signature holds only with the secret behind the key, for the world knows every pair it gave out.
 */
export class Keys {
	readonly #secrets = new Map<string, Uint8Array>();

	crypto(chance: Chance): Crypto {
		return {
			sha256: digest,
			generateKeyPair: async () => this.#pair(chance),
			sign: async (pair, data) => sign(pair.secret, data),
			verify: async (publicKey, data, signature) => {
				const secret = this.#secrets.get(name(publicKey));
				return secret !== undefined && equalBytes(sign(secret, data), signature);
			},
		};
	}

	#pair(chance: Chance): KeyPair {
		const secret = chance.bytes(32);
		const publicKey = digest(secret);
		this.#secrets.set(name(publicKey), secret);
		return { secret, publicKey };
	}
}

const name = (key: Uint8Array): string => String.fromCharCode(...key.subarray(0, 16));

function sign(secret: Uint8Array, data: Uint8Array): Uint8Array {
	const signed = new Uint8Array(64);
	signed.set(digest(data, secret));
	signed.set(secret.subarray(16), 32);
	return signed;
}

/** Four lanes of 32 bits over the bytes, spread over 32 bytes at the end: no two of a world's contents meet in it by chance. */
export function digest(data: Uint8Array, salt: Uint8Array = data): Uint8Array {
	let [a, b, c, d] = [0x9e3779b9 ^ data.length, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
	if (salt !== data)
		for (let i = 0; i < salt.length; i++) a = Math.imul(a ^ (salt[i] as number), 0x01000193) ^ (a >>> 15);
	for (let i = 0; i < data.length; i += 4) {
		// Past the end there are zeros; the length is in the beginning.
		const word =
			(data[i] as number) | ((data[i + 1] ?? 0) << 8) | ((data[i + 2] ?? 0) << 16) | ((data[i + 3] ?? 0) << 24);
		a = Math.imul(a ^ word, 0x01000193) ^ (a >>> 15);
		b = Math.imul(b ^ word, 0x5bd1e995) + a;
		c = Math.imul(c + word, 0x1b873593) ^ (b >>> 13);
		d = (d ^ word ^ (c >>> 11)) + Math.imul(d, 33);
	}
	const words = new Uint32Array(8);
	for (let i = 0; i < 8; i++) {
		a = mixed(a + Math.imul(d, 0x9e3779b1));
		b = mixed(b ^ a);
		c = mixed(c + b);
		d = mixed(d ^ c);
		words[i] = a ^ d;
	}
	return new Uint8Array(words.buffer);
}

function mixed(x: number): number {
	let m = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
	m = Math.imul(m ^ (m >>> 13), 0xc2b2ae35);
	return m ^ (m >>> 16);
}
