import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import type { GoodsUnderWay } from '../documents/goods.js';
import type { SkuId } from '../documents/sku.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import { declined, type Outcome } from '../shop/outcome.js';
import type { Shop, WriteOptions } from '../shop/shop.js';
import type { Resolution, Transfer, TransferDocument } from './transfer.js';

interface Resolver {
	resolve(transfer: { readonly id: string; readonly as: Resolution }, options: WriteOptions): Promise<Outcome<void>>;
}

/** Transfers whose two sides differ: `variance:<transfer>`, resolved by the words of `Resolution`. */
export class TransferVariances implements ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	/** Whoever does it. */
	resolver: Resolver | undefined;
	readonly #shop: Shop;

	constructor(shop: Shop, index: Index<TransferDocument, Transfer>) {
		this.#shop = shop;
		this.exceptions = index.read(() =>
			[...index.values(ledgers.transfers)].flatMap((transfer) => exceptionOf(transfer)),
		);
	}

	async resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		const { locale } = this.#shop.settings;
		const known = this.exceptions.get().some((exception) => exception.id === id);
		if (!known || !this.resolver) return declined('unknown_task', locale, id);
		if (outcome !== 'found' && outcome !== 'lost' && outcome !== 'sender_error')
			return declined('wrong_state', locale, outcome);
		return this.resolver.resolve({ id: id.slice('variance:'.length), as: outcome }, options);
	}
}

function exceptionOf({ id, state, to, variance, resolvedLines, resolved, atMs }: Transfer): Exception[] {
	if (state !== 'variance' && resolved === undefined) return [];
	const lines = state === 'variance' ? variance : resolvedLines;
	const amount = lines.reduce((sum, { missing }) => sum + Math.abs(missing), 0);
	const about = { id: `variance:${id}`, kind: 'variance', store: to, subject: id, amount, atMs };
	if (state === 'variance') return [{ ...about, state: 'open' }];
	return [{ ...about, state: 'done', ...(resolved !== undefined && { outcome: resolved }) }];
}

/** How much is on its way to each store, by product. */
export class GoodsInTransit implements GoodsUnderWay {
	readonly #index: Index<TransferDocument, Transfer>;
	/** By store and SKU. */
	readonly #sums = new Map<StoreId, Map<SkuId, number>>();

	constructor(index: Index<TransferDocument, Transfer>) {
		this.#index = index;
		for (const transfer of index.values()) this.#add(transfer, 1);
		index.onChange((changes) => {
			for (const { before, after } of changes) {
				if (before) this.#add(before, -1);
				if (after) this.#add(after, 1);
			}
		});
	}

	toStore(store: StoreId, sku: SkuId): number {
		return this.#sums.get(store)?.get(sku) ?? 0;
	}

	onChange(listener: (store: StoreId, skus: Iterable<SkuId>) => void): () => void {
		return this.#index.onChange((changes) => {
			for (const { before, after } of changes) {
				const to = after?.to ?? before?.to;
				if (to !== undefined) listener(to, [...(before?.inTransit.keys() ?? []), ...(after?.inTransit.keys() ?? [])]);
			}
		});
	}

	#add({ to, inTransit }: Transfer, sign: 1 | -1): void {
		const sums = this.#sums.get(to) ?? new Map<SkuId, number>();
		this.#sums.set(to, sums);
		for (const [sku, qty] of inTransit) sums.set(sku, (sums.get(sku) ?? 0) + sign * qty);
	}
}
