import { expect, test } from 'vitest';
import { Backoff } from '../../../src/base/backoff.js';
import { seeded } from '../../contract/check.js';

const take = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, () => backoff.nextMs());

test('SYN4 the upper bound of a delay doubles from 250 ms to 30 s and stays there', () => {
	const latest = new Backoff({ random: () => 1 - 2 ** -53 });
	expect(take(latest, 10)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('SYN4 no delay is below the floor, whatever chance says', () => {
	expect(new Set(take(new Backoff({ random: () => 0 }), 20))).toEqual(new Set([50]));
	expect(take(new Backoff({ random: () => 0.5, firstMs: 10, floorMs: 200, maxMs: 100 }), 3)).toEqual([200, 200, 200]);
});

test('SYN4 delays are spread evenly between floor and bound, so that many who lost one relay do not come back at once', () => {
	const random = seeded(1);
	const sixth = Array.from({ length: 1_000 }, () => take(new Backoff({ random }), 6)[5] ?? 0);
	for (const [from, to] of [
		[50, 2_000],
		[2_000, 4_000],
		[4_000, 6_000],
		[6_000, 8_000],
	] as const) {
		const here = sixth.filter((delay) => delay >= from && delay < to).length;
		expect(here).toBeGreaterThan(200);
		expect(here).toBeLessThan(300);
	}
});

test('SYN4 after a connection that lived it begins again', () => {
	const backoff = new Backoff({ random: () => 0.999_999 });
	take(backoff, 8);
	backoff.reset();
	expect(take(backoff, 2)).toEqual([250, 500]);
});
