import type { StoreId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type { SkuId } from '../documents/sku.js';
import type { Index } from '../shop/index-of.js';
import type { Minor } from '../shop/money.js';
import type { PriceDocument, Published } from './documents.js';
import type { PromotionRule } from './promotions.js';

/** A version of prices that is whole here. */
export interface Publication {
	readonly version: string;
	readonly fromMs: number;
	readonly toMs: number;
	readonly stores: 'all' | readonly StoreId[];
	readonly channel: string | undefined;
	readonly prices: Readonly<Record<SkuId, Minor>>;
	readonly rules: readonly PromotionRule[];
	readonly isWithdrawn: boolean;
	/** When it was written. */
	readonly atMs: number;
}

/** Undefined until every part is here: half a price list is none. */
export function foldPublication(version: string, entries: readonly Stamped<PriceDocument>[]): Publication | undefined {
	const parts = new Map<number, Stamped<Published>>();
	let isWithdrawn = false;
	for (const entry of entries) {
		if (entry.value.verb === 'catalog.withdraw') isWithdrawn = true;
		else if (!parts.has(entry.value.part)) parts.set(entry.value.part, entry as Stamped<Published>);
	}
	const first = parts.get(0);
	if (!first || parts.size < first.value.parts) return undefined;
	const { fromMs, toMs, stores, channel, rules = [] } = first.value;
	const prices = Object.assign({}, ...[...parts.values()].map(({ value }) => value.prices)) as Record<SkuId, Minor>;
	return {
		version,
		fromMs,
		toMs: toMs ?? Number.POSITIVE_INFINITY,
		stores,
		channel,
		prices,
		rules,
		isWithdrawn,
		atMs: first.atMs,
	};
}

/** Publications by product, the one that begins last first: what a price is asked of. */
export class PriceLists {
	readonly #publications: Index<PriceDocument, Publication>;
	readonly #store: StoreId;
	#bySku: Map<SkuId, Publication[]> | undefined;

	constructor(publications: Index<PriceDocument, Publication>, store: StoreId) {
		this.#publications = publications;
		this.#store = store;
		publications.onChange(() => {
			this.#bySku = undefined;
		});
	}

	/** In force at a moment; the one that began last wins, then the one that was written last. */
	at(sku: SkuId, ms: number, channel: string | undefined): Publication | undefined {
		this.#bySku ??= this.#sorted();
		const inForce = this.#bySku.get(sku)?.filter((p) => p.fromMs <= ms && ms < p.toMs);
		return (
			inForce?.find((p) => channel !== undefined && p.channel === channel) ??
			inForce?.find((p) => p.channel === undefined)
		);
	}

	/** All in force at a moment, the earliest first. */
	inForce(ms: number): Publication[] {
		return this.#mine()
			.filter((p) => p.fromMs <= ms && ms < p.toMs)
			.sort(later)
			.reverse();
	}

	#mine(): Publication[] {
		return [...this.#publications.values()].filter(
			({ isWithdrawn, stores }) => !isWithdrawn && (stores === 'all' || stores.includes(this.#store)),
		);
	}

	#sorted(): Map<SkuId, Publication[]> {
		const bySku = new Map<SkuId, Publication[]>();
		for (const publication of this.#mine().sort(later))
			for (const sku of Object.keys(publication.prices)) {
				const of = bySku.get(sku);
				if (of) of.push(publication);
				else bySku.set(sku, [publication]);
			}
		return bySku;
	}
}

function later(a: Publication, b: Publication): number {
	return b.fromMs - a.fromMs || b.atMs - a.atMs || (a.version < b.version ? 1 : -1);
}
