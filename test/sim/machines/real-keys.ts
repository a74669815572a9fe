import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { agreementOf, nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import type { Crypto, KeyPair } from '../../../src/ports/platform.js';
import type { Chance } from './chance.js';
import type { Keyring } from './keys.js';

/** What stands before the 32 bytes of a secret key in PKCS 8 (RFC 8410). */
const pkcs8 = { ed25519: '302e020100300506032b657004220420', x25519: '302e020100300506032b656e04220420' } as const;

const secretKey = (kind: keyof typeof pkcs8, secret: Uint8Array): KeyObject =>
	createPrivateKey({ key: Buffer.concat([Buffer.from(pkcs8[kind], 'hex'), secret]), format: 'der', type: 'pkcs8' });

function publicOf(secret: KeyObject): Uint8Array {
	const { x = '' } = createPublicKey(secret).export({ format: 'jwk' });
	return new Uint8Array(Buffer.from(x, 'base64url'));
}

/** SHA-256, Ed25519, X25519 and ChaCha20-Poly1305 themselves, with keys that come from the seed. */
export class RealKeys implements Keyring {
	crypto(chance: Chance): Crypto {
		return {
			...nodeCrypto,
			generateKeyPair: async () => this.pair(chance),
			createAgreement: () => agreementOf(secretKey('x25519', chance.bytes(32))),
		};
	}

	pair(chance: Chance): KeyPair {
		const secret = chance.bytes(32);
		return { secret, publicKey: publicOf(secretKey('ed25519', secret)) };
	}
}
