import type { LedgerName, StoreId } from '../../base/ids.js';
import type { Pool } from '../../ledger/ledger.js';
import { createLive, type Live } from '../../ledger/live.js';
import { goodsUnderWay } from '../documents/goods.js';
import type { LotId, Products, SkuDef, SkuId } from '../documents/sku.js';
import type { Index } from '../shop/index-of.js';
import { ledgers, storeOf } from '../shop/ledgers.js';
import type { Head, Shop } from '../shop/shop.js';
import { goodsKey, lotOf, skuOf } from './goods-key.js';
import { foldMoves, type Lot, type Moved, type SkuMoves } from './movement.js';

/** One pool of a product in one store: a lot, or what came without one. */
export interface KeyFigures {
	readonly key: string;
	readonly pool: Pool;
	readonly lot: LotId | undefined;
	readonly expiresOn: string | undefined;
	/** What this till may take now. */
	readonly mine: number;
	/** What the store has by the books: came less went. Below zero where more was sold than had come. */
	readonly onHand: number;
	/** Sold beyond the stock and not settled yet. */
	readonly oversold: number;
	readonly held: number;
	/** Came as somebody else's. */
	readonly consigned: boolean;
}

/** The cell `sold_out/<sku>`. */
export interface SoldOutSaid extends Head {
	readonly verb: 'stock.sold_out';
	readonly soldOut: boolean;
}

const everything = '';

/**
 * The stock ledgers that this till keeps, read by product: which pools it has, what its moves come to, and who wants to know
 * when any of it changes. One for a till, whoever signs for what.
 */
export class StockBook {
	readonly shop: Shop;
	readonly products: Products;
	readonly moves: Index<Moved, SkuMoves>;
	readonly #keys = new Map<LedgerName, Map<SkuId, Map<string, Pool>>>();
	readonly #pools = new Map<string, Pool>();
	/** Products taken off sale, by ledger, as far as anybody asked. */
	readonly #soldOut = new Map<LedgerName, Set<SkuId>>();
	readonly #versions = new Map<string, number>();
	readonly #watchers = new Map<string, Set<() => void>>();
	readonly #lives = new Map<string, Live<unknown>>();
	readonly #listeners = new Set<(ledger: LedgerName, skus: ReadonlySet<SkuId>) => void>();

