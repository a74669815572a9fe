import { expect, test } from 'vitest';
import { Counts } from '../../../src/relay/counts.js';
import { seeded } from '../../contract/check.js';

test('a snapshot is the map that it was made of, and stays it', () => {
	for (let seed = 1; seed <= 50; seed++) {
		const random = seeded(seed);
		const below = (n: number) => Math.floor(random() * n);
		const plain = new Map<number, number>();
		const seen: [Counts, Map<number, number>][] = [];
		let counts = new Counts();
		for (let round = below(12); round > 0; round--) {
			const changes = Array.from({ length: below(40) }, () => [1 + below(200), 1 + below(1000)] as const);
			counts = counts.with(changes);
			for (const [epoch, count] of changes) plain.set(epoch, count);
			seen.push([counts, new Map(plain)]);
		}
		for (const [snapshot, wanted] of seen) {
			expect(new Map(snapshot)).toEqual(wanted);
			expect(snapshot.size).toBe(wanted.size);
			for (let epoch = 0; epoch <= 201; epoch++) {
				expect(snapshot.get(epoch)).toBe(wanted.get(epoch));
				expect(snapshot.has(epoch)).toBe(wanted.has(epoch));
			}
		}
	}
});
