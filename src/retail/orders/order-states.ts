import type { LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
import type { OrderDocument, OrderId } from '../documents/order.js';
import type { Change, Index } from '../shop/index-of.js';
import { storeOf } from '../shop/ledgers.js';
import type { Shop } from '../shop/shop.js';
import { foldOrder } from './fold-order.js';
import type { OrderState } from './order-state.js';

type Listener = (changes: readonly Change<OrderState>[]) => void;

/**
 * Orders by id. What is named outside may be opened at two tills that do not see each other, on two business days: then it
 * lies in two ledgers of its store, and is one order all the same, told by the documents of both. It belongs to the earlier
 * day's ledger. Which that is does not depend on what came first, so that every till that keeps both says the same (S10).
 */
export class OrderStates {
	readonly #shop: Shop;
	readonly #index: Index<OrderDocument, OrderState>;
	/** Of orders named outside: where they lie, in order; a list where that is more than one ledger. */
	readonly #places = new Map<OrderId, LedgerName | readonly LedgerName[]>();
	/** By store and id: those in several ledgers of the store. */
	readonly #joined = new Map<string, OrderState>();
	readonly #listeners = new Set<Listener>();

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#index = shop.index<OrderDocument, OrderState>('orders', 'orders', 'order', foldOrder);
		for (const { id, ledger, externalId } of this.#index.values())
			if (externalId !== undefined) this.#place(id, ledger);
		for (const [id, places] of this.#places) for (const store of storesOf(places)) this.#join(id, store);
		this.#index.onChange((changes) => this.#take(changes));
	}

	/** Where it lies in ledgers of several stores: this store's, else that of the first by name. */
	get(id: OrderId): OrderState | undefined {
		const places = this.#places.get(id);
		if (places === undefined) return this.#index.get(id);
		const stores = storesOf(places);
		const store = stores.includes(this.#shop.store) ? this.#shop.store : (stores[0] ?? '');
		return this.#of(id, store, places);
	}

	ledgerOf(id: OrderId): LedgerName | undefined {
		return this.#places.has(id) ? this.get(id)?.ledger : this.#index.ledgerOf(id);
	}

	/** Each order once; one in the ledgers of two stores once a store. */
	*values(): Generator<OrderState> {
		for (const state of this.#index.values()) {
			const joined = this.#joined.get(`${state.store} ${state.id}`);
			if (!joined) yield state;
			else if (joined.ledger === state.ledger) yield joined;
		}
	}

	/** Told once a batch, after this shows it. */
	onChange(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	live(id: OrderId): Live<OrderState | undefined> {
		return this.#index.read(() => this.get(id));
	}

	/** See `Index.read`. */
	read<T>(read: () => T): Live<T> {
		return this.#index.read(read);
	}

	#of(id: OrderId, store: string, places: LedgerName | readonly LedgerName[]): OrderState | undefined {
		return this.#joined.get(`${store} ${id}`) ?? this.#index.get(id, inStore(places, store)[0]);
	}

	#take(changes: readonly Change<OrderState>[]): void {
		const told = changes.map((change): Change<OrderState> => {
			const { id, ledger, after } = change;
			if (after?.externalId !== undefined) this.#place(id, ledger);
			const places = this.#places.get(id);
			if (places === undefined) return change;
			const store = storeOf(ledger);
			const before = this.#joined.get(`${store} ${id}`) ?? change.before;
			this.#join(id, store);
			const now = this.#of(id, store, places);
			return { id, ledger: now?.ledger ?? ledger, before, after: now };
		});
		for (const listener of [...this.#listeners]) listener(told);
	}

	#documents(id: OrderId, ledger: LedgerName): readonly Stamped<OrderDocument>[] {
		return this.#shop.ledger(ledger).logs<Json>('order').entries(id) as unknown as readonly Stamped<OrderDocument>[];
	}

	#place(id: OrderId, ledger: LedgerName): void {
		const places = this.#places.get(id);
		if (places === undefined) this.#places.set(id, ledger);
		else if (!listOf(places).includes(ledger)) this.#places.set(id, [...listOf(places), ledger].sort());
	}

	#join(id: OrderId, store: string): void {
		const name = `${store} ${id}`;
		const parts = inStore(this.#places.get(id) ?? [], store).flatMap((ledger) => this.#index.get(id, ledger) ?? []);
		const [first] = parts;
		if (!first || parts.length === 1) this.#joined.delete(name);
		else {
			const entries = parts.flatMap(({ ledger }) => this.#documents(id, ledger));
			const state = foldOrder(id, entries, first.ledger) ?? first;
			const [paid] = state.settlements;
			const settledIn = parts.find(({ settlements }) =>
				settlements.some(
					({ value, atMs, device }) =>
						value.receiptNo === paid?.value.receiptNo && atMs === paid.atMs && device === paid.device,
				),
			)?.ledger;
			this.#joined.set(name, {
				...state,
				ledgers: parts.map(({ ledger }) => ledger),
				openedBy: first.openedBy,
				...(settledIn !== undefined && { settledIn }),
			});
		}
	}
}

const listOf = (places: LedgerName | readonly LedgerName[]): readonly LedgerName[] =>
	typeof places === 'string' ? [places] : places;

const inStore = (places: LedgerName | readonly LedgerName[], store: string): readonly LedgerName[] =>
	listOf(places).filter((ledger) => storeOf(ledger) === store);

const storesOf = (places: LedgerName | readonly LedgerName[]): readonly string[] => [
	...new Set(listOf(places).map(storeOf)),
];
