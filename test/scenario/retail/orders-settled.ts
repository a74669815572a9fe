import type { OrderId, PricedLine, Settled } from '../../../src/retail/documents/order.js';
import type { Retail } from '../../../src/retail/retail.js';
import type { Outcome } from '../../../src/retail/shop/outcome.js';
import type { Head, WriteOptions } from '../../../src/retail/shop/shop.js';
import { key, openShops, type Shops, type ShopsOptions } from './shops.js';

export const tea = { sku: 'TEA', qty: 1, unitPrice: 1800 };
export const cake = { sku: 'CAKE', qty: 1, unitPrice: 2500 };

/** What checkout writes, less everything that other capabilities do. */
export function settledBy(lines: readonly PricedLine[], receiptNo: string): Omit<Settled, keyof Head> {
	const due = lines.reduce((sum, { net }) => sum + net, 0);
	return {
		store: 'sh-1',
		receiptNo,
		lines,
		net: due,
		taxes: [],
		tax: 0,
		rounding: 0,
		due,
		tenders: [{ kind: 'cash', amount: due }],
		change: 0,
		goods: [],
	};
}

/** Settles an open order in a commit of its own; answers with the receipt's number. */
export function settle(till: Retail, order: OrderId, options: WriteOptions = key()): Promise<Outcome<string>> {
	return till.shop.writeKeyed('order.settle', { order }, options, (w) => {
		const { ledger, lines } = till.orders.mustBeOpen(w, order);
		const receiptNo = till.receipts.next(w);
		till.orders.settle(w, order, ledger, settledBy(lines, receiptNo));
		return receiptNo;
	});
}

/** A sale over the counter: opened and settled in one commit. */
export function sell(till: Retail, options: WriteOptions = key(), series?: string): Promise<Outcome<string>> {
	return till.shop.writeKeyed('order.settle', { series: series ?? '' }, options, (w) => {
		const { id, ledger } = till.orders.begin(w, {});
		const receiptNo = till.receipts.next(w, series);
		till.orders.settle(w, id, ledger, settledBy([{ ...tea, id: till.shop.id(), net: tea.unitPrice }], receiptNo));
		return receiptNo;
	});
}

/** Gives back so many of a line, in cash, where this till is. */
export function refund(till: Retail, order: OrderId, line: string, qty: number): Promise<Outcome<string>> {
	return till.shop.writeKeyed('order.refund', { order, line, qty }, key(), (w) => {
		const { ledger, lines } = till.orders.get(order).get() ?? { ledger: 'orders/none', lines: [] };
		const { sku = '', unitPrice = 0 } = lines.find(({ id }) => id === line) ?? {};
		const amount = unitPrice * qty;
		const receiptNo = till.receipts.next(w);
		till.orders.refund(w, order, ledger, {
			store: till.shop.store,
			refund: till.shop.id(),
			receiptNo,
			lines: [{ line, sku, qty, amount, restock: 'no' }],
			net: amount,
			taxes: [],
			tax: 0,
			rounding: 0,
			due: amount,
			tenders: [{ kind: 'cash', amount }],
		});
		return receiptNo;
	});
}

export async function openOrder(till: Retail, ...lines: readonly (typeof tea)[]): Promise<OrderId> {
	const opened = await till.orders.open({ table: 'T1' }, key());
	if (!opened.ok) throw new Error(opened.message);
	if (lines.length === 0) return opened.value;
	const added = await till.orders.addLines(opened.value, lines, key());
	if (!added.ok) throw new Error(added.message);
	return opened.value;
}

/** What a person must look at, as this till knows it. */
export function openExceptions(till: Retail) {
	const all = [...till.shop.exceptions].flatMap(({ exceptions }) => exceptions.get());
	return all.filter(({ state }) => state === 'open');
}

/** Shops that sell what these tests sell. */
export async function openTeaShops(options: ShopsOptions = {}): Promise<Shops> {
	const shops = await openShops(options);
	const skus = ['TEA', 'CAKE'].map((sku) => ({ sku, name: sku, policy: 'none' }) as const);
	const defined = await shops.till(0).catalog.define(skus);
	if (!defined.ok) throw new Error(defined.message);
	await shops.meet();
	return shops;
}
