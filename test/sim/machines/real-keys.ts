import { createPrivateKey, createPublicKey } from 'node:crypto';
import { nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import type { Crypto, KeyPair } from '../../../src/ports/platform.js';
import type { Chance } from './chance.js';
import type { Keyring } from './keys.js';

/** What stands before the seed of an Ed25519 key in PKCS 8 (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** SHA-256, Ed25519, X25519 and ChaCha20-Poly1305 themselves, with keys that come from the seed. */
export class RealKeys implements Keyring {
	crypto(chance: Chance): Crypto {
		return { ...nodeCrypto, generateKeyPair: async () => this.pair(chance) };
	}

	pair(chance: Chance): KeyPair {
		const secret = chance.bytes(32);
		const key = createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' });
		const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
		return { secret, publicKey: new Uint8Array(Buffer.from(x, 'base64url')) };
	}
}
