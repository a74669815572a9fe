import type { PricedLine, SoldGoods } from '../documents/order.js';
import type { LotId, SkuDef } from '../documents/sku.js';
import { BadArgument } from '../shop/check.js';
import { no } from '../shop/outcome.js';
import type { Shop, Writing } from '../shop/shop.js';
import { goodsKey } from './goods-key.js';
import { kitDepthMax, partQty } from './level.js';
import { noteOwed, owedFor } from './liabilities.js';
import type { Shelves, Taken } from './shelves.js';
import type { StockBook } from './stock-book.js';

/** What a sale takes, line by line. */
export function sell(
	w: Writing,
	shop: Shop,
	book: StockBook,
	shelves: Shelves,
	lines: readonly PricedLine[],
	reason: string | undefined,
): readonly SoldGoods[] {
	const goods: SoldGoods[] = [];
	for (const line of lines) {
		const taken = takeSold(w, book, shelves, shelves.def(w, line.sku), line.qty, { lot: line.lot, reason }, 0);
		for (const of of joined(taken)) {
			const owed = owedFor(shop, book, shelves.def(w, of.sku), of.qty, of.lot);
			goods.push({ line: line.id, ...of, ...(owed && { owed }) });
		}
	}
	noteOwed(w, book, goods, 1);
	return goods;
}

interface How {
	readonly lot: LotId | undefined;
	readonly reason: string | undefined;
}

/** A kit goes whole where it was assembled; otherwise all its parts go, or nothing does. */
function takeSold(
	w: Writing,
	book: StockBook,
	shelves: Shelves,
	def: SkuDef,
	qty: number,
	how: How,
	depth: number,
): Taken[] {
	if (book.isSoldOut(book.ledger, def.sku)) w.tx.refuse(no('sold_out', def.sku));
	if (!def.kit) return shelves.take(w, def, qty, { ...how, expired: 'no' });
	if (depth > kitDepthMax) throw new BadArgument('sku', `the parts of "${def.sku}" go in circles.`);
	const figure = def.policy === 'none' ? undefined : book.figure(book.ledger, def);
	const whole = figure ? Math.min(qty, Math.max(0, shelves.available(w, figure))) : 0;
	const taken = whole > 0 ? shelves.take(w, def, whole, { expired: 'no' }) : [];
	if (whole === qty) return taken;
	for (const part of def.kit) {
		const need = partQty(book, def, qty - whole, part.qty);
		if (need === 0) continue;
		const partDef = shelves.def(w, part.sku);
		taken.push(...takeSold(w, book, shelves, partDef, need, { lot: undefined, reason: how.reason }, depth + 1));
	}
	return taken;
}

/** Two parts of a kit may be the same product. */
function joined(taken: readonly Taken[]): Taken[] {
	const byKey = new Map<string, Taken>();
	for (const of of taken) {
		const key = goodsKey(of.sku, of.lot);
		const known = byKey.get(key);
		const oversold = (known?.oversold ?? 0) + (of.oversold ?? 0);
		byKey.set(key, { ...of, qty: of.qty + (known?.qty ?? 0), ...(oversold > 0 && { oversold }) });
	}
	return [...byKey.values()];
}

/** What a refund brings back. A supplier's goods that are for sale again are owed no more. */
export function restock(
	w: Writing,
	book: StockBook,
	shelves: Shelves,
	goods: readonly SoldGoods[],
	how: 'sell' | 'waste' | 'no',
	document: string,
): void {
	if (how === 'no') return;
	for (const { sku, qty, lot } of joined(goods)) {
		const def = shelves.def(w, sku);
		const of = { id: document, document, ...(lot !== undefined && { lot }) };
		if (how === 'sell') shelves.put(w, def, qty, lot, document);
		shelves.move(w, sku, how === 'sell' ? { ...of, qty } : { ...of, qty: 0, wasted: qty });
	}
	if (how === 'sell') noteOwed(w, book, goods, -1);
}
