/**
 * What a browser lends to a replica: WebCrypto for Ed25519, @noble/hashes for SHA-256 (WebCrypto's is asynchronous, the
 * hash chain is not), the wall clock and timers. Node, Deno and Bun have all of it too.
 */
import type { Platform } from '../../src/ports/platform.js';
import { webCrypto } from './crypto.js';
import { webRandom } from './random.js';
import { hostTimers } from './timers.js';

const platform: Platform = {
	clock: { nowMs: () => Date.now() },
	random: webRandom,
	timers: hostTimers,
	crypto: webCrypto,
};

/** Signing, and nothing else, fails with `unavailable` where the runtime has no WebCrypto with Ed25519. */
export function webPlatform(): Platform {
	return platform;
}
