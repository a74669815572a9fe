import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Crypto } from '../../src/ports/platform.js';
import { createSignatures } from './signatures.js';
import type { KeyCabinet } from './web-signatures.js';

const tagBytes = 16;

export const webCrypto: Crypto = {
	sha256: (data) => sha256(data),

	...createSignatures(),

	createAgreement() {
		const { secretKey, publicKey } = x25519.keygen();
		return {
			publicKey,
			agree(theirs) {
				if (theirs.length !== 32) return undefined;
				try {
					return x25519.getSharedSecret(secretKey, theirs);
				} catch {
					// A point of low order comes to nothing.
					return undefined;
				}
			},
		};
	},

	seal(key, nonce, data, associated, room = 0) {
		const sealed = new Uint8Array(room + data.length + tagBytes);
		chacha20poly1305(key, nonce, associated).encrypt(data, sealed.subarray(room));
		return sealed;
	},

	open(key, nonce, sealed, associated) {
		try {
			return chacha20poly1305(key, nonce, associated).decrypt(sealed);
		} catch {
			// Too short, or not what was sealed.
			return undefined;
		}
	},
};

/** The same, with keys that the cabinet keeps while it is open, where WebCrypto can make such. */
export const keptCrypto = (cabinet: () => KeyCabinet | undefined): Crypto => ({
	...webCrypto,
	...createSignatures(cabinet),
	portable: webCrypto,
});
