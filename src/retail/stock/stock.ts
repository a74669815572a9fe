import type { StoreId } from '../../base/ids.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { Holder } from '../../ledger/outcome.js';
import { checkStockLines, type GoodsMoves, joinLines, type StockLine } from '../documents/goods.js';
import type { PricedLine, SoldGoods } from '../documents/order.js';
import type { LotId, Products, SkuId } from '../documents/sku.js';
import type { IsoDate } from '../shop/business-day.js';
import { BadArgument, checkAmount, checkList, checkName } from '../shop/check.js';
import type { ExceptionSource } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import { type Declined, declined, type Outcome } from '../shop/outcome.js';
import type { MaybeKeyed, Shop, WriteOptions, Writing } from '../shop/shop.js';
import { assemble, disassemble } from './assembly.js';
import { CountSheet } from './count-sheet.js';
import { holdersOf, levelOf, partQty, type StockLevel } from './level.js';
import { type ConsignedPaid, type ConsignedSold, type Liability, liabilityIndex, noLiability } from './liabilities.js';
import type { Movement } from './movement.js';
import { compareShelves, isExpired } from './picking.js';
import { type Delivery, receive } from './receive.js';
import { RecentSales } from './recent-sales.js';
import { Recounts } from './recounts.js';
import { Replenishment, type ReplenishmentRequest, type SoldOutForecast } from './replenishment.js';
import { restock, sell } from './sell.js';
import { Shelves, type Taking } from './shelves.js';
import { StockBook } from './stock-book.js';
import { StockExceptions } from './stock-exceptions.js';

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

/** What all windows and signatures of one till share. */
interface Parts {
	readonly book: StockBook;
	readonly recounts: Recounts;
	readonly replenishment: Replenishment;
	readonly exceptions: StockExceptions;
	readonly liabilities: Index<ConsignedSold | ConsignedPaid, Liability>;
}

/**
 * The goods of a store: what came, what went, what is left and where. Quantities are whole numbers at the SKU's scale. Every
 * verb that moves goods demands an idempotency key, is on this device's disk when it resolves, and moves all its lines or
 * none. Goods go from the shares that this till holds (ESC1), so tills without a line to each other never sell the same
 * piece; `ensure` fetches more. What is not counted (`policy: 'none'`) passes through without a trace.
 *
 * All verbs refuse with `unknown_sku`; those that take goods with `out_of_stock` (hard goods; `short` says who has them) and
 * `unknown_lot`.
 */
export class Stock implements GoodsMoves {
	readonly #shop: Shop;
	readonly #book: StockBook;
	readonly #shelves: Shelves;
	readonly #parts: Parts;

	constructor(shop: Shop, products: Products) {
		this.#shop = shop;
		this.#parts = shop.shared('stock', () => open(shop, products));
		this.#book = this.#parts.book;
		this.#shelves = new Shelves(shop, this.#book);
	}

	// ---- reads ----

