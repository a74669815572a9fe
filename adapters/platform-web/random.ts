import type { Random } from '../../src/ports/platform.js';

/** The most that one call of getRandomValues gives. */
const bytesPerCallMax = 65_536;

export const webRandom: Random = {
	bytes(length) {
		const bytes = new Uint8Array(length);
		for (let from = 0; from < length; from += bytesPerCallMax)
			crypto.getRandomValues(bytes.subarray(from, from + bytesPerCallMax));
		return bytes;
	},
};
