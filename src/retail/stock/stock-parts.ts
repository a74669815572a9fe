import type { Products } from '../documents/sku.js';
import type { Index } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';
import { type ConsignedPaid, type ConsignedSold, type Liability, liabilityIndex } from './liabilities.js';
import { RecentSales } from './recent-sales.js';
import { Recounts } from './recounts.js';
import { Replenishment } from './replenishment.js';
import { Shelves } from './shelves.js';
import { StockBook } from './stock-book.js';
import { StockExceptions } from './stock-exceptions.js';

/** What all windows and signatures of one till share. */
export interface StockParts {
	readonly book: StockBook;
	readonly recounts: Recounts;
	readonly replenishment: Replenishment;
	readonly exceptions: StockExceptions;
	readonly liabilities: Index<ConsignedSold | ConsignedPaid, Liability>;
}

export function openParts(shop: Shop, products: Products): StockParts {
	const book = new StockBook(shop, products);
	const shelves = new Shelves(shop, book);
	const sales = new RecentSales(shop);
	const exceptions = new StockExceptions(shop, book, shelves);
	shop.exceptions.add(exceptions);
	return {
		book,
		recounts: new Recounts(shop, book, sales, shelves),
		replenishment: new Replenishment(shop, book, sales),
		exceptions,
		liabilities: liabilityIndex(shop),
	};
}
