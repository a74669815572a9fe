/**
 * Records as they lie on a disk that others may read:
 *
 *   sealed = 1:u8 salt:12 nonce:12 hidden           hidden: the value, and 16 bytes that vouch for it and for its name
 *
 * ChaCha20-Poly1305 under HMAC-SHA256(key, `tillmesh/record/1` ‖ salt). Twelve random bytes alone would be sound for some
 * 2³² records, which a relay writes in weeks: each salt is of a key of its own, and seals no more than 2²⁰ records.
 */
import { toHex, utf8 } from './bytes.js';
import { BadArgument } from './errors.js';
import { hmac } from './hkdf.js';

/** What is asked of the runtime's cryptography and chance; see ports/platform.ts. */
export interface RecordCrypto {
	sha256(data: Uint8Array): Uint8Array;
	seal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, associated: Uint8Array, room?: number): Uint8Array;
	open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined;
}

const version = 1;
const saltBytes = 12;
const nonceBytes = 12;
const headBytes = 1 + saltBytes + nonceBytes;
const recordsPerSalt = 2 ** 20;
/** Keys of salts that were read lately. A storage has one salt for each opening that wrote. */
const knownMax = 256;

/** Throws `BadArgument` unless it is 32 bytes. */
export function checkKey(path: string, key: unknown): asserts key is Uint8Array {
	if (!(key instanceof Uint8Array) || key.length !== 32) throw new BadArgument(path, 'expected 32 bytes.');
}

/** Seals and opens values, each under its name: moved to another name, a value does not open. */
export class SealedRecords {
	readonly #crypto: RecordCrypto;
	readonly #random: (length: number) => Uint8Array;
	readonly #key: Uint8Array;
	readonly #known = new Map<string, Uint8Array>();
	#salt: Uint8Array;
	#saltKey: Uint8Array;
	#left = recordsPerSalt;

	constructor(crypto: RecordCrypto, random: (length: number) => Uint8Array, key: Uint8Array) {
		this.#crypto = crypto;
		this.#random = random;
		this.#key = key.slice();
		this.#salt = random(saltBytes);
		this.#saltKey = this.#keyOf(this.#salt);
	}

	seal(name: string, value: Uint8Array): Uint8Array {
		if (this.#left-- === 0) {
			this.#salt = this.#random(saltBytes);
			this.#saltKey = this.#keyOf(this.#salt);
			this.#left = recordsPerSalt - 1;
		}
		const nonce = this.#random(nonceBytes);
		const sealed = this.#crypto.seal(this.#saltKey, nonce, value, utf8(name), headBytes);
		sealed[0] = version;
		sealed.set(this.#salt, 1);
		sealed.set(nonce, 1 + saltBytes);
		return sealed;
	}

	/** Undefined for what was not sealed under this name by this key, or was changed since. */
	open(name: string, sealed: Uint8Array): Uint8Array | undefined {
		if (sealed[0] !== version || sealed.length < headBytes) return undefined;
		const key = this.#knownKey(sealed.subarray(1, 1 + saltBytes));
		const nonce = sealed.subarray(1 + saltBytes, headBytes);
		return this.#crypto.open(key, nonce, sealed.subarray(headBytes), utf8(name));
	}

	#knownKey(salt: Uint8Array): Uint8Array {
		const name = toHex(salt);
		const known = this.#known.get(name);
		if (known) return known;
		const key = this.#keyOf(salt);
		for (const oldest of this.#known.keys()) {
			if (this.#known.size < knownMax) break;
			this.#known.delete(oldest);
		}
		this.#known.set(name, key);
		return key;
	}

	#keyOf(salt: Uint8Array): Uint8Array {
		const label = utf8('tillmesh/record/1');
		const info = new Uint8Array(label.length + salt.length);
		info.set(label);
		info.set(salt, label.length);
		return hmac((data) => this.#crypto.sha256(data), this.#key, info);
	}
}
