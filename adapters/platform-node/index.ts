/** What Node lends to a replica: OpenSSL's SHA-256 and Ed25519, its random bytes, the wall clock and timers. */
import { randomBytes } from 'node:crypto';
import type { Platform } from '../../src/ports/platform.js';
import { hostTimers } from '../platform-web/timers.js';
import { nodeCrypto } from './crypto.js';

const platform: Platform = {
	clock: { nowMs: () => Date.now() },
	random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
	timers: hostTimers,
	crypto: nodeCrypto,
};

export function nodePlatform(): Platform {
	return platform;
}
