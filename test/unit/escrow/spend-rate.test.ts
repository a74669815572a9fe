import { describe, expect, test } from 'vitest';
import { Pool } from '../../../src/escrow/share.js';
import { rateWindowMs, SpendRates } from '../../../src/escrow/spend-rate.js';

function spend(pool: Pool, device: string, amount: number): void {
	pool.of(device).spent += amount;
}

describe('moving averages of what each device spends', () => {
	test('a steady rate is what a window spends, however often it is sampled', () => {
		for (const everyMs of [1_000, 60_000, 600_000]) {
			const [pool, rates] = [new Pool(), new SpendRates()];
			rates.sample(pool, 0);
			for (let atMs = everyMs; atMs <= 20 * rateWindowMs; atMs += everyMs) {
				spend(pool, 'a', (6 * everyMs) / rateWindowMs);
				rates.sample(pool, atMs);
			}
			expect(rates.recent('a')).toBeCloseTo(6, 1);
		}
	});

	test('what was spent before the first look is no demand, a device that comes later is', () => {
		const [pool, rates] = [new Pool(), new SpendRates()];
		spend(pool, 'old', 500);
		rates.sample(pool, 0);
		spend(pool, 'new', 3);
		rates.sample(pool, 1);
		expect(rates.recent('old')).toBe(0);
		expect(rates.recent('new')).toBeCloseTo(3, 3);
		expect(rates.recent('nobody')).toBe(0);
	});

	test('who stops selling is forgotten by and by', () => {
		const [pool, rates] = [new Pool(), new SpendRates()];
		rates.sample(pool, 0);
		spend(pool, 'a', 8);
		rates.sample(pool, 1);
		rates.sample(pool, 1 + rateWindowMs);
		expect(rates.recent('a')).toBeCloseTo(8 / Math.E, 2);
		rates.sample(pool, 1 + 10 * rateWindowMs);
		expect(rates.recent('a')).toBeLessThan(0.01);
	});

	test('a clock that jumps either way leaves numbers', () => {
		const [pool, rates] = [new Pool(), new SpendRates()];
		for (const nowMs of [1e12, 1e12 - 3e11, 1e12 + 3e11, 1e12]) {
			spend(pool, 'a', 1);
			rates.sample(pool, nowMs);
			expect(rates.recent('a')).toBeGreaterThanOrEqual(0);
			expect(rates.recent('a')).toBeLessThanOrEqual(4);
		}
	});

	test('a spent figure that falls, as after a restored view, counts as nothing', () => {
		const [pool, rates] = [new Pool(), new SpendRates()];
		rates.sample(pool, 0);
		spend(pool, 'a', 5);
		rates.sample(pool, 0);
		pool.of('a').spent = 1;
		rates.sample(pool, 0);
		expect(rates.recent('a')).toBe(5);
	});
});
