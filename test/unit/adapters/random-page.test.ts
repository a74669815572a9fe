import { afterEach, expect, test, vi } from 'vitest';
import { webRandom } from '../../../adapters/platform-web/random.js';

afterEach(() => vi.restoreAllMocks());

test('short draws of a page never share a byte: each goes on just where the one before it ended', () => {
	let next = 0;
	vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
		const bytes = array as unknown as Uint8Array;
		for (let i = 0; i < bytes.length; i++) bytes[i] = next++ % 251;
		return array;
	});
	for (let i = 0; i < 100; i++) webRandom.bytes(16); // the page that was there before is used up
	let last: number | undefined;
	for (let i = 0; i < 400; i++) {
		const drawn = webRandom.bytes(8);
		// 1,024 is a multiple of 8: no rest of a page is left over.
		for (const byte of drawn) {
			if (last !== undefined) expect(byte).toBe((last + 1) % 251);
			last = byte;
		}
	}
});
