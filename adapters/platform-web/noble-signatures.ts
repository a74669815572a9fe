import { ed25519 } from '@noble/curves/ed25519.js';
import type { Signatures } from './web-signatures.js';

/** Ed25519 in JavaScript, for pages that did not come by https and for browsers whose WebCrypto lacks it. */
export const nobleSignatures: Signatures = {
	async generateKeyPair() {
		const { secretKey, publicKey } = ed25519.keygen();
		return { publicKey, secret: secretKey };
	},

	sign: async (pair, data) => ed25519.sign(data, pair.secret),

	async verify(publicKey, data, signature) {
		if (publicKey.length !== 32 || signature.length !== 64) return false;
		try {
			// Strict, as RFC 8032 and the other two implementations are: who accepts more would tell another history.
			return ed25519.verify(signature, data, publicKey, { zip215: false });
		} catch {
			return false; // no point of the curve
		}
	},
};
