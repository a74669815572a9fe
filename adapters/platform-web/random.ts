import type { Random } from '../../src/ports/platform.js';

/** The most that one call of getRandomValues gives. */
const bytesPerCallMax = 65_536;
/** Ids are short, and a call into the runtime costs more than the bytes: so many are drawn at once. */
const page = new Uint8Array(1_024);
const shortBytes = 64;
let given = page.length;

export const webRandom: Random = {
	bytes(length) {
		if (length <= shortBytes) return fromPage(length);
		const bytes = new Uint8Array(length);
		for (let from = 0; from < length; from += bytesPerCallMax)
			crypto.getRandomValues(bytes.subarray(from, from + bytesPerCallMax));
		return bytes;
	},
};

function fromPage(length: number): Uint8Array {
	if (given + length > page.length) {
		crypto.getRandomValues(page);
		given = 0;
	}
	given += length;
	return page.slice(given - length, given);
}
