import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	addFixed,
	allocate,
	cashRounding,
	divideRounded,
	formatMinor,
	parseFixed,
	parseMinor,
	timesQty,
	toMinor,
} from '../../../../src/retail/shop/money.js';

describe('money', () => {
	test.each([
		['half-up', [3, -3, 2, -2]],
		['half-even', [2, -2, 2, -2]],
		['down', [2, -2, 1, -1]],
		['up', [3, -3, 2, -2]],
	] as const)('%s rounds 2.5, -2.5, 1.5, -1.5', (rounding, expected) => {
		const halves = [25n, -25n, 15n, -15n].map((n) => divideRounded(n, 10n, rounding));
		expect(halves).toEqual(expected);
	});

	test('sums of taxes are exact at four decimals, and rounded once', () => {
		const sum = [1, 2, 3].reduce((total) => addFixed(total, { value: 41005, scale: 4 }), { value: 0, scale: 0 });
		expect(sum).toEqual({ value: 123015, scale: 4 });
		expect(toMinor(sum, 2, 'half-up')).toBe(1230);
		expect(toMinor({ value: 5, scale: 3 }, 2, 'half-even')).toBe(0);
	});

	test('weighed goods cost their part of a unit', () => {
		expect(timesQty(1990, 1500, 3, 'half-up')).toBe(2985);
		expect(timesQty(9_007_199_254_740_991, 1000, 3, 'half-up')).toBe(9_007_199_254_740_991);
		expect(() => timesQty(9_007_199_254_740_991, 2, 0, 'half-up')).toThrow('beyond');
	});

	test('parts come to exactly the whole', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: -1e9, max: 1e9 }),
				fc.array(fc.nat(10_000), { minLength: 1, maxLength: 9 }),
				(amount, weights) => {
					const parts = allocate(amount, weights);
					expect(parts.reduce((a, b) => a + b, 0)).toBe(amount);
					const sum = weights.reduce((a, b) => a + b, 0);
					for (const [i, part] of parts.entries())
						if (sum > 0) expect(Math.abs(part - (amount * (weights[i] ?? 0)) / sum)).toBeLessThan(weights.length + 1);
				},
			),
		);
	});

	test('coins: what cannot be paid is rounded to the nearest step', () => {
		const chf = { code: 'CHF', decimals: 2, cashStep: 5 } as const;
		expect([1202, 1203, 1205, -1202].map((amount) => cashRounding(amount, chf))).toEqual([-2, 2, 0, 2]);
		expect(cashRounding(1203, { code: 'CNY', decimals: 2 })).toBe(0);
	});

	test('texts of money', () => {
		expect([parseMinor('12.5', 2), parseMinor('-0.05', 2), parseMinor('375', 2), parseMinor('1.000', 2)]).toEqual([
			1250, -5, 37500, 100,
		]);
		expect(() => parseMinor('1.005', 2)).toThrow('more than 2 decimals');
		expect(() => parseFixed('1,5')).toThrow('no number');
		expect([formatMinor(-5, 2), formatMinor(1234, 0), formatMinor(1234, 3)]).toEqual(['-0.05', '1234', '1.234']);
	});
});