	constructor(shop: Shop, products: Products) {
		this.shop = shop;
		this.products = products;
		this.moves = shop.index('stock moves', 'stock', 'move', foldMoves);
		for (const ledger of shop.host.ledgers()) if (ledger.startsWith('stock/')) this.#scan(ledger);
		for (const name of ['goods', 'goods_soft'])
			shop.host.watch({ ledgers: 'stock', of: 'pool', name }, (ledger, keys) => this.#poolsChanged(ledger, name, keys));
		shop.host.watch({ ledgers: 'stock', of: 'cell', name: 'sold_out' }, (ledger, skus) => {
			this.#readSoldOut(ledger, skus);
			this.#tell(ledger, skus);
		});
		shop.host.watch({ ledgers: 'stock', of: 'log', name: 'resolved' }, (ledger) => this.#tell(ledger, new Set()));
		this.moves.onChange((changes) => {
			const byLedger = new Map<LedgerName, Set<SkuId>>();
			for (const { ledger, id } of changes) byLedger.set(ledger, (byLedger.get(ledger) ?? new Set()).add(id));
			for (const [ledger, skus] of byLedger) this.#tell(ledger, skus);
		});
		products.onChange?.((skus) => {
			for (const ledger of this.#keys.keys()) this.#tell(ledger, new Set(skus));
		});
		goodsUnderWay(shop).onChange((store, skus) => this.#tell(ledgers.stock(store), new Set(skus)));
	}

	get ledger(): LedgerName {
		return ledgers.stock(this.shop.store);
	}

	/** The pools of a product; undefined where it is not counted. */
	pool(ledger: LedgerName, def: SkuDef): Pool | undefined {
		if (def.policy === 'none') return undefined;
		return this.#collection(ledger, def.policy === 'soft' ? 'goods_soft' : 'goods');
	}

	/** Products with anything ever in stock. */
	skus(ledger: LedgerName): Iterable<SkuId> {
		return this.#keys.get(ledger)?.keys() ?? [];
	}

	stores(): StoreId[] {
		return [...this.#keys.keys()].map(storeOf);
	}

	/** The pools of a product that have or had anything. */
	figures(ledger: LedgerName, sku: SkuId): KeyFigures[] {
		const moves = this.moves.get(sku, ledger);
		const all: KeyFigures[] = [];
		for (const [key, pool] of this.#keys.get(ledger)?.get(sku) ?? []) all.push(this.#figure(key, pool, moves));
		return all;
	}

	/** A pool of a product, whether anything was ever in it or not. */
	figure(ledger: LedgerName, def: SkuDef, lot?: LotId): KeyFigures | undefined {
		const pool = this.pool(ledger, def);
		return pool && this.#figure(goodsKey(def.sku, lot), pool, this.moves.get(def.sku, ledger));
	}

	/** What is known of a lot, in this store or in any other that is kept here. */
	lot(sku: SkuId, lot: LotId | undefined): Lot | undefined {
		const here = this.moves.get(sku, this.ledger);
		if (lot === undefined) return here?.terms;
		const known = here?.lots.get(lot);
		if (known) return known;
		for (const store of this.stores()) {
			const there = this.moves.get(sku, ledgers.stock(store))?.lots.get(lot);
			if (there) return there;
		}
		return undefined;
	}

	isSoldOut(ledger: LedgerName, sku: SkuId): boolean {
		const known = this.#soldOut.get(ledger) ?? this.#readSoldOut(ledger, undefined);
		return known.has(sku);
	}

	/** The same value for everybody who asks by this name. */
	once<T>(name: string, make: () => Live<T>): Live<T> {
		const known = this.#lives.get(name) ?? make();
		this.#lives.set(name, known);
		return known as Live<T>; // the name says what it is
	}

	/** A value made of these products' figures, or of everything's. */
	read<T>(read: () => T, ledger?: LedgerName, sku?: SkuId): Live<T> {
		const topic = ledger === undefined || sku === undefined ? everything : topicOf(ledger, sku);
		return createLive({
			// Lots expire with the business day, though nothing is written then.
			version: () => `${this.#versions.get(topic) ?? 0} ${this.shop.today()}`,
			read,
			timers: this.shop.platform.timers,
			listen: (changed) => {
				const watchers = this.#watchers.get(topic) ?? new Set();
				this.#watchers.set(topic, watchers);
				const watcher = () => changed();
				watchers.add(watcher);
				return () => watchers.delete(watcher);
			},
		});
	}

	/** Told after every change, once a batch and ledger. */
	onChange(listener: (ledger: LedgerName, skus: ReadonlySet<SkuId>) => void): void {
		this.#listeners.add(listener);
	}

	#collection(ledger: LedgerName, name: string): Pool {
		const id = `${ledger} ${name}`;
		const known = this.#pools.get(id);
		if (known) return known;
		const pool = this.shop.ledger(ledger).pool(name, { policy: name === 'goods_soft' ? 'soft' : 'hard' });
		this.#pools.set(id, pool);
		return pool;
	}

	#readSoldOut(ledger: LedgerName, changed: ReadonlySet<SkuId> | undefined): Set<SkuId> {
		const cells = this.shop.ledger(ledger).cells('sold_out');
		const known = this.#soldOut.get(ledger);
		const skus = known ?? new Set<SkuId>();
		this.#soldOut.set(ledger, skus);
		for (const sku of (known && changed) ?? cells.keys()) {
			const said = cells.get(sku) as SoldOutSaid | undefined;
			if (said?.soldOut) skus.add(sku);
			else skus.delete(sku);
		}
		return skus;
	}

	#figure(key: string, pool: Pool, moves: SkuMoves | undefined): KeyFigures {
		const { minted, spent, held, overdrawn } = pool.now(key);
		const oversold = overdrawn - (moves?.covered.get(key) ?? 0);
		const lot = lotOf(key);
		const came = lot === undefined ? moves?.terms : moves?.lots.get(lot);
		const { expiresOn, consigned = false } = came ?? {};
		return {
			key,
			pool,
			lot,
			expiresOn,
			consigned,
			mine: pool.mine(key),
			onHand: minted - spent - oversold,
			oversold,
			held,
		};
	}

	#scan(ledger: LedgerName): void {
		for (const name of ['goods', 'goods_soft']) {
			const pool = this.#collection(ledger, name);
			for (const key of pool.keys()) this.#note(ledger, key, pool);
		}
	}

	#note(ledger: LedgerName, key: string, pool: Pool): void {
		const skus = this.#keys.get(ledger) ?? new Map<SkuId, Map<string, Pool>>();
		this.#keys.set(ledger, skus);
		const sku = skuOf(key);
		const keys = skus.get(sku) ?? new Map<string, Pool>();
		skus.set(sku, keys);
		keys.set(key, pool);
	}

	#poolsChanged(ledger: LedgerName, name: string, keys: ReadonlySet<string> | undefined): void {
		const pool = this.#collection(ledger, name);
		for (const key of keys ?? pool.keys()) this.#note(ledger, key, pool);
		this.#tell(ledger, keys && new Set([...keys].map(skuOf)));
	}

	#tell(ledger: LedgerName, changed: ReadonlySet<SkuId> | undefined): void {
		const skus = changed ?? new Set(this.skus(ledger));
		for (const topic of [...[...skus].map((sku) => topicOf(ledger, sku)), everything]) {
			this.#versions.set(topic, (this.#versions.get(topic) ?? 0) + 1);
		}
		// Whoever keeps something made of these figures brings it up to date before anybody reads it.
		for (const listener of [...this.#listeners]) listener(ledger, skus);
		for (const sku of skus) for (const watcher of [...(this.#watchers.get(topicOf(ledger, sku)) ?? [])]) watcher();
		for (const watcher of [...(this.#watchers.get(everything) ?? [])]) watcher();
	}
}

const topicOf = (ledger: LedgerName, sku: SkuId): string => `${ledger}\n${sku}`;