	/** How much there is. Throws `BadArgument` for a store whose stock is not kept here. */
	level({ sku, store = this.#shop.store }: { readonly sku: SkuId; readonly store?: StoreId }): Live<StockLevel> {
		const ledger = ledgers.stock(store);
		const isKit = this.#book.products.sku(sku)?.kit !== undefined;
		const read = () => levelOf(this.#book, ledger, sku);
		return isKit ? this.#book.read(read) : this.#book.read(read, ledger, sku);
	}

	/** Levels of these products, or of all that were ever in stock. */
	levels(
		query: { readonly store?: StoreId; readonly skus?: readonly SkuId[] } = {},
	): Live<ReadonlyMap<SkuId, StockLevel>> {
		const ledger = ledgers.stock(query.store ?? this.#shop.store);
		const skus = () => query.skus ?? [...this.#book.skus(ledger)];
		return this.#book.read(() => new Map(skus().map((sku) => [sku, levelOf(this.#book, ledger, sku)])));
	}

	/** Lots with anything left, the one that expires first in front. */
	lots({ sku }: { readonly sku: SkuId }): Live<readonly LotLevel[]> {
		const { ledger } = this.#book;
		return this.#book.read(
			() =>
				this.#book
					.figures(ledger, sku)
					.filter(({ onHand }) => onHand !== 0)
					.sort(compareShelves)
					.flatMap(({ lot, onHand, mine, expiresOn }): LotLevel[] => {
						if (lot === undefined) return [];
						const supplier = this.#book.lot(sku, lot)?.supplier;
						const expired = isExpired(expiresOn, this.#shop.today());
						const dated = {
							...(expiresOn !== undefined && { expiresOn }),
							...(supplier !== undefined && { supplier }),
						};
						return [{ lot, qty: onHand, mine, isExpired: expired, ...dated }];
					}),
			ledger,
			sku,
		);
	}

	/** Who else has shares of it. */
	holders({ sku }: { readonly sku: SkuId }): Live<readonly Holder[]> {
		const { ledger } = this.#book;
		return this.#book.read(() => holdersOf(this.#book.figures(ledger, sku)), ledger, sku);
	}

	/** Everything that moved a product but sales, in order of time. */
	movements({ sku }: { readonly sku: SkuId }): Live<readonly Movement[]> {
		const { ledger } = this.#book;
		return this.#book.read(() => this.#book.moves.get(sku, ledger)?.moves ?? [], ledger, sku);
	}

	isSoldOut(sku: SkuId): boolean {
		return this.#book.isSoldOut(this.#book.ledger, sku);
	}

	/** What is owed to a supplier for his goods that were sold, less what came back and what was settled. */
	liability({ supplier }: { readonly supplier: string }): Live<Liability> {
		const { liabilities } = this.#parts;
		return liabilities.read(() => liabilities.get(supplier, this.#book.ledger) ?? noLiability(supplier));
	}

	liabilities(): Live<readonly Liability[]> {
		const { liabilities } = this.#parts;
		return liabilities.read(() => [...liabilities.values(this.#book.ledger)]);
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

	// ---- verbs ----

	/**
	 * Goods that came. The same document and part counts once at a till, whatever key it comes with; booked at two tills that
	 * had not heard of each other it counts twice and opens a `double_receipt`. `consigned` goods stay the supplier's until
	 * they are sold. More lines than one commit takes are sent in parts. Refuses with `document_used`, `serial_known`.
	 */
	async receive(delivery: Delivery, options: WriteOptions): Promise<Outcome<void>> {
		const { document, part = null, supplier = null, consigned = false, lines } = delivery;
		const input = { document, part, supplier, consigned, lines };
		checkDelivery(delivery);
		return this.#shop.writeKeyed('stock.receive', input, options, (w) =>
			receive(w, this.#book, this.#shelves, delivery),
		);
	}

	/** Goods used in the shop: colour in a salon, samples, what a recipe takes. Expired lots are not given out. */
	async issue(
		issued: { readonly reason: string; readonly lines: readonly StockLine[] },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		return this.#takeOut('stock.issue', issued, options, 'no');
	}

	/** Goods thrown away, expired ones first. */
	async waste(
		wasted: { readonly reason: string; readonly lines: readonly StockLine[] },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		return this.#takeOut('stock.waste', wasted, options, 'yes');
	}

	async returnToSupplier(
		returned: { readonly document: string; readonly lines: readonly StockLine[] },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		return this.#takeOut('stock.return', returned, options, 'yes');
	}

	/** Makes kits of their parts, or with `reverse` parts of kits. Refuses with `not_a_kit`. */
	async assemble(
		made: { readonly kit: SkuId; readonly qty: number; readonly reverse?: boolean },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		checkName('kit', made.kit);
		checkAmount('qty', made.qty);
		const input = { kit: made.kit, qty: made.qty, reverse: made.reverse ?? false };
		const [verb, work] = made.reverse
			? (['stock.disassemble', disassemble] as const)
			: (['stock.assemble', assemble] as const);
		return this.#shop.writeKeyed(verb, input, options, (w) => work(w, this.#shop, this.#book, this.#shelves, made));
	}

	/** A stocktake: write down what is on the shelf, then `post`. The shop may go on selling. */
	count(): CountSheet {
		const { book, recounts } = this.#parts;
		return new CountSheet(this.#shop, book, recounts, this.#shelves);
	}

	/** Takes a product off sale, or puts it on again: everywhere in the store, as soon as it is heard of. */
	async soldOut(
		{ sku, is }: { readonly sku: SkuId; readonly is: boolean },
		options: MaybeKeyed = {},
	): Promise<Outcome<void>> {
		checkName('sku', sku);
		if (typeof is !== 'boolean') throw new BadArgument('is', 'expected true or false.');
		return this.#shop.write('stock.sold_out', { sku, is }, options, (w) => {
			this.#shelves.def(w, sku);
			w.tx.set(this.#shop.stock.cells('sold_out').at(sku), { ...w.head, soldOut: is });
		});
	}

	/** What was paid to a supplier for his goods: once an invoice. */
	async settleConsigned(
		{ supplier, document, amount }: { readonly supplier: string; readonly document: string; readonly amount: Minor },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		checkName('supplier', supplier);
		checkName('document', document);
		checkAmount('amount', amount);
		return this.#shop.writeKeyed('stock.settle_consigned', { supplier, document, amount }, options, (w) =>
			w.append(this.#book.ledger, 'consigned', supplier, { ...w.head, document, amount }),
		);
	}

	// ---- parts of other verbs ----

	/**
	 * The goods that a sale takes, kits taken apart, first expired first out among what this till holds. Warns `oversold`,
	 * `lot_skipped`. Refuses with `out_of_stock`, `sold_out`, `lot_expired`, `unknown_lot`, `unknown_sku`.
	 */
	sell(
		w: Writing,
		lines: readonly PricedLine[],
		options: { readonly oversell?: { readonly reason: string } } = {},
	): readonly SoldGoods[] {
		return sell(w, this.#shop, this.#book, this.#shelves, lines, options.oversell?.reason);
	}

	/** Goods that come back: for sale again, to be thrown away, or not at all. `document`: the refund, which counts once. */
	restock(w: Writing, goods: readonly SoldGoods[], how: 'sell' | 'waste' | 'no', document: string): void {
		restock(w, this.#book, this.#shelves, goods, how, document);
	}

	send(w: Writing, lines: readonly StockLine[], document: string): readonly StockLine[] {
		return lines.flatMap(({ sku, qty, lot }) => {
			const def = this.#shelves.def(w, sku);
			return this.#shelves.take(w, def, qty, { lot, expired: 'yes' }).map((taken): StockLine => {
				const came = this.#book.lot(sku, taken.lot);
				const of = taken.lot === undefined ? {} : { lot: taken.lot };
				const dated = came?.expiresOn !== undefined && taken.lot !== undefined ? { expiresOn: came.expiresOn } : {};
				const cost = came?.unitCost !== undefined ? { unitCost: came.unitCost } : {};
				this.#shelves.move(w, sku, { id: this.#shop.id(), qty: -taken.qty, document, ...of });
				return { sku, qty: taken.qty, ...of, ...dated, ...cost };
			});
		});
	}

	arrive(w: Writing, lines: readonly StockLine[], document: string): void {
		for (const { sku, qty, lot, expiresOn, unitCost } of joinLines(lines)) {
			const def = this.#shelves.def(w, sku);
			if (def.policy === 'none') continue;
			// By device: what two tills took in for one document is the document's to sort out, not the pool's.
			this.#shelves.put(w, def, qty, lot, `${document} ${this.#shop.device}`);
			const of = { ...(lot !== undefined && { lot }), ...(expiresOn !== undefined && { expiresOn }) };
			const cost = unitCost !== undefined ? { unitCost } : {};
			this.#shelves.move(w, sku, { id: document, qty, document, ...of, ...cost });
		}
	}

	async #takeOut(
		verb: 'stock.issue' | 'stock.waste' | 'stock.return',
		out: { readonly reason?: string; readonly document?: string; readonly lines: readonly StockLine[] },
		options: WriteOptions,
		expired: Taking['expired'],
	): Promise<Outcome<void>> {
		const said = out.reason !== undefined ? { reason: out.reason } : { document: out.document ?? '' };
		for (const [field, text] of Object.entries(said)) checkName(field, text);
		checkStockLines('lines', out.lines);
		const input = { ...said, lines: out.lines };
		return this.#shop.writeKeyed<void>(verb, input, options, (w) => {
			const asked = out.lines.reduce((sum, { qty }) => sum + qty, 0);
			this.#shop.limits.check(w, asked, input, `${verb}: ${out.lines.length} lines`);
			for (const { sku, qty, lot } of out.lines) {
				const def = this.#shelves.def(w, sku);
				for (const taken of this.#shelves.take(w, def, qty, { lot, expired, reason: out.reason })) {
					const of = taken.lot === undefined ? {} : { lot: taken.lot };
					this.#shelves.move(w, sku, { id: this.#shop.id(), qty: -taken.qty, ...said, ...of });
				}
			}
		});
	}
}

function open(shop: Shop, products: Products): Parts {
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

function checkDelivery({ document, part, supplier, consigned, lines }: Delivery): void {
	checkName('document', document);
	if (part !== undefined) checkName('part', part);
	if (supplier !== undefined) checkName('supplier', supplier);
	checkStockLines('lines', lines);
	const seen = new Map<string, StockLine>();
	checkList('lines', lines, (path, line) => {
		const id = JSON.stringify([line.sku, line.lot]);
		const other = seen.get(id);
		if (other && other.expiresOn !== line.expiresOn)
			throw new BadArgument(`${path}.expiresOn`, 'the lot has two days.');
		seen.set(id, line);
	});
	if (consigned !== undefined && typeof consigned !== 'boolean')
		throw new BadArgument('consigned', 'expected true or false.');
}
