import type { StoreId } from '../../base/ids.js';
import { createLive, type Live } from '../../ledger/live.js';
import type { OrderDocument } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Index } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';
import { type Fact, factsOf } from './fact.js';

export type FactListener = (gone: readonly Fact[], come: readonly Fact[]) => void;

/** Every sale and refund that is here, by business date: what days and totals are summed from, as they come and change. */
export class Sales {
	readonly #shop: Shop;
	readonly #index: Index<OrderDocument, readonly Fact[]>;
	readonly #byDate = new Map<IsoDate, Set<Fact>>();
	readonly #listeners = new Set<FactListener>();
	/** Another one after every change. */
	version = 0;

	/** One for all of a till: `Sales.of(shop)`. */
	static of(shop: Shop): Sales {
		return shop.shared('sales', () => new Sales(shop));
	}

	private constructor(shop: Shop) {
		this.#shop = shop;
		this.#index = shop.index('sales', 'orders', 'order', factsOf);
		for (const facts of this.#index.values()) this.#add(facts);
		this.#index.onChange((changes) => {
			const gone = changes.flatMap(({ before = [] }) => before);
			const come = changes.flatMap(({ after = [] }) => after);
			for (const fact of gone) this.#byDate.get(fact.date)?.delete(fact);
			this.#add(come);
			this.version++;
			for (const listener of [...this.#listeners]) listener(gone, come);
		});
	}

	/** In order of time. */
	on(date: IsoDate, store?: StoreId): Fact[] {
		const facts = [...(this.#byDate.get(date) ?? [])];
		return facts.filter((fact) => store === undefined || fact.store === store).sort(earlier);
	}

	*between(from: IsoDate, to: IsoDate): Generator<Fact> {
		for (const [date, facts] of this.#byDate) if (date >= from && date <= to) yield* facts;
	}

	/** Told what went and what came in its place, once a batch. */
	onChange(listener: FactListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	live<T>(read: () => T): Live<T> {
		return createLive({
			version: () => this.version,
			read,
			timers: this.#shop.platform.timers,
			listen: (changed) => this.onChange(() => changed()),
		});
	}

	#add(facts: readonly Fact[]): void {
		for (const fact of facts) {
			const on = this.#byDate.get(fact.date);
			if (on) on.add(fact);
			else this.#byDate.set(fact.date, new Set([fact]));
		}
	}
}

function earlier(a: Fact, b: Fact): number {
	return (
		a.atMs - b.atMs || (a.device < b.device ? -1 : a.device > b.device ? 1 : 0) || (a.receiptNo < b.receiptNo ? -1 : 1)
	);
}
