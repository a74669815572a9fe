import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import type { GoodsUnderWay } from '../documents/goods.js';
import type { SkuId } from '../documents/sku.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import { declined, type Outcome } from '../shop/outcome.js';
import type { Shop, WriteOptions } from '../shop/shop.js';
import {
	type Resolution,
	rightTo,
	type Transfer,
	type TransferDocument,
	type TransferId,
	type VarianceLine,
} from './transfer.js';

/** Resolves the difference of a transfer that comes after so many others of it. */
type Resolver = (transfer: TransferId, after: number, as: Resolution, options: WriteOptions) => Promise<Outcome<void>>;

/**
 * Transfers whose two sides differ: `variance:<transfer>`, resolved by the words of `Resolution`. What comes to light after
 * that is another, `variance:<transfer>:2`.
 */
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
		const known = this.exceptions.get().find((exception) => exception.id === id);
		if (!known || !this.resolver) return declined('unknown_task', locale, id);
		if (outcome !== 'found' && outcome !== 'lost' && outcome !== 'sender_error')
			return declined('wrong_state', locale, outcome);
		const number = id.slice(`variance:${known.subject}:`.length);
		return this.resolver(known.subject, number === '' ? 0 : Number(number) - 1, outcome, options);
	}
}

function exceptionOf({ id, state, to, variance, resolutions, atMs }: Transfer): Exception[] {
	const about = (lines: readonly VarianceLine[], after: number) => {
		const amount = lines.reduce((sum, { missing }) => sum + Math.abs(missing), 0);
		return { id: `variance:${rightTo(id, after)}`, kind: 'variance', store: to, subject: id, amount, atMs };
	};
	const done = resolutions.map(
		({ as, variance: lines }, i): Exception => ({ ...about(lines, i), state: 'done', outcome: as }),
	);
	return state === 'variance' ? [...done, { ...about(variance, resolutions.length), state: 'open' }] : done;
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
