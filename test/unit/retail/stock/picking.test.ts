import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goodsKey, lotOf, skuOf } from '../../../../src/retail/stock/goods-key.js';
import { isExpired, pick } from '../../../../src/retail/stock/picking.js';

test('a key reads back as the SKU and the lot that it was made of, whatever characters they have', () => {
	fc.assert(
		fc.property(fc.string({ minLength: 1 }), fc.option(fc.string({ minLength: 1 }), { nil: undefined }), (sku, lot) => {
			const key = goodsKey(sku, lot);
			expect([skuOf(key), lotOf(key)]).toEqual([sku, lot]);
		}),
	);
	expect(goodsKey('A@B', 'L')).not.toBe(goodsKey('A', 'B@L'));
});

test('first expired first out; what never expires after it, what has no lot at the very end', () => {
	const shelves = [
		{ key: 'MILK', expiresOn: undefined, available: 5 },
		{ key: 'MILK@NEVER', expiresOn: undefined, available: 2 },
		{ key: 'MILK@B', expiresOn: '2026-03-01', available: 2 },
		{ key: 'MILK@A', expiresOn: '2026-03-01', available: 1 },
		{ key: 'MILK@OLD', expiresOn: '2026-02-01', available: 0 },
	];
	expect(pick(shelves, 6)).toEqual({
		picked: [
			{ key: 'MILK@A', qty: 1 },
			{ key: 'MILK@B', qty: 2 },
			{ key: 'MILK@NEVER', qty: 2 },
			{ key: 'MILK', qty: 1 },
		],
		missing: 0,
	});
	expect(pick(shelves, 12).missing).toBe(2);
});

test('a lot is good through its last day', () => {
	expect([
		isExpired('2026-02-14', '2026-02-14'),
		isExpired('2026-02-14', '2026-02-15'),
		isExpired(undefined, '2999-01-01'),
	]).toEqual([false, true, false]);
});
