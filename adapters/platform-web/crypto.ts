import { sha256 } from '@noble/hashes/sha2.js';
import { TillmeshError } from '../../src/base/errors.js';
import type { Crypto, KeyPair } from '../../src/ports/platform.js';

/**
 * PKCS #8 of an Ed25519 key is this prefix and then the 32 secret bytes (RFC 8410, section 7): the raw secret is all that
 * we keep, so that a pair made here opens in Node and the other way round.
 */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const algorithm = 'Ed25519';

// Imported once a pair and forgotten with it.
const privateKeys = new WeakMap<KeyPair, Promise<CryptoKey>>();

/** Our arrays never lie in shared memory, which is all that the DOM's stricter type asks for. */
const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

function subtle(): SubtleCrypto {
	const found = globalThis.crypto?.subtle;
	// Browsers hide it from pages that do not come by https or from localhost.
	if (!found)
		throw new TillmeshError('unavailable', 'WebCrypto (crypto.subtle) is missing: serve the page by https.', {
			missing: 'crypto.subtle',
		});
	return found;
}

/** Answers what `use` answers; a runtime without the algorithm is named as such. */
async function withEd25519<T>(use: (subtle: SubtleCrypto) => Promise<T>): Promise<T> {
	try {
		return await use(subtle());
	} catch (cause) {
		if (cause instanceof Error && cause.name === 'NotSupportedError')
			throw new TillmeshError('unavailable', 'WebCrypto here has no Ed25519.', { missing: algorithm }, cause);
		throw cause;
	}
}

function privateKey(pair: KeyPair): Promise<CryptoKey> {
	let key = privateKeys.get(pair);
	if (key === undefined) {
		const pkcs8 = new Uint8Array(pkcs8Prefix.length + pair.secret.length);
		pkcs8.set(pkcs8Prefix);
		pkcs8.set(pair.secret, pkcs8Prefix.length);
		key = withEd25519((web) => web.importKey('pkcs8', pkcs8, algorithm, false, ['sign']));
		privateKeys.set(pair, key);
	}
	return key;
}

export const webCrypto: Crypto = {
	sha256: (data) => sha256(data),

	generateKeyPair: () =>
		withEd25519(async (web) => {
			const pair = (await web.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
			const publicKey = new Uint8Array(await web.exportKey('raw', pair.publicKey));
			const pkcs8 = new Uint8Array(await web.exportKey('pkcs8', pair.privateKey));
			return { publicKey, secret: pkcs8.slice(pkcs8Prefix.length, pkcs8Prefix.length + 32) };
		}),

	sign: (pair, data) =>
		withEd25519(async (web) => new Uint8Array(await web.sign(algorithm, await privateKey(pair), plain(data)))),

	async verify(publicKey, data, signature) {
		if (publicKey.length !== 32 || signature.length !== 64) return false;
		return await withEd25519(async (web) => {
			try {
				const key = await web.importKey('raw', plain(publicKey), algorithm, false, ['verify']);
				return await web.verify(algorithm, key, plain(signature), plain(data));
			} catch (cause) {
				// 32 bytes that are no point of the curve: not a valid signature, and no failure either.
				if (cause instanceof Error && (cause.name === 'DataError' || cause.name === 'OperationError')) return false;
				throw cause;
			}
		});
	},
};
