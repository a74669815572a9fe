import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import { checkStockLines, type GoodsMoves, goodsUnderWay, joinLines, type StockLine } from '../documents/goods.js';
import type { SkuId } from '../documents/sku.js';
import { BadArgument, checkName, checkOneOf } from '../shop/check.js';
import type { ExceptionSource } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import { no, type Outcome } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import {
	foldTransfer,
	newestFirst,
	next,
	type Resolution,
	rightTo,
	type Transfer,
	type TransferDocument,
	type TransferEvent,
	type TransferId,
	type TransferState,
	type VarianceLine,
} from './transfer.js';
import { GoodsInTransit, TransferVariances } from './variances.js';

const ledger = ledgers.transfers;
const resolutions = ['found', 'lost', 'sender_error'] as const;

interface Parts {
	readonly index: Index<TransferDocument, Transfer>;
	readonly variances: TransferVariances;
	readonly lives: Map<string, Live<unknown>>;
}

/**
 * Goods between stores. They leave one stock by `ship` and come into another by `receive`; in between they are in transit,
 * and what was shipped is always received, in transit, or resolved, however long the two stores do not hear of each other.
 * Where both sides are known and differ, one person resolves it, in one place. Every verb is on this device's disk when it
 * resolves, with the goods that it moves, or nothing is.
 */
export class Transfers {
	readonly #shop: Shop;
	readonly #goods: GoodsMoves;
	readonly #parts: Parts;

	constructor(shop: Shop, goods: GoodsMoves) {
		this.#shop = shop;
		this.#goods = goods;
		this.#parts = shop.shared('transfers', () => open(shop));
		this.#parts.variances.resolver ??= (...asked) => this.#resolve(...asked);
	}

	// ---- reads ----

	get(id: TransferId): Live<Transfer | undefined> {
		return this.#once(`get ${id}`, () => this.#parts.index.live(id));
	}

	/** Newest first. */
	list(query: { readonly state?: TransferState; readonly store?: StoreId } = {}): Live<readonly Transfer[]> {
		const { index } = this.#parts;
		const { state, store } = query;
		const isAsked = (transfer: Transfer) =>
			(state === undefined || transfer.state === state) &&
			(store === undefined || transfer.from === store || transfer.to === store);
		const read = () => [...index.values(ledger)].filter(isAsked).sort(newestFirst);
		return this.#once(`list ${state} ${store}`, () => index.read(read));
	}

	get exceptions(): ExceptionSource {
		return this.#parts.variances;
	}

	// ---- verbs ----

