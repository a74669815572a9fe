import nodeCryptoModule, {
	createCipheriv,
	createDecipheriv,
	createHash,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	type KeyObject,
	sign,
	verify,
} from 'node:crypto';
import type { Agreement, Crypto, KeyPair } from '../../src/ports/platform.js';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const raw = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64url'));

// Making a KeyObject costs about as much as a signature, so one is made a pair and forgotten with it.
const privateKeys = new WeakMap<KeyPair, KeyObject>();
const publicKeys = new Map<string, KeyObject>();
/** More devices than a chain's relay sees in a while; beyond it the oldest is made again. */
const publicKeysMax = 1_024;

function privateKey(pair: KeyPair): KeyObject {
	let key = privateKeys.get(pair);
	if (key === undefined) {
		const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64(pair.publicKey), d: base64(pair.secret) };
		key = createPrivateKey({ key: jwk, format: 'jwk' });
		privateKeys.set(pair, key);
	}
	return key;
}

/** Kept, for as many keys as a relay sees. */
export function publicKey(bytes: Uint8Array): KeyObject {
	const x = base64(bytes);
	let key = publicKeys.get(x);
	if (key === undefined) {
		key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
		for (const oldest of publicKeys.keys()) {
			if (publicKeys.size < publicKeysMax) break;
			publicKeys.delete(oldest);
		}
		publicKeys.set(x, key);
	}
	return key;
}

// One call into OpenSSL costs a third less than a Hash object for an entry. Other runtimes that speak node:crypto may
// lack it, which a named import would not survive.
const oneShot: typeof nodeCryptoModule.hash | undefined = nodeCryptoModule.hash;

const sha256Bytes = 32;

/** Taken as a text of one byte a character: a Buffer has memory of its own to fetch and to give back, which costs twice the hash. */
function sha256(data: Uint8Array): Uint8Array {
	const text = oneShot ? oneShot('sha256', data, 'binary') : createHash('sha256').update(data).digest('binary');
	const hash = new Uint8Array(sha256Bytes);
	for (let i = 0; i < sha256Bytes; i++) hash[i] = text.charCodeAt(i);
	return hash;
}

/** A Buffer's `slice` shares memory where an array's copies: no Buffer leaves this file. */
const plain = ({ buffer, byteOffset, length }: Buffer<ArrayBuffer>): Uint8Array =>
	new Uint8Array(buffer, byteOffset, length);

const cipher = 'chacha20-poly1305';
const tagBytes = 16;

/** By a key of X25519. */
export function agreementOf(privateKey: KeyObject): Agreement {
	return {
		publicKey: raw(createPublicKey(privateKey).export({ format: 'jwk' }).x),
		agree(theirs) {
			if (theirs.length !== 32) return undefined;
			try {
				const jwk = { kty: 'OKP', crv: 'X25519', x: base64(theirs) };
				const shared = diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) });
				return shared.some((byte) => byte !== 0) ? new Uint8Array(shared) : undefined;
			} catch {
				// OpenSSL itself refuses what comes to nothing: a point of low order.
				return undefined;
			}
		},
	};
}

export const nodeCrypto: Crypto = {
	sha256,

	async generateKeyPair() {
		const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
		return { publicKey: raw(jwk.x), secret: raw(jwk.d) };
	},

	async sign(pair, data) {
		return new Uint8Array(sign(null, data, privateKey(pair)));
	},

	async verify(key, data, signature) {
		if (key.length !== 32 || signature.length !== 64) return false;
		try {
			return verify(null, data, publicKey(key), signature);
		} catch {
			// Whatever OpenSSL cannot even read is not a valid signature.
			return false;
		}
	},

	createAgreement: () => agreementOf(generateKeyPairSync('x25519').privateKey),

	seal(key, nonce, data, associated, room = 0) {
		const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
		sealing.setAAD(associated, { plaintextLength: data.length });
		const sealed = new Uint8Array(room + data.length + tagBytes);
		sealed.set(sealing.update(data), room);
		sealing.final(); // a stream cipher keeps nothing back
		sealed.set(sealing.getAuthTag(), room + data.length);
		return sealed;
	},

	open(key, nonce, sealed, associated) {
		const length = sealed.length - tagBytes;
		if (length < 0 || key.length !== 32 || nonce.length !== 12) return undefined;
		const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
		opening.setAAD(associated, { plaintextLength: length });
		opening.setAuthTag(sealed.subarray(length));
		const data = opening.update(sealed.subarray(0, length));
		try {
			opening.final();
		} catch {
			return undefined;
		}
		return plain(data);
	},
};
