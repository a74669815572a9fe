import { expect, test } from 'vitest';
import { idIn, memberShards, shardOf } from '../../../../src/retail/shop/ledgers.js';

test('ids that follow each other are spread over all shards, and an id can be had for any of them', () => {
	const found = new Map<string, number>();
	for (let i = 0; i < 100 * memberShards; i++) {
		const shard = shardOf(`m-${i}`);
		found.set(shard, (found.get(shard) ?? 0) + 1);
	}
	expect(found.size).toBe(memberShards);
	// A hundred each: whoever is asked for does not bring many more along than others do.
	expect(Math.max(...found.values())).toBeLessThan(200);
	expect(Math.min(...found.values())).toBeGreaterThan(30);
	for (const shard of ['000', '0ff', '3ff']) {
		const id = idIn(shard, 'a1b2c3');
		expect([shardOf(id), id.startsWith('a1b2c3'), id.length < 10]).toEqual([shard, true, true]);
	}
});
