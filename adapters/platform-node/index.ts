/** What Node lends to a replica: OpenSSL's SHA-256, Ed25519 and ciphers, its random bytes, the wall clock and timers. */
import type { Platform } from '../../src/ports/platform.js';
import { webRandom } from '../platform-web/random.js';
import { hostTimers } from '../platform-web/timers.js';
import { nodeCrypto } from './crypto.js';

const platform: Platform = {
	clock: { nowMs: () => Date.now() },
	random: webRandom,
	timers: hostTimers,
	crypto: nodeCrypto,
};

export function nodePlatform(): Platform {
	return platform;
}
