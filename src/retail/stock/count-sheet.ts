import type { LotId, SkuId } from '../documents/sku.js';
import { BadArgument, checkName, checkWhole } from '../shop/check.js';
import { declined, no, type Outcome, withValue } from '../shop/outcome.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import { goodsKey } from './goods-key.js';
import type { Reading } from './movement.js';
import type { Recounts } from './recounts.js';
import type { Shelves } from './shelves.js';
import type { KeyFigures, StockBook } from './stock-book.js';

export interface Counted {
	readonly sku: SkuId;
	/** What is on the shelf; 0 counts too. */
	readonly qty: number;
	readonly lot?: LotId;
}

export interface Variance {
	readonly sku: SkuId;
	readonly lot?: LotId;
	readonly expected: number;
	readonly counted: number;
}

export interface CountPosted {
	/** Pools of goods whose number was changed. */
	readonly adjusted: number;
	/** Tills out of reach that may have sold some before the count: this till corrects the count when it hears of them. */
	readonly waitingForTills: number;
	readonly count: string;
}

interface Line {
	readonly sku: SkuId;
	readonly lot: LotId | undefined;
	readonly reading: Reading;
}

/** One commit has so many lines of a sheet. */
const linesPerCommit = 30;

/**
 * A stocktake in progress. Each number is taken down with what this till had seen at that moment, so the shop may go on
 * selling meanwhile. Nothing is written before `post`.
 */
export class CountSheet {
	readonly id: string;
	readonly #shop: Shop;
	readonly #book: StockBook;
	readonly #recounts: Recounts;
	readonly #shelves: Shelves;
	readonly #lines = new Map<string, Line>();
	/** Key of the post that was made, or is under way. */
	#posted: string | undefined;

	constructor(shop: Shop, book: StockBook, recounts: Recounts, shelves: Shelves) {
		this.id = shop.id();
		this.#shop = shop;
		this.#book = book;
		this.#recounts = recounts;
		this.#shelves = shelves;
	}

	/** Takes a number down; the last one for a product and lot counts. What is kept by lot is counted by lot. */
	record({ sku, qty, lot }: Counted): void {
		checkName('sku', sku);
		checkWhole('qty', qty);
		if (lot !== undefined) checkName('lot', lot);
		const { lots = 'none' } = this.#book.products.sku(sku) ?? {};
		if (lots !== 'none' && lot === undefined) throw new BadArgument('lot', `"${sku}" is kept by lot: count each.`);
		const figure = this.#figure(sku, lot);
		const none = { atMs: this.#shop.nowMs(), counted: qty, expected: 0, seenMoves: 0, seenSold: 0 };
		this.#lines.set(goodsKey(sku, lot), { sku, lot, reading: figure ? this.#recounts.read(sku, figure, qty) : none });
	}

	/** Where shelf and books differ, by what is known now. */
	variances(): readonly Variance[] {
		return [...this.#lines].flatMap(([key, { sku, lot, reading }]) => {
			const difference = this.#recounts.wanted(sku, key, reading, this.id, 0);
			const { counted } = reading;
			if (difference === 0) return [];
			return [{ sku, ...(lot !== undefined && { lot }), expected: counted - difference, counted }];
		});
	}

	/**
	 * Writes the count and its corrections, as `stock.count`; long sheets in several commits, each under a key made of this
	 * one. Shares that would have to shrink are fetched first; what is out of reach is corrected when it is heard of.
	 * Refuses with `count_changed` once posted, `unknown_sku`, `needs_approval`.
	 */
	async post(options: WriteOptions): Promise<Outcome<CountPosted>> {
		const { idempotencyKey } = options;
		if (this.#posted !== undefined && this.#posted !== idempotencyKey)
			return declined('count_changed', this.#shop.settings.locale, this.id);
		this.#posted = idempotencyKey;
		try {
			const outcome = await this.#post(options);
			if (!outcome.ok) this.#posted = undefined;
			return outcome;
		} catch (error) {
			this.#posted = undefined;
			throw error;
		}
	}

	async #post(options: WriteOptions): Promise<Outcome<CountPosted>> {
		const lines = [...this.#lines];
		await Promise.all(lines.map(([key, line]) => this.#fetch(key, line)));
		let posted: Outcome<CountPosted> | undefined;
		for (let from = 0; from === 0 || from < lines.length; from += linesPerCommit) {
			const part = lines.slice(from, from + linesPerCommit);
			const idempotencyKey = from === 0 ? options.idempotencyKey : `${options.idempotencyKey} ${from}`;
			const input = part.map(([key, { reading }]) => [key, reading.counted]);
			const outcome = await this.#shop.writeKeyed('stock.count', input, { ...options, idempotencyKey }, (w) =>
				this.#write(w, part),
			);
			if (!outcome.ok) return outcome;
			const before = posted?.ok ? posted.value : undefined;
			posted = withValue(outcome, (value) =>
				before ? { ...before, adjusted: before.adjusted + value.adjusted } : value,
			);
		}
		return posted as Outcome<CountPosted>; // the loop ran
	}

	#write(w: Writing, lines: readonly (readonly [string, Line])[]): CountPosted {
		if (lines.length === 0) w.tx.refuse(no('count_changed', this.id));
		let adjusted = 0;
		let changed = 0;
		for (const [key, { sku, lot, reading }] of lines) {
			const def = this.#shelves.def(w, sku);
			const figure = this.#figure(sku, lot) ?? w.tx.refuse(no('unknown_sku', def.sku));
			const wanted = this.#recounts.wanted(sku, key, reading, this.id, 0);
			const { qty, covered } = this.#recounts.correct(w, sku, figure, wanted, this.id);
			const about = { ...(covered > 0 && { covered }), ...(lot !== undefined && { lot }) };
			this.#shelves.move(w, sku, { id: this.id, qty, count: this.id, reading, ...about });
			if (wanted !== 0) adjusted++;
			changed += Math.abs(wanted);
		}
		this.#shop.limits.check(w, changed, { count: this.id }, `stocktake of ${lines.length} lines`);
		const away = new Set<string>();
		for (const [, { sku, lot }] of this.#lines)
			for (const { device, online } of this.#figure(sku, lot)?.pool.holders(goodsKey(sku, lot)).get() ?? [])
				if (!online) away.add(device);
		return { adjusted, waitingForTills: away.size, count: this.id };
	}

	async #fetch(key: string, { sku, lot, reading }: Line): Promise<void> {
		const less = -this.#recounts.wanted(sku, key, reading, this.id, 0);
		const figure = this.#figure(sku, lot);
		if (figure && less > figure.mine) await figure.pool.ensure(key, less, { timeoutMs: 2_000 });
	}

	#figure(sku: SkuId, lot: LotId | undefined): KeyFigures | undefined {
		const def = this.#book.products.sku(sku);
		return def && this.#book.figure(this.#book.ledger, def, lot);
	}
}
