import type { LedgerName } from '../../base/ids.js';
import type { SkuId } from '../documents/sku.js';
import { no } from '../shop/outcome.js';
import type { Shop, Writing } from '../shop/shop.js';
import { lotOf } from './goods-key.js';
import type { Reading, SkuMoves, StandingCount } from './movement.js';
import type { RecentSales } from './recent-sales.js';
import type { Shelves } from './shelves.js';
import type { KeyFigures, StockBook } from './stock-book.js';

/** A sale that arrives so long after it was made is still told apart from what was sold after a count. */
const lateMsMax = 7 * 86_400_000;
const fetchMs = 5_000;

/** What is on the shelf that the books do not say: above zero goods to be added, below zero goods that are not there. */
export interface Correction {
	readonly qty: number;
	/** Of `qty`, settles what was sold beyond the stock; the rest comes as new units. */
	readonly covered: number;
}

/**
 * Counts from what the counter could have seen. Whoever counts compares the shelf with what his till had seen by then. Sales,
 * deliveries and waste from before the count that come to this till after it were on the shelf already, so the till that
 * counted takes them out again, once (`stock.correct`). What was written after the count it leaves alone. The newest count of
 * a pool stands; older ones correct nothing any more.
 */
export class Recounts {
	readonly #shop: Shop;
	readonly #book: StockBook;
	readonly #sales: RecentSales;
	readonly #shelves: Shelves;
	readonly #due = new Set<SkuId>();
	readonly #fetching = new Set<string>();
	#isWaiting = false;

	constructor(shop: Shop, book: StockBook, sales: RecentSales, shelves: Shelves) {
		this.#shop = shop;
		this.#book = book;
		this.#sales = sales;
		this.#shelves = shelves;
		for (const sku of book.skus(book.ledger)) this.#check(sku);
		book.onChange((ledger, skus) => {
			if (ledger === book.ledger) for (const sku of skus) this.#check(sku);
		});
		sales.onChange((skus) => {
			for (const sku of skus) this.#check(sku);
		});
	}

	/** What the books say of a pool at this moment, to hold a counted number against. */
	read(sku: SkuId, figure: KeyFigures, counted: number): Reading {
		const atMs = this.#shop.nowMs();
		const [seenMoves, seenSold] = this.#seen(sku, figure.key, atMs, undefined);
		return { atMs, counted, expected: figure.onHand, seenMoves, seenSold };
	}

	/** What a reading still asks for, by what is known now. */
	wanted(sku: SkuId, key: string, reading: Reading, count: string, corrected: number): number {
		const [moves, sold] = this.#seen(sku, key, reading.atMs, count);
		// Orders of old days are let go; that must not look like sales taken back.
		const lateSold = Math.max(0, sold - reading.seenSold);
		return reading.counted - reading.expected + lateSold - (moves - reading.seenMoves) - corrected;
	}

	/** Writes as much of it as this till can: what is missing from the shelf it takes from its own shares. */
	correct(w: Writing, sku: SkuId, figure: KeyFigures, wanted: number, document: string): Correction {
		const def = this.#shelves.def(w, sku);
		if (wanted >= 0) {
			const covered = Math.min(wanted, Math.max(0, figure.oversold));
			if (wanted > covered) this.#shelves.put(w, def, wanted - covered, figure.lot, document);
			return { qty: wanted, covered };
		}
		const gone = Math.min(-wanted, this.#shelves.available(w, figure));
		if (gone > 0) w.tx.spend(figure.pool, figure.key, gone);
		return { qty: gone > 0 ? -gone : 0, covered: 0 };
	}

	/** Sum of moves and of sales up to a moment, those of one count aside. */
	#seen(sku: SkuId, key: string, atMs: number, count: string | undefined): [moves: number, sold: number] {
		const moves = this.#book.moves.get(sku, this.#book.ledger)?.moves ?? [];
		let sum = 0;
		for (const move of moves)
			if (move.key === key && move.atMs <= atMs && (count === undefined || move.count !== count)) sum += move.qty;
		return [sum, this.#sales.sold(sku, key, atMs - lateMsMax, atMs)];
	}

	#check(sku: SkuId): void {
		const counts = this.#book.moves.get(sku, this.#book.ledger)?.counts;
		if (!counts) return;
		if (![...counts.values()].some((count) => count.device === this.#shop.device && this.#wants(sku, count) !== 0))
			return;
		this.#due.add(sku);
		if (this.#isWaiting) return;
		this.#isWaiting = true;
		this.#shop.platform.timers.after(0, () => this.#correctDue(), true);
	}

	#wants(sku: SkuId, count: StandingCount): number {
		return this.wanted(sku, count.key, count, count.count, count.corrected);
	}

	#correctDue(): void {
		this.#isWaiting = false;
		const due = [...this.#due];
		this.#due.clear();
		const { ledger } = this.#book;
		for (const sku of due)
			for (const count of this.#moves(ledger, sku)?.counts.values() ?? [])
				if (count.device === this.#shop.device) this.#correctCount(sku, count);
	}

	#moves(ledger: LedgerName, sku: SkuId): SkuMoves | undefined {
		return this.#book.moves.get(sku, ledger);
	}

	/** Under a key of its own: every window of this till may try, one of them writes. */
	#correctCount(sku: SkuId, { key, count, corrections, atMs }: StandingCount): void {
		const figureNow = () => this.#book.figures(this.#book.ledger, sku).find((figure) => figure.key === key);
		const seen = figureNow();
		const standing = this.#moves(this.#book.ledger, sku)?.counts.get(key);
		const wanted = standing ? this.#wants(sku, standing) : 0;
		if (!seen || wanted === 0) return;
		if (wanted < 0 && seen.mine === 0) {
			this.#fetch(seen, -wanted);
			return;
		}
		const id = `${count}#${corrections}`;
		const idempotencyKey = `stock.correct ${this.#shop.hash([id, key])}`;
		this.#shop
			.writeKeyed('stock.correct', { count, key, corrections }, { idempotencyKey }, (w) => {
				const figure = figureNow();
				if (!figure) return w.tx.refuse(no('refused', sku));
				const { qty, covered } = this.correct(w, sku, figure, wanted, id);
				if (qty === 0) w.tx.refuse(no('out_of_stock', sku));
				const lot = lotOf(key);
				const about = {
					id,
					qty,
					count,
					countedMs: atMs,
					...(covered > 0 && { covered }),
					...(lot !== undefined && { lot }),
				};
				this.#shelves.move(w, sku, about);
				return undefined;
			})
			// A till that is closing or restricted does it when it is open again.
			.catch(() => {});
	}

	/** The shelf has less than the books, and the shares are at other tills: they are asked for, once at a time. */
	#fetch({ pool, key }: KeyFigures, qty: number): void {
		if (this.#fetching.has(key)) return;
		this.#fetching.add(key);
		const done = () => void this.#fetching.delete(key);
		pool.ensure(key, qty, { timeoutMs: fetchMs }).then(done, done);
	}
}
