import type { LotId, SkuDef, SkuId } from '../documents/sku.js';
import { no } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop, Writing } from '../shop/shop.js';
import { goodsKey, lotOf } from './goods-key.js';
import type { Moved } from './movement.js';
import { compareShelves, isExpired, pick, type Shelf } from './picking.js';
import type { KeyFigures, StockBook } from './stock-book.js';

export interface Taking {
	readonly lot?: LotId | undefined;
	/** Expired lots: `no` for what goes to customers; what is thrown away or sent back may be any. */
	readonly expired: 'no' | 'yes';
	/** Who answers for selling beyond the stock (soft goods). */
	readonly reason?: string | undefined;
}

export interface Taken {
	readonly sku: SkuId;
	readonly qty: number;
	readonly lot?: LotId;
	readonly oversold?: number;
}

/** Takes goods out of this till's shares and puts goods in: what every verb of the stock does in its commit. */
export class Shelves {
	readonly #shop: Shop;
	readonly #book: StockBook;
	/** What a commit under way took of each pool, and put there. */
	readonly #changed = new WeakMap<Writing, Map<string, number>>();

	constructor(shop: Shop, book: StockBook) {
		this.#shop = shop;
		this.#book = book;
	}

	/** Refuses with `unknown_sku`. */
	def(w: Writing, sku: SkuId): SkuDef {
		return this.#book.products.sku(sku) ?? w.tx.refuse(no('unknown_sku', sku));
	}

