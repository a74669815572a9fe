import { toHex } from '../../src/base/bytes.js';
import { StorageError } from '../../src/base/errors.js';
import type { Crypto, KeyPair } from '../../src/ports/platform.js';
import { webRandom } from './random.js';

export type Signatures = Pick<Crypto, 'generateKeyPair' | 'sign' | 'verify'>;

/** Keeps keys that no script can read, such as IndexedDB does. What is put is on the device when it resolves. */
export interface KeyCabinet {
	put(name: string, key: CryptoKey): Promise<void>;
	get(name: string): Promise<CryptoKey | undefined>;
}

/**
 * PKCS #8 of an Ed25519 key is this prefix and then the 32 secret bytes (RFC 8410, section 7): the raw secret is all that
 * we keep, so that a pair made here opens in Node and the other way round.
 */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const algorithm = 'Ed25519';

/** Our arrays never lie in shared memory, which is all that the DOM's stricter type asks for. */
const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

/** A pair whose secret is in a cabinet has its name there instead: shorter than any secret. */
const nameBytes = 16;

/**
 * Ed25519 by WebCrypto, which keeps the key outside of JavaScript while it works. With an open cabinet it stays outside for
 * good: the key cannot be extracted, and a pair's secret is only the name under which the cabinet has it.
 */
export function webSignatures(web: SubtleCrypto, cabinet: () => KeyCabinet | undefined = () => undefined): Signatures {
	// Imported once a pair and forgotten with it.
	const privateKeys = new WeakMap<KeyPair, Promise<CryptoKey>>();

	function privateKey(pair: KeyPair): Promise<CryptoKey> {
		let key = privateKeys.get(pair);
		if (key === undefined) {
			key = pair.secret.length === nameBytes ? keptKey(pair) : importedKey(pair);
			privateKeys.set(pair, key);
			// Asked again next time: the cabinet may be open by then.
			key.catch(() => privateKeys.delete(pair));
		}
		return key;
	}

	function importedKey({ secret }: KeyPair): Promise<CryptoKey> {
		const pkcs8 = new Uint8Array(pkcs8Prefix.length + secret.length);
		pkcs8.set(pkcs8Prefix);
		pkcs8.set(secret, pkcs8Prefix.length);
		return web.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
	}

	async function keptKey({ secret }: KeyPair): Promise<CryptoKey> {
		const key = await cabinet()?.get(toHex(secret));
		if (!key) throw new StorageError('storage_corrupt', "This device's key is not where it is kept.");
		return key;
	}

	return {
		async generateKeyPair() {
			const kept = cabinet();
			const pair = (await web.generateKey(algorithm, !kept, ['sign', 'verify'])) as CryptoKeyPair;
			const publicKey = new Uint8Array(await web.exportKey('raw', pair.publicKey));
			if (kept) {
				const secret = webRandom.bytes(nameBytes);
				await kept.put(toHex(secret), pair.privateKey);
				return { publicKey, secret };
			}
			const pkcs8 = new Uint8Array(await web.exportKey('pkcs8', pair.privateKey));
			return { publicKey, secret: pkcs8.slice(pkcs8Prefix.length, pkcs8Prefix.length + 32) };
		},

		sign: async (pair, data) => new Uint8Array(await web.sign(algorithm, await privateKey(pair), plain(data))),

		async verify(publicKey, data, signature) {
			if (publicKey.length !== 32 || signature.length !== 64) return false;
			try {
				const key = await web.importKey('raw', plain(publicKey), algorithm, false, ['verify']);
				return await web.verify(algorithm, key, plain(signature), plain(data));
			} catch (cause) {
				// 32 bytes that are no point of the curve: not a valid signature, and no failure either.
				if (cause instanceof Error && (cause.name === 'DataError' || cause.name === 'OperationError')) return false;
				throw cause;
			}
		},
	};
}
