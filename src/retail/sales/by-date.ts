import type { StoreId } from '../../base/ids.js';
import { createLive, type Live } from '../../ledger/live.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Index } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';

export interface Dated {
	readonly store: StoreId;
	readonly date: IsoDate;
}

type FactListener<F> = (gone: readonly F[], come: readonly F[]) => void;

/** What a family of documents comes to, by business date, as they come and change. */
export class ByDate<F extends Dated> {
	readonly #index: Index<never, readonly F[]>;
	readonly #earlier: (a: F, b: F) => number;
	readonly #byDate = new Map<IsoDate, Set<F>>();
	readonly #listeners = new Set<FactListener<F>>();
	/** Another one after every change. */
	version = 0;

	constructor(index: Index<never, readonly F[]>, earlier: (a: F, b: F) => number) {
		this.#index = index;
		this.#earlier = earlier;
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
	on(date: IsoDate, store?: StoreId): F[] {
		const facts = [...(this.#byDate.get(date) ?? [])];
		return facts.filter((fact) => store === undefined || fact.store === store).sort(this.#earlier);
	}

	*between(from: IsoDate, to: IsoDate): Generator<F> {
		for (const [date, facts] of this.#byDate) if (date >= from && date <= to) yield* facts;
	}

	/** Told what went and what came in its place, once a batch. */
	onChange(listener: FactListener<F>): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#add(facts: readonly F[]): void {
		for (const fact of facts) {
			const on = this.#byDate.get(fact.date);
			if (on) on.add(fact);
			else this.#byDate.set(fact.date, new Set([fact]));
		}
	}
}

/** A value that is made of them: read again after any of them changed. */
export function liveOf<T>(
	shop: Shop,
	of: readonly { readonly version: number; onChange(listener: () => void): () => void }[],
	read: () => T,
): Live<T> {
	return createLive({
		version: () => of.reduce((sum, { version }) => sum + version, 0),
		read,
		timers: shop.platform.timers,
		listen: (changed) => {
			const ends = of.map((facts) => facts.onChange(() => changed()));
			return () => {
				for (const end of ends) end();
			};
		},
	});
}