	/**
	 * First expired, first out, among what this till holds. Hard goods refuse with `out_of_stock`, or `lot_expired` where only
	 * expired ones are left here; soft ones are taken beyond the stock, with a warning. Nothing for what is not counted.
	 */
	take(w: Writing, def: SkuDef, qty: number, taking: Taking): Taken[] {
		const pool = this.#book.pool(this.#book.ledger, def);
		if (!pool) return [];
		const all = this.#book.figures(this.#book.ledger, def.sku).filter((figure) => figure.pool === pool);
		const named = taking.lot === undefined ? all : [this.#named(w, def, taking.lot, all)];
		const isGood = ({ expiresOn }: KeyFigures) => taking.expired === 'yes' || !isExpired(expiresOn, w.head.date);
		const good = named.filter(isGood);
		if (taking.lot !== undefined && good.length === 0) w.tx.refuse(no('lot_expired', `${def.sku} ${taking.lot}`));
		const shelves = good.map((figure): Shelf => ({ ...figure, available: this.available(w, figure) }));
		const { picked, missing } = pick(shelves, qty);
		const beyond = goodsKey(def.sku, taking.lot);
		if (missing > 0 && def.policy !== 'soft') this.#refuse(w, def, missing, shelves, named);
		const taken = new Map<string, { qty: number; oversold: number }>();
		for (const { key, qty: of } of picked) taken.set(key, { qty: of, oversold: 0 });
		if (missing > 0) {
			const from = taken.get(beyond) ?? { qty: 0, oversold: 0 };
			taken.set(beyond, { qty: from.qty + missing, oversold: missing });
			w.warn('oversold', def.sku);
		}
		// The ledger's own exceptions keep no time: the reason says it.
		const reason = () => `${new Date(this.#shop.nowMs()).toISOString()} ${taking.reason ?? ''}`.trim();
		const beyondShare = missing > 0 ? { operator: w.head.by ?? '', reason: reason() } : {};
		for (const [key, { qty: of, oversold }] of taken) {
			w.tx.spend(pool, key, of, beyondShare);
			this.#note(w, key, oversold - of);
		}
		if (all.length > 1 && taking.lot === undefined && taking.expired === 'no') this.#proposeEarlier(w, def, all, taken);
		return [...taken].map(([key, { qty: of, oversold }]) => {
			const lot = lotOf(key);
			return { sku: def.sku, qty: of, ...(lot !== undefined && { lot }), ...(oversold > 0 && { oversold }) };
		});
	}

	/** New units, once per document and device (ESC3). Nothing for what is not counted. */
	put(w: Writing, def: SkuDef, qty: number, lot: LotId | undefined, document: string): void {
		const pool = this.#book.pool(this.#book.ledger, def);
		if (!pool) return;
		const key = goodsKey(def.sku, lot);
		w.tx.mint(pool, key, qty, document);
		this.#note(w, key, qty);
	}

	/** Notes a move in the log of its product. */
	move(w: Writing, sku: SkuId, moved: Omit<Moved, keyof Writing['head']>): void {
		w.append(this.#book.ledger, 'move', sku, { ...w.head, ...moved });
	}

	/** What this till may still take in this commit. */
	available(w: Writing, figure: KeyFigures): number {
		return figure.mine + (this.#changed.get(w)?.get(figure.key) ?? 0);
	}

	#named(w: Writing, def: SkuDef, lot: LotId, all: readonly KeyFigures[]): KeyFigures {
		const figure = all.find((f) => f.lot === lot);
		const known = figure ?? (this.#book.lot(def.sku, lot) && this.#book.figure(this.#book.ledger, def, lot));
		return known ?? w.tx.refuse(no('unknown_lot', `${def.sku} ${lot}`));
	}

	/** Says who else has it, where somebody does. */
	#refuse(w: Writing, def: SkuDef, missing: number, shelves: readonly Shelf[], named: readonly KeyFigures[]): never {
		const blocked = named.filter((figure) => !shelves.some(({ key }) => key === figure.key));
		if (blocked.reduce((sum, { mine }) => sum + mine, 0) >= missing) w.tx.refuse(no('lot_expired', def.sku));
		const elsewhere = named.filter((f) => shelves.some(({ key }) => key === f.key) && this.#isElsewhere(f));
		const [best] = elsewhere.sort(compareShelves);
		const pool = this.#book.pool(this.#book.ledger, def);
		const figure = best ?? this.#book.figure(this.#book.ledger, def, named.length === 1 ? named[0]?.lot : undefined);
		if (pool && figure) w.tx.spend(pool, figure.key, Math.max(1, this.available(w, figure) + missing));
		return w.tx.refuse(no('out_of_stock', def.sku));
	}

	/** An earlier lot is at another till while a later one went here: somebody should bring it to where it sells. */
	#proposeEarlier(
		w: Writing,
		def: SkuDef,
		all: readonly KeyFigures[],
		taken: ReadonlyMap<string, { readonly qty: number; readonly oversold: number }>,
	): void {
		const used = all.filter(({ key }) => (taken.get(key)?.qty ?? 0) > 0).sort(compareShelves);
		const last = used[used.length - 1];
		if (!last) return;
		// Of several the one that expires first: the others can wait for it.
		const [earlier] = [...all]
			.sort(compareShelves)
			.filter(
				(figure) =>
					figure.expiresOn !== undefined &&
					!isExpired(figure.expiresOn, w.head.date) &&
					this.#isElsewhere(figure) &&
					compareShelves(figure, last) < 0,
			);
		if (earlier?.lot === undefined) return;
		w.warn('lot_skipped', `${def.sku} ${earlier.lot}`);
		const { ledger, moves } = this.#book;
		const isOpen = (moves.get(def.sku, ledger)?.skipped ?? []).some(
			({ lot, id }) => lot === earlier.lot && rights.outcome(this.#shop, ledger, id) === undefined,
		);
		if (isOpen) return;
		const id = `reallocation:${this.#shop.id()}`;
		rights.mint(w, this.#shop, ledger, id);
		this.move(w, def.sku, { id, qty: 0, lot: earlier.lot, skipped: { id, lot: earlier.lot, sold: last.lot ?? null } });
	}

	#isElsewhere({ pool, key }: KeyFigures): boolean {
		return pool
			.holders(key)
			.get()
			.some(({ device, amount }) => device !== this.#shop.device && amount > 0);
	}

	#note(w: Writing, key: string, change: number): void {
		const changed = this.#changed.get(w) ?? new Map<string, number>();
		this.#changed.set(w, changed);
		changed.set(key, (changed.get(key) ?? 0) + change);
	}
}