	/** Asks another store for goods. Moves nothing. */
	async request(
		{ from, lines }: { readonly from: StoreId; readonly lines: readonly StockLine[] },
		options: WriteOptions,
	): Promise<Outcome<TransferId>> {
		this.#checkStore('from', from);
		checkStockLines('lines', lines);
		return this.#shop.writeKeyed('transfer.request', { from, lines }, options, (w) => {
			const id = this.#shop.id();
			w.append(ledger, 'transfer', id, { ...w.head, from, to: this.#shop.store, lines: joinLines(lines) });
			rights.mint(w, this.#shop, ledger, id);
			return id;
		});
	}

	/**
	 * Takes goods out of this store's stock and sends them on their way; to answer a request, name it. Refuses with
	 * `out_of_stock`, `unknown_sku`, `unknown_lot`, `unknown_transfer` (no such request), `wrong_state` (shipped already).
	 */
	async ship(
		shipment: { readonly to: StoreId; readonly lines: readonly StockLine[]; readonly request?: TransferId },
		options: WriteOptions,
	): Promise<Outcome<TransferId>> {
		const { to, lines, request } = shipment;
		this.#checkStore('to', to);
		checkStockLines('lines', lines);
		if (request !== undefined) checkName('request', request);
		const input = { to, lines, request: request ?? null };
		return this.#shop.writeKeyed('transfer.ship', input, options, (w) => {
			if (request !== undefined) this.#checkRequest(w, request, to);
			const id = request ?? this.#shop.id();
			const sent = joinLines(this.#goods.send(w, lines, id));
			if (sent.length === 0) w.tx.refuse(no('unknown_sku', lines[0]?.sku));
			w.append(ledger, 'transfer', id, { ...w.head, from: this.#shop.store, to, lines: sent });
			// Two tills may answer one request; there is one right to what comes of it, made with the request.
			if (request === undefined) rights.mint(w, this.#shop, ledger, id);
			return id;
		});
	}

	/**
	 * Takes what came into this store's stock, by the number on the paper: what was shipped need not have been heard of yet
	 * (S22). A till receives a transfer once; what comes later is resolved as `found`. The value tells what differs, as far
	 * as is known. Refuses with `wrong_state` (received already, or not for this store), `unknown_sku`.
	 */
	async receive(
		{ id, lines }: { readonly id: TransferId; readonly lines: readonly StockLine[] },
		options: WriteOptions,
	): Promise<Outcome<{ readonly variance: readonly VarianceLine[] }>> {
		checkName('id', id);
		checkStockLines('lines', lines);
		return this.#shop.writeKeyed('transfer.receive', { id, lines }, options, (w) => {
			const known = this.#parts.index.get(id, ledger);
			if (known && known.to !== this.#shop.store) w.tx.refuse(no('wrong_state', id));
			this.#checkState(w, id, 'receive');
			const came = joinLines(lines.map((line) => withDate(line, known)));
			this.#goods.arrive(w, came, id);
			const document = { ...w.head, verb: 'transfer.receive' as const, to: this.#shop.store, lines: came };
			w.append(ledger, 'transfer', id, document);
			if (!known || known.shipped.length === 0) return { variance: [] };
			return { variance: varianceOf(known.shipped, came) };
		});
	}

	/**
	 * Says how the difference ended; see `Resolution`. `found` of missing goods and `lost` of surplus ones are said where the
	 * goods are, at the receiver; `sender_error` at the sender; the others anywhere. Once: whoever has the right, which is
	 * fetched here where it is in reach. Refuses with `already_resolved`, `unknown_transfer`, `wrong_state`, `not_permitted`
	 * (another store's to say), `out_of_stock` (surplus that is not there any more).
	 */
	async resolve(
		{ id, as }: { readonly id: TransferId; readonly as: Resolution },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		checkName('id', id);
		checkOneOf('as', as, resolutions);
		return this.#resolve(id, undefined, as, options);
	}

	/** `after` so many that were resolved before it; whichever is open where none is named. */
	async #resolve(
		id: TransferId,
		after: number | undefined,
		as: Resolution,
		options: WriteOptions,
	): Promise<Outcome<void>> {
		const known = this.#parts.index.get(id, ledger);
		if (known?.state === 'variance') await rights.fetch(this.#shop, ledger, rightTo(id, known.resolutions.length));
		return this.#shop.writeKeyed<void>('transfer.resolve', { id, as }, options, (w) => {
			const transfer = this.#parts.index.get(id, ledger) ?? w.tx.refuse(no('unknown_transfer', id));
			const resolved = transfer.resolutions.length;
			if (transfer.state === 'closed' || (after ?? resolved) < resolved) w.tx.refuse(no('already_resolved', id));
			this.#checkState(w, id, 'resolve');
			w.tx.spend(this.#shop.ledger(ledger).pool('right', { restsAt: 'store' }), rightTo(id, resolved), 1);
			this.#moveResolved(w, transfer, as);
			w.append(ledger, 'transfer', id, { ...w.head, as, variance: transfer.variance });
			// A till that nobody has heard of may have taken the goods in as well.
			rights.mint(w, this.#shop, ledger, rightTo(id, resolved + 1));
		});
	}

	/** What resolving does to the goods: they go to where they are. */
	#moveResolved(
		w: Writing,
		{ id, from, to, variance, shipped, received, resolutions: before }: Transfer,
		as: Resolution,
	): void {
		const document = rightTo(id, before.length); // what is found twice comes twice
		const linesOf = (sign: 1 | -1, of: readonly StockLine[]) =>
			variance
				.filter(({ missing }) => missing * sign > 0)
				.flatMap(({ sku, missing }) => byLots(sku, Math.abs(missing), of));
		const missing = linesOf(1, shipped);
		const surplus = linesOf(-1, received);
		const here = (store: StoreId | undefined) => {
			if (store !== this.#shop.store) w.tx.refuse(no('not_permitted', id));
		};
		if (as === 'sender_error') {
			here(from);
			if (missing.length > 0) this.#goods.arrive(w, missing, `${document} back`);
			if (surplus.length > 0) this.#goods.send(w, surplus, id);
		} else if (as === 'found' && missing.length > 0) {
			here(to);
			this.#goods.arrive(w, missing, `${document} found`);
		} else if (as === 'lost' && surplus.length > 0) {
			here(to);
			this.#goods.send(w, surplus, id);
		}
	}

	/** The same value for everybody who asks for the same. */
	#once<T>(name: string, make: () => Live<T>): Live<T> {
		const { lives } = this.#parts;
		const known = lives.get(name) ?? make();
		lives.set(name, known);
		return known as Live<T>; // the name says what it is
	}

	#checkStore(path: string, store: StoreId): void {
		checkName(path, store);
		if (store === this.#shop.store) throw new BadArgument(path, 'goods do not travel within a store.');
	}

	#checkRequest(w: Writing, id: TransferId, to: StoreId): void {
		const known = this.#parts.index.get(id, ledger) ?? w.tx.refuse(no('unknown_transfer', id));
		if (known.from !== this.#shop.store || known.to !== to) w.tx.refuse(no('wrong_state', id));
		this.#checkState(w, id, 'ship');
	}

	#checkState(w: Writing, id: TransferId, event: TransferEvent): void {
		const state = this.#parts.index.get(id, ledger)?.state ?? 'unknown';
		if (next(state, event) === undefined) w.tx.refuse(no('wrong_state', id));
	}
}

function open(shop: Shop): Parts {
	const index = shop.index<TransferDocument, Transfer>('transfers', 'transfers', 'transfer', foldTransfer);
	const variances = new TransferVariances(shop, index);
	shop.exceptions.add(variances);
	goodsUnderWay(shop).add(new GoodsInTransit(index));
	return { index, variances, lives: new Map() };
}

/** A lot's last day and cost travel with the goods, though the paper does not say them. */
function withDate(line: StockLine, transfer: Transfer | undefined): StockLine {
	const sent = transfer?.shipped.find(({ sku, lot }) => sku === line.sku && lot === line.lot);
	return { ...(sent && { ...sent }), ...line };
}

function varianceOf(shipped: readonly StockLine[], received: readonly StockLine[]): VarianceLine[] {
	const open = new Map<SkuId, number>();
	for (const { sku, qty } of shipped) open.set(sku, (open.get(sku) ?? 0) + qty);
	for (const { sku, qty } of received) open.set(sku, (open.get(sku) ?? 0) - qty);
	return [...open].flatMap(([sku, missing]) => (missing === 0 ? [] : [{ sku, missing }]));
}

/** So much of a product, of the lots that travelled; the last of them first. */
function byLots(sku: SkuId, qty: number, of: readonly StockLine[]): StockLine[] {
	let left = qty;
	const lines: StockLine[] = [];
	for (const line of of.filter((sent) => sent.sku === sku).reverse()) {
		const part = Math.min(left, line.qty);
		if (part > 0) lines.push({ ...line, qty: part });
		left -= part;
	}
	if (left > 0) lines.push({ sku, qty: left });
	return lines;
}
