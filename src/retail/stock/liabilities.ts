import type { Stamped } from '../../ledger/written.js';
import type { LotId, SkuDef, SkuId } from '../documents/sku.js';
import type { Index } from '../shop/index-of.js';
import { type Minor, timesQty } from '../shop/money.js';
import type { Head, Shop, Writing } from '../shop/shop.js';
import type { StockBook } from './stock-book.js';

/** The log `consigned/<supplier>` in `stock/<store>`: what was sold of his goods, came back, and was paid to him. */
export interface ConsignedSold extends Head {
	readonly verb: 'order.settle' | 'order.refund';
	readonly lines: readonly { readonly sku: SkuId; readonly qty: number; readonly amount: Minor }[];
}

export interface ConsignedPaid extends Head {
	readonly verb: 'stock.settle_consigned';
	/** The supplier's invoice: it is paid once, whoever booked it. */
	readonly document: string;
	readonly amount: Minor;
}

export interface Liability {
	readonly supplier: string;
	/** Sold less what came back, by product. */
	readonly sold: readonly { readonly sku: SkuId; readonly qty: number; readonly amount: Minor }[];
	readonly owed: Minor;
	readonly settled: Minor;
	/** owed - settled. */
	readonly due: Minor;
}

/** To whom goods are owed when they are sold, and how much. */
export function owedFor(
	shop: Shop,
	book: StockBook,
	def: SkuDef,
	qty: number,
	lot: LotId | undefined,
): { readonly supplier: string; readonly amount: Minor } | undefined {
	const came = book.lot(def.sku, lot);
	const supplier = came?.consigned ? (came.supplier ?? def.owner?.supplier) : def.owner?.supplier;
	if (supplier === undefined) return undefined;
	const unitCost = came?.unitCost ?? def.owner?.unitCost ?? 0;
	return { supplier, amount: timesQty(unitCost, qty, def.scale ?? 0, shop.settings.rounding) };
}

/** Notes what a sale owes; with `sign` -1 what came back for sale. */
export function noteOwed(
	w: Writing,
	book: StockBook,
	goods: readonly { sku: SkuId; qty: number; owed?: { readonly supplier: string; readonly amount: Minor } }[],
	sign: 1 | -1,
): void {
	const bySupplier = new Map<string, { sku: SkuId; qty: number; amount: Minor }[]>();
	for (const { sku, qty, owed } of goods) {
		if (!owed) continue;
		const lines = bySupplier.get(owed.supplier) ?? [];
		bySupplier.set(owed.supplier, lines);
		lines.push({ sku, qty: sign * qty, amount: sign * owed.amount });
	}
	for (const [supplier, lines] of bySupplier) w.append(book.ledger, 'consigned', supplier, { ...w.head, lines });
}

export function liabilityIndex(shop: Shop): Index<ConsignedSold | ConsignedPaid, Liability> {
	return shop.index('stock consigned', 'stock', 'consigned', foldLiability);
}

export function noLiability(supplier: string): Liability {
	return { supplier, sold: [], owed: 0, settled: 0, due: 0 };
}

export function foldLiability(
	supplier: string,
	entries: readonly Stamped<ConsignedSold | ConsignedPaid>[],
): Liability | undefined {
	if (entries.length === 0) return undefined;
	const sold = new Map<SkuId, { sku: SkuId; qty: number; amount: Minor }>();
	const paid = new Map<string, Minor>();
	for (const { value } of entries) {
		if (value.verb === 'stock.settle_consigned') {
			paid.set(value.document, Math.max(paid.get(value.document) ?? 0, value.amount));
			continue;
		}
		for (const { sku, qty, amount } of value.lines) {
			const sum = sold.get(sku) ?? { sku, qty: 0, amount: 0 };
			sold.set(sku, { sku, qty: sum.qty + qty, amount: sum.amount + amount });
		}
	}
	const owed = [...sold.values()].reduce((sum, { amount }) => sum + amount, 0);
	const settled = [...paid.values()].reduce((sum, amount) => sum + amount, 0);
	return { supplier, sold: [...sold.values()], owed, settled, due: owed - settled };
}
