/**
 * What a browser lends to a replica: WebCrypto for Ed25519, and @noble/curves where it lacks that; @noble/hashes, ciphers and
 * curves for what must be synchronous and is not in WebCrypto: the hash chain, and the channel that lines are in; the wall
 * clock and timers. Node, Deno and Bun have all of it too.
 */
import type { Platform } from '../../src/ports/platform.js';
import { keptCrypto, webCrypto } from './crypto.js';
import { webRandom } from './random.js';
import { hostTimers } from './timers.js';
import type { KeyCabinet } from './web-signatures.js';

export type { KeyCabinet } from './web-signatures.js';

const platform: Platform = {
	clock: { nowMs: () => Date.now() },
	random: webRandom,
	timers: hostTimers,
	crypto: webCrypto,
};

/** Needs nothing of the runtime but `crypto.getRandomValues`. Keys that are made while `cabinet` gives one are kept there. */
export function webPlatform(cabinet?: () => KeyCabinet | undefined): Platform {
	return cabinet ? { ...platform, crypto: keptCrypto(cabinet) } : platform;
}
