import { describe, expect, test } from 'vitest';
import { type PromotionRule, usualPricing } from '../../../../src/retail/catalog/promotions.js';

const context = { isMember: true, rounding: 'half-up', scaleOf: (sku: string) => (sku === 'BEANS' ? 3 : 0) } as const;
const lines = [
	{ sku: 'LATTE', qty: 2, unitPrice: 1800 },
	{ sku: 'CAKE', qty: 1, unitPrice: 2500 },
	{ sku: 'BEANS', qty: 500, unitPrice: 9000 },
];
const off = (rules: PromotionRule[], isMember = true) =>
	usualPricing(lines, rules, { ...context, isMember }).map(({ discount = 0 }) => discount);

describe('promotions', () => {
	test('a percentage of what is in scope', () => {
		expect(off([{ kind: 'percent', offBp: 1000, skus: ['LATTE', 'BEANS'] }])).toEqual([360, 0, 450]);
	});

	test('so much off from a sum on, shared out to the cent', () => {
		expect(off([{ kind: 'amount', off: 1000, over: 10_600 }])).toEqual([340, 236, 424]);
		expect(off([{ kind: 'amount', off: 1000, over: 10_601 }])).toEqual([0, 0, 0]);
	});

	test('three for the price of two: the cheapest is free, weighed goods are no pieces', () => {
		expect(off([{ kind: 'n_for_m', take: 3, pay: 2 }])).toEqual([1800, 0, 0]);
	});

	test('a price for members', () => {
		const rule: PromotionRule = { kind: 'member_price', prices: { LATTE: 1500, CAKE: 3000 } };
		expect(off([rule])).toEqual([600, 0, 0]);
		expect(off([rule], false)).toEqual([0, 0, 0]);
		expect(off([{ kind: 'percent', offBp: 5000, members: true }], false)).toEqual([0, 0, 0]);
	});

	test('rules follow each other, and nothing costs less than nothing', () => {
		expect(
			off([
				{ kind: 'percent', offBp: 5000, skus: ['CAKE'] },
				{ kind: 'amount', off: 99_999, skus: ['CAKE'] },
			]),
		).toEqual([0, 2500, 0]);
	});
});
