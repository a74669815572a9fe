import type { Live } from '../../ledger/live.js';
import type { OrderDocument } from '../documents/order.js';
import type { Shop } from '../shop/shop.js';
import { ByDate, liveOf } from './by-date.js';
import { type Fact, factsOf } from './fact.js';

/** Every sale and refund that is here, by business date: what days and totals are summed from, as they come and change. */
export class Sales extends ByDate<Fact> {
	readonly #shop: Shop;

	/** One for all of a till: `Sales.of(shop)`. */
	static of(shop: Shop): Sales {
		return shop.shared('sales', () => new Sales(shop));
	}

	private constructor(shop: Shop) {
		super(shop.index<OrderDocument, readonly Fact[]>('sales', 'orders', 'order', factsOf), earlier);
		this.#shop = shop;
	}

	live<T>(read: () => T): Live<T> {
		return liveOf(this.#shop, [this], read);
	}
}

function earlier(a: Fact, b: Fact): number {
	return (
		a.atMs - b.atMs || (a.device < b.device ? -1 : a.device > b.device ? 1 : 0) || (a.receiptNo < b.receiptNo ? -1 : 1)
	);
}
