import type { Json } from '../../ledger/collections.js';
import type { WaitOptions } from '../../ledger/live.js';
import { checkStockLines, type GoodsMoves, joinLines, type StockLine } from '../documents/goods.js';
import type { PricedLine, SoldGoods } from '../documents/order.js';
import type { Products, SkuId } from '../documents/sku.js';
import { BadArgument, checkAmount, checkName } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import type { Outcome } from '../shop/outcome.js';
import { say } from '../shop/say.js';
import type { MaybeKeyed, Shop, WriteOptions, Writing } from '../shop/shop.js';
import { assemble, disassemble } from './assembly.js';
import { type ClearOut, clearOut } from './clear-out.js';
import { CountSheet } from './count-sheet.js';
import { checkDelivery, type Delivery, receive } from './receive.js';
import type { Recounts } from './recounts.js';
import { restock, sell } from './sell.js';
import { Shelves, type Taking } from './shelves.js';
import type { StockBook } from './stock-book.js';
import { openParts } from './stock-parts.js';
import { StockReads } from './stock-reads.js';

/**
 * The goods of a store: what came, what went, what is left and where. Quantities are whole numbers at the SKU's scale. Every
 * verb that moves goods demands an idempotency key, is on this device's disk when it resolves, and moves all its lines or
 * none. Goods go from the shares that this till holds (ESC1), so tills without a line to each other never sell the same
 * piece; `ensure` fetches more. What is not counted (`policy: 'none'`) passes through without a trace.
 *
 * All verbs refuse with `unknown_sku`; those that take goods with `out_of_stock` (hard goods; `short` says who has them) and
 * `unknown_lot`.
 */
export class Stock extends StockReads implements GoodsMoves {
	readonly #shop: Shop;
	readonly #book: StockBook;
	readonly #shelves: Shelves;
	readonly #recounts: Recounts;

	constructor(shop: Shop, products: Products) {
		const parts = shop.shared('stock', () => openParts(shop, products));
		super(shop, parts);
		this.#shop = shop;
		this.#book = parts.book;
		this.#recounts = parts.recounts;
		this.#shelves = new Shelves(shop, this.#book);
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

	/**
	 * Throws away all that the store has of these products or lots, expired ones too, and takes them from wherever their shares
	 * are: they are fetched for 2 s unless told. All of it goes in one turn, or nothing does: `out_of_stock` where some of it
	 * cannot be had, or nothing is left. Answers what went.
	 */
	clearOut(cleared: ClearOut, options: WriteOptions & WaitOptions): Promise<Outcome<readonly StockLine[]>> {
		return clearOut(this.#shop, this.#book, this.#shelves, cleared, options);
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
		return new CountSheet(this.#shop, this.#book, this.#recounts, this.#shelves);
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
			const value = { ...w.head, soldOut: is } as Json;
			say(w, this.#shop, this.#shop.stock.name, [{ cell: 'sold_out', key: sku, value }]);
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
