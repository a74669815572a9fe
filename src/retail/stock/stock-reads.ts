import type { StoreId } from '../../base/ids.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { Holder } from '../../ledger/outcome.js';
import type { LotId, SkuId } from '../documents/sku.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkAmount, checkName } from '../shop/check.js';
import type { ExceptionSource } from '../shop/exceptions.js';
import { ledgers } from '../shop/ledgers.js';
import { type Declined, declined } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import { holdersOf, levelOf, partQty, type StockLevel } from './level.js';
import { type Liability, noLiability } from './liabilities.js';
import type { Movement } from './movement.js';
import { compareShelves, isExpired } from './picking.js';
import type { ReplenishmentRequest, SoldOutForecast } from './replenishment.js';
import type { StockBook } from './stock-book.js';
import type { StockParts } from './stock-parts.js';

/** One lot of a product in this till's store. */
export interface LotLevel {
	readonly lot: LotId;
	/** What the store has of it, by the books. */
	readonly qty: number;
	/** Of it, what this till may take. */
	readonly mine: number;
	readonly expiresOn?: IsoDate;
	readonly isExpired: boolean;
	readonly supplier?: string;
}

const ensureMs = 2_000;

/** What can be asked of the stock, at once and from memory. Nothing here writes. */
export class StockReads {
	readonly #shop: Shop;
	readonly #parts: StockParts;
	readonly #book: StockBook;

	constructor(shop: Shop, parts: StockParts) {
		this.#shop = shop;
		this.#parts = parts;
		this.#book = parts.book;
	}

	/** How much there is. Throws `BadArgument` for a store whose stock is not kept here. */
	level({ sku, store = this.#shop.store }: { readonly sku: SkuId; readonly store?: StoreId }): Live<StockLevel> {
		const ledger = ledgers.stock(store);
		const isKit = this.#book.products.sku(sku)?.kit !== undefined;
		const read = () => levelOf(this.#book, ledger, sku);
		return this.#book.once(`level ${isKit} ${ledger} ${sku}`, () =>
			isKit ? this.#book.read(read) : this.#book.read(read, ledger, sku),
		);
	}

	/** Levels of these products, or of all that were ever in stock. */
	levels(
		query: { readonly store?: StoreId; readonly skus?: readonly SkuId[] } = {},
	): Live<ReadonlyMap<SkuId, StockLevel>> {
		const store = query.store ?? this.#shop.store;
		const ledger = ledgers.stock(store);
		const skus = () => query.skus ?? [...this.#book.skus(ledger)];
		return this.#book.read(() => new Map(skus().map((sku) => [sku, this.level({ sku, store }).get()])));
	}

	/** Lots with anything left, the one that expires first in front. */
	lots({ sku }: { readonly sku: SkuId }): Live<readonly LotLevel[]> {
		const { ledger } = this.#book;
		return this.#book.once(`lots ${sku}`, () => this.#book.read(() => this.#lotsOf(sku), ledger, sku));
	}

	/** Who else has shares of it. */
	holders({ sku }: { readonly sku: SkuId }): Live<readonly Holder[]> {
		const { ledger } = this.#book;
		return this.#book.once(`holders ${sku}`, () =>
			this.#book.read(() => holdersOf(this.#book.figures(ledger, sku)), ledger, sku),
		);
	}

	/** Everything that moved a product but sales, in order of time. */
	movements({ sku }: { readonly sku: SkuId }): Live<readonly Movement[]> {
		const { ledger, moves } = this.#book;
		return this.#book.once(`movements ${sku}`, () =>
			this.#book.read(() => moves.get(sku, ledger)?.moves ?? [], ledger, sku),
		);
	}

	isSoldOut(sku: SkuId): boolean {
		return this.#book.isSoldOut(this.#book.ledger, sku);
	}

	/** What is owed to a supplier for his goods that were sold, less what came back and what was settled. */
	liability({ supplier }: { readonly supplier: string }): Live<Liability> {
		const { liabilities } = this.#parts;
		const read = () => liabilities.get(supplier, this.#book.ledger) ?? noLiability(supplier);
		return this.#book.once(`liability ${supplier}`, () => liabilities.read(read));
	}

	liabilities(): Live<readonly Liability[]> {
		const { liabilities } = this.#parts;
		return this.#book.once('liabilities', () => liabilities.read(() => [...liabilities.values(this.#book.ledger)]));
	}

	/** What should be ordered, one request for each product that fell below its reorder point since its last delivery. */
	replenishment(): Live<readonly ReplenishmentRequest[]> {
		return this.#parts.replenishment.requests;
	}

	/** When a product will be sold out, by the sales of the last four hours; undefined where there were none. */
	predictSoldOut(sku: SkuId): SoldOutForecast | undefined {
		return this.#parts.replenishment.forecast(sku);
	}

	get exceptions(): ExceptionSource {
		return this.#parts.exceptions;
	}

	/** Fetches shares until this till may sell `qty`, the lot that expires first in front. Refuses with `out_of_stock`. */
	async ensure(
		{ sku, qty }: { readonly sku: SkuId; readonly qty: number },
		options: WaitOptions = {},
	): Promise<{ readonly ok: true; readonly value: { readonly sellable: number } } | Declined> {
		checkName('sku', sku);
		checkAmount('qty', qty);
		const { locale } = this.#shop.settings;
		const def = this.#book.products.sku(sku);
		if (!def) return declined('unknown_sku', locale, sku);
		const sellable = () => levelOf(this.#book, this.#book.ledger, sku).sellable;
		const wait = { timeoutMs: ensureMs, ...options };
		const today = this.#shop.today();
		const figures = this.#book.figures(this.#book.ledger, sku).filter((f) => !isExpired(f.expiresOn, today));
		for (const { pool, key, mine, onHand } of figures.sort(compareShelves)) {
			const wanted = Math.min(qty - sellable() + mine, onHand);
			if (wanted > mine) await pool.ensure(key, wanted, wait);
		}
		if (def.kit && sellable() < qty)
			for (const part of def.kit)
				await this.ensure({ sku: part.sku, qty: Math.max(1, partQty(this.#book, def, qty, part.qty)) }, options);
		const value = { sellable: sellable() };
		return value.sellable >= qty ? { ok: true, value } : declined('out_of_stock', locale, sku);
	}

	#lotsOf(sku: SkuId): LotLevel[] {
		const figures = this.#book.figures(this.#book.ledger, sku).filter(({ onHand }) => onHand !== 0);
		return figures.sort(compareShelves).flatMap(({ lot, onHand, mine, expiresOn }): LotLevel[] => {
			if (lot === undefined) return [];
			const supplier = this.#book.lot(sku, lot)?.supplier;
			const known = { ...(expiresOn !== undefined && { expiresOn }), ...(supplier !== undefined && { supplier }) };
			return [{ lot, qty: onHand, mine, isExpired: isExpired(expiresOn, this.#shop.today()), ...known }];
		});
	}
}
