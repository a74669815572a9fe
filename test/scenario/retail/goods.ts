import type { PricedLine, Settled, SoldGoods } from '../../../src/retail/documents/order.js';
import type { Products, SkuDef } from '../../../src/retail/documents/sku.js';
import { ledgers } from '../../../src/retail/shop/ledgers.js';
import type { Outcome } from '../../../src/retail/shop/outcome.js';
import type { Shop } from '../../../src/retail/shop/shop.js';
import { Stock } from '../../../src/retail/stock/stock.js';
import { Transfers } from '../../../src/retail/transfers/transfers.js';
import { key, openShops, type Shops, type ShopsOptions } from './shops.js';

export interface SoldLine {
	readonly sku: string;
	readonly qty: number;
	readonly lot?: string;
}

/** A till with its stock, and as much of a checkout as moves goods. */
export class GoodsTill {
	readonly shop: Shop;
	readonly stock: Stock;
	readonly transfers: Transfers;

	constructor(shop: Shop, products: Products) {
		this.shop = shop;
		this.stock = new Stock(shop, products);
		this.transfers = new Transfers(shop, this.stock);
	}

	/** One sale: the goods and the order's document in one commit, as checkout does it. */
	sell(sold: readonly SoldLine[], options = key()): Promise<Outcome<readonly SoldGoods[]>> {
		const { shop } = this;
		const lines = sold.map((line, i): PricedLine => ({ ...line, id: `l${i}`, unitPrice: 0, net: 0 }));
		return shop.writeKeyed('order.settle', { lines: sold }, options, (w) => {
			const goods = this.stock.sell(w, lines);
			const nothing = { net: 0, taxes: [], tax: 0, rounding: 0, due: 0, tenders: [], change: 0 };
			const about = { verb: 'order.settle' as const, store: shop.store, receiptNo: '', lines, goods };
			const document: Settled = { ...w.head, ...about, ...nothing };
			w.append(ledgers.orders(shop.store, shop.today()), 'order', shop.id(), document);
			return goods;
		});
	}

	/** The store's number of a product. */
	store(sku: string): number {
		return this.stock.level({ sku }).get().store;
	}

	sellable(sku: string): number {
		return this.stock.level({ sku }).get().sellable;
	}
}

/** Shops that trade in these products. */
export class Goods {
	readonly shops: Shops;
	readonly #products: Products;
	readonly #tills = new WeakMap<object, GoodsTill>();

	constructor(shops: Shops, products: readonly SkuDef[]) {
		this.shops = shops;
		const bySku = new Map(products.map((def) => [def.sku as string, def]));
		this.#products = { sku: (id) => bySku.get(id) };
	}

	/** The till with this number, as it runs now. */
	till(number: number): GoodsTill {
		const shop = this.shops.alone(number);
		const known = this.#tills.get(shop) ?? new GoodsTill(shop, this.#products);
		this.#tills.set(shop, known);
		return known;
	}
}

export async function openGoods(products: readonly SkuDef[], options: ShopsOptions = {}): Promise<Goods> {
	return new Goods(await openShops(options), products);
}

/** The value, where the answer is yes. */
export function yes<T>(outcome: Outcome<T>): T {
	if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
	return outcome.value;
}

/** The code, where the answer is no. */
export function said(outcome: { readonly ok: true } | { readonly ok: false; readonly code: string }): string {
	return outcome.ok ? 'ok' : outcome.code;
}
