import { expect, test } from 'vitest';
import { compare } from '../../../bench/guard/compare.js';

const kept = {
	node: 20,
	figures: {
		syncs: { value: 1, percent: 0 },
		bytes: { value: 1_000, percent: 1 },
		saleAllocatedBytes: { value: 1_000, percent: 10 },
	},
};
const same = { syncs: 1, bytes: 1_000, saleAllocatedBytes: 1_000 };

test('what is as it was, or better, passes', () => {
	expect(compare(kept, same, 20).isWorse).toBe(false);
	expect(compare(kept, { ...same, bytes: 1_010 }, 20).isWorse).toBe(false);
	expect(compare(kept, { ...same, bytes: 500 }, 20)).toMatchObject({
		isWorse: false,
		lines: expect.arrayContaining([expect.stringContaining('better  bytes: 500')]),
	});
});

test('what grew beyond what is allowed fails, and its line says by how much', () => {
	const { isWorse, lines } = compare(kept, { ...same, bytes: 1_100 }, 20);
	expect(isWorse).toBe(true);
	expect(lines).toContain('WORSE   bytes: 1100, 1000 before: +10.0 % where 1 % is allowed');
	expect(compare(kept, { ...same, syncs: 2 }, 20).isWorse).toBe(true);
});

test('a figure that is new, or gone, fails: it would guard nothing', () => {
	expect(compare(kept, { ...same, frames: 1 }, 20).isWorse).toBe(true);
	expect(compare(kept, { syncs: 1, saleAllocatedBytes: 1_000 }, 20).isWorse).toBe(true);
	expect(compare(kept, { ...same, bytes: Number.NaN }, 20).isWorse).toBe(true);
});

test('allocations are compared on the same major version of Node only', () => {
	expect(compare(kept, { ...same, saleAllocatedBytes: 2_000 }, 20).isWorse).toBe(true);
	expect(compare(kept, { ...same, saleAllocatedBytes: 2_000 }, 22).isWorse).toBe(false);
});
