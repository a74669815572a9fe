import type { LedgerName } from '../../base/ids.js';
import type { OrderDocument, SoldGoods } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { addDays } from '../shop/business-day.js';
import type { Shop } from '../shop/shop.js';
import { goodsKey } from './goods-key.js';

interface Sold {
	readonly key: string;
	readonly qty: number;
	readonly atMs: number;
}

/** Sales of so many business days back are looked at: for late ones after a stocktake, and for the rate of sale. */
export const recentDays = 14;

/**
 * What this store's orders of the last days took out of the stock, by product and moment. The books of the stock know sums
 * only; whether a sale that arrives now was made before somebody counted, only the order tells.
 */
export class RecentSales {
	readonly #shop: Shop;
	/** By SKU and order. */
	readonly #sold = new Map<SkuId, Map<string, readonly Sold[]>>();
	readonly #skusOf = new Map<string, readonly SkuId[]>();
	readonly #listeners = new Set<(skus: ReadonlySet<SkuId>) => void>();
	#today = '';
	#isOpen = false;

	constructor(shop: Shop) {
		this.#shop = shop;
	}

	/** Orders are read when somebody asks for the first time: most tills never count, nor ask for forecasts. */
	#open(): void {
		if (this.#isOpen) return;
		this.#isOpen = true;
		const { host } = this.#shop;
		for (const ledger of host.ledgers()) if (this.#isOurs(ledger)) this.#read(ledger, undefined);
		host.watch({ ledgers: 'orders', of: 'log', name: 'order' }, (ledger, orders) => {
			if (!this.#isOurs(ledger)) return;
			const skus = this.#read(ledger, orders);
			if (skus.size > 0) for (const listener of [...this.#listeners]) listener(skus);
		});
	}

	/** Units sold of a pool from after `fromMs` up to `toMs`, as far as the sales are here. */
	sold(sku: SkuId, key: string | undefined, fromMs: number, toMs: number): number {
		this.#open();
		let sum = 0;
		for (const sales of this.#sold.get(sku)?.values() ?? [])
			for (const sale of sales)
				if ((key === undefined || sale.key === key) && sale.atMs > fromMs && sale.atMs <= toMs) sum += sale.qty;
		return sum;
	}

	/** Told from the first `sold` on. */
	onChange(listener: (skus: ReadonlySet<SkuId>) => void): void {
		this.#listeners.add(listener);
	}

	#isOurs(ledger: LedgerName): boolean {
		const [kind, store, date = ''] = ledger.split('/');
		return kind === 'orders' && store === this.#shop.store && date >= addDays(this.#shop.today(), -recentDays);
	}

	/** The products that sold more since. */
	#read(ledger: LedgerName, orders: ReadonlySet<string> | undefined): Set<SkuId> {
		this.#forgetOld();
		const logs = this.#shop.ledger(ledger).logs('order');
		const changed = new Set<SkuId>();
		for (const order of orders ?? logs.keys()) {
			const id = `${ledger}/${order}`;
			const bySku = new Map<SkuId, Sold[]>();
			for (const { value, atMs } of logs.entries(order)) {
				const document = value as unknown as OrderDocument; // what a verb of the shop wrote reads back
				if (document.verb === 'order.settle') collect(bySku, document.goods, atMs);
			}
			for (const sku of this.#skusOf.get(id) ?? []) if (!bySku.has(sku)) this.#sold.get(sku)?.delete(id);
			for (const [sku, sold] of bySku) {
				const known = this.#sold.get(sku) ?? new Map<string, readonly Sold[]>();
				this.#sold.set(sku, known);
				if (known.get(id)?.length !== sold.length) changed.add(sku);
				known.set(id, sold);
			}
			if (bySku.size > 0) this.#skusOf.set(id, [...bySku.keys()]);
		}
		return changed;
	}

	/** Once a business day. */
	#forgetOld(): void {
		const today = this.#shop.today();
		if (today === this.#today) return;
		this.#today = today;
		for (const [id, skus] of this.#skusOf) {
			if (this.#isOurs(id)) continue;
			for (const sku of skus) this.#sold.get(sku)?.delete(id);
			this.#skusOf.delete(id);
		}
	}
}

function collect(bySku: Map<SkuId, Sold[]>, goods: readonly SoldGoods[], atMs: number): void {
	for (const { sku, lot, qty } of goods) {
		const sold = bySku.get(sku) ?? [];
		bySku.set(sku, sold);
		sold.push({ key: goodsKey(sku, lot), qty, atMs });
	}
}
