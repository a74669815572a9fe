import { verify } from 'node:crypto';
import type { Platform } from '../../src/ports/platform.js';
import { publicKey } from '../platform-node/crypto.js';
import { nodePlatform } from '../platform-node/index.js';

/** Node's platform, with signatures checked on its thread pool: a relay checks many at once and must not wait for one. */
export function relayPlatform(): Platform {
	const platform = nodePlatform();
	return { ...platform, crypto: { ...platform.crypto, verify: verifyAside } };
}

function verifyAside(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
	if (key.length !== 32 || signature.length !== 64) return Promise.resolve(false);
	return new Promise((resolve) => {
		try {
			verify(null, data, publicKey(key), signature, (error, sound) => resolve(!error && sound));
		} catch {
			// Whatever OpenSSL cannot even read is not a valid signature.
			resolve(false);
		}
	});
}
