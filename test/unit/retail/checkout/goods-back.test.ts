import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goodsBack } from '../../../../src/retail/checkout/goods-back.js';
import type { SoldGoods } from '../../../../src/retail/documents/order.js';
import { sum } from '../../../../src/retail/shop/money.js';

const line = 'l-1';
const lot = (name: string, qty: number, owed?: number): SoldGoods => ({
	line,
	sku: 'MILK',
	qty,
	lot: name,
	...(owed !== undefined && { owed: { supplier: 'dairy', amount: owed } }),
});

test('one after the other, three pieces out of three lots bring back one each', () => {
	const sold = [lot('A', 1), lot('B', 1), lot('C', 1)];
	expect([0, 1, 2].map((before) => goodsBack(sold, before, 1, 3))).toEqual(sold.map((of) => [of]));
});

test('a piece of consigned goods takes its part of the debt back, and all pieces all of it', () => {
	const sold = [lot('A', 3, 1000)];
	const back = [0, 1, 2].map((before) => goodsBack(sold, before, 1, 3)[0]?.owed?.amount);
	expect(back).toEqual([333, 334, 333]);
});

test('however a line comes back, in the end it is what was sold: each lot of each product, and the debt', () => {
	const goods = fc.record({
		sku: fc.constantFrom('MILK', 'CUP'),
		lot: fc.constantFrom('A', 'B', 'C'),
		qty: fc.integer({ min: 1, max: 7 }),
		owed: fc.nat(1_000),
	});
	const sold = fc.uniqueArray(goods, { minLength: 1, maxLength: 5, selector: (of) => `${of.sku} ${of.lot}` });
	const pieces = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
	fc.assert(
		fc.property(sold, pieces, (sold, pieces) => {
			const all = sold.map((of): SoldGoods => ({ ...of, line, owed: { supplier: 'dairy', amount: of.owed } }));
			const back = pieces.flatMap((qty, i) => goodsBack(all, sum(pieces.slice(0, i)), qty, sum(pieces)));
			expect(back.every(({ qty }) => qty > 0)).toBe(true);
			for (const of of all) {
				const same = back.filter(({ sku, lot }) => sku === of.sku && lot === of.lot);
				expect(sum(same.map(({ qty }) => qty))).toBe(of.qty);
				expect(sum(same.map(({ owed }) => owed?.amount ?? 0))).toBe(of.owed?.amount);
			}
		}),
	);
});
