import { expect, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import type { Core } from '../../../src/replica/core.js';
import { digestOf, Holdings } from '../../../src/replica/holdings.js';

test('a digest is worked out when somebody compares it, once for what is held', () => {
	let hashes = 0;
	let rows = 1;
	const mark = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
	const { crypto } = nodePlatform();
	const sha256 = (data: Uint8Array) => {
		hashes++;
		return crypto.sha256(data);
	};
	const core = {
		journal: { in: () => [{ id: 7 }], ancestor: () => undefined },
		view: { base: () => undefined },
		platform: { crypto: { sha256 } },
		firm: () => rows,
		mark: () => mark,
	} as unknown as Core;
	const holdings = new Holdings(core);
	for (; rows < 50; rows++) {
		holdings.changed('stock/a');
		expect(holdings.of('stock/a').counts).toEqual(new Map([[7, rows]]));
	}
	expect(hashes).toBe(0);
	holdings.changed('stock/a');
	const held = holdings.of('stock/a');
	expect(held.digest).toEqual(
		digestOf(new Map([[7, 50]]), { mark: () => mark, prev: () => null }, new Uint8Array(), crypto.sha256),
	);
	expect(holdings.of('stock/a').digest).toBe(held.digest);
	expect(hashes).toBe(1);
});
