import type { SoldGoods } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { nextShare, share, sum } from '../shop/money.js';

/**
 * The goods that come back with `qty` of a line of `of`, after `before` of it came back: of every product its share, of
 * its lots in the order in which they were sold. Piece after piece they come to what was sold, and so does what is owed
 * for them.
 */
export function goodsBack(sold: readonly SoldGoods[], before: number, qty: number, of: number): SoldGoods[] {
	const back: SoldGoods[] = [];
	for (const lots of bySku(sold).values()) {
		const total = sum(lots.map((lot) => lot.qty));
		const [from, to] = [share(total, before, of), share(total, before + qty, of)];
		let passed = 0;
		for (const { owed, oversold: _, ...lot } of lots) {
			const [first, last] = [Math.max(from - passed, 0), Math.min(to - passed, lot.qty)];
			passed += lot.qty;
			if (first >= last) continue;
			const piece = last - first;
			const debt = owed && { owed: { ...owed, amount: nextShare(owed.amount, first, piece, lot.qty) } };
			back.push({ ...lot, qty: piece, ...debt });
		}
	}
	return back;
}

function bySku(goods: readonly SoldGoods[]): Map<SkuId, SoldGoods[]> {
	const lots = new Map<SkuId, SoldGoods[]>();
	for (const of of goods) lots.set(of.sku, [...(lots.get(of.sku) ?? []), of]);
	return lots;
}
