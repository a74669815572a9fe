import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import { goodsUnderWay } from '../documents/goods.js';
import type { SkuId } from '../documents/sku.js';
import type { Shop } from '../shop/shop.js';
import type { RecentSales } from './recent-sales.js';
import type { StockBook } from './stock-book.js';

/** More of a product is wanted: its stock, with what is on its way, fell below the reorder point. */
export interface ReplenishmentRequest {
	/** The same at every till: by store, product and the delivery since which it fell. */
	readonly id: string;
	readonly sku: SkuId;
	/** Up to the level that the product names. */
	readonly qty: number;
	readonly store: StoreId;
}

export interface SoldOutForecast {
	readonly sku: SkuId;
	/** Units an hour, over the hours looked at. */
	readonly perHour: number;
	/** When the store will have none left, in milliseconds since 1970. */
	readonly soldOutAtMs: number;
}

const hourMs = 3_600_000;
const forecastHours = 4;

/**
 * Requests are read off the books, nobody writes them: two tills that cross the reorder point together see one request, by
 * one id, before and after they meet. The next delivery closes it.
 */
export class Replenishment {
	readonly requests: Live<readonly ReplenishmentRequest[]>;
	readonly #shop: Shop;
	readonly #book: StockBook;
	readonly #sales: RecentSales;
	readonly #open = new Map<SkuId, ReplenishmentRequest>();
	#shown: readonly ReplenishmentRequest[] = [];
	#isChanged = true;

	constructor(shop: Shop, book: StockBook, sales: RecentSales) {
		this.#shop = shop;
		this.#book = book;
		this.#sales = sales;
		for (const sku of book.skus(book.ledger)) this.#look(sku);
		book.onChange((ledger, skus) => {
			if (ledger === book.ledger) for (const sku of skus) this.#look(sku);
		});
		this.requests = book.read(() => this.#list());
	}

	/** Undefined where nothing was sold of it in the last hours. */
	forecast(sku: SkuId): SoldOutForecast | undefined {
		const nowMs = this.#shop.nowMs();
		const sold = this.#sales.sold(sku, undefined, nowMs - forecastHours * hourMs, nowMs);
		if (sold === 0) return undefined;
		const perHour = sold / forecastHours;
		const left = Math.max(0, this.#onHand(sku));
		return { sku, perHour, soldOutAtMs: Math.round(nowMs + (left / perHour) * hourMs) };
	}

	#onHand(sku: SkuId): number {
		return this.#book.figures(this.#book.ledger, sku).reduce((sum, { onHand }) => sum + onHand, 0);
	}

	#look(sku: SkuId): void {
		const request = this.#requestOf(sku);
		const known = this.#open.get(sku);
		if (known?.id === request?.id && known?.qty === request?.qty) return;
		this.#isChanged = true;
		if (request) this.#open.set(sku, request);
		else this.#open.delete(sku);
	}

	#requestOf(sku: SkuId): ReplenishmentRequest | undefined {
		const def = this.#book.products.sku(sku);
		if (!def?.reorder || def.kit || def.policy === 'none') return undefined;
		const coming = this.#onHand(sku) + goodsUnderWay(this.#shop).toStore(this.#shop.store, sku);
		if (coming >= def.reorder.below) return undefined;
		const since = this.#book.moves.get(sku, this.#book.ledger)?.lastReceipt ?? '';
		const id = this.#shop.hash(['replenish', this.#shop.store, sku, since]);
		return { id, sku, qty: Math.max(1, def.reorder.upTo - coming), store: this.#shop.store };
	}

	#list(): readonly ReplenishmentRequest[] {
		if (this.#isChanged) this.#shown = [...this.#open.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
		this.#isChanged = false;
		return this.#shown;
	}
}
