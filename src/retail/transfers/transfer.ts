import { compareStrings } from '../../base/bytes.js';
import type { Id, StoreId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import { joinLines, type StockLine } from '../documents/goods.js';
import type { SkuId } from '../documents/sku.js';
import type { Head } from '../shop/shop.js';

export type TransferId = Id<'transfer'>;

/** ---- the log `transfer/<id>` in `transfers/chain` ---- */

export interface TransferRequested extends Head {
	readonly verb: 'transfer.request';
	readonly from: StoreId;
	readonly to: StoreId;
	readonly lines: readonly StockLine[];
}

export interface TransferShipped extends Head {
	readonly verb: 'transfer.ship';
	readonly from: StoreId;
	readonly to: StoreId;
	/** What left the stock, by lot. */
	readonly lines: readonly StockLine[];
}

export interface TransferReceived extends Head {
	readonly verb: 'transfer.receive';
	readonly to: StoreId;
	readonly lines: readonly StockLine[];
}

/**
 * How the difference ended. Of what is missing: `found`, it came after all; `lost`; `sender_error`, it had never left. Of what
 * is too much: `found`, it stays with the receiver; `lost`, it was miscounted and is not there; `sender_error`, it left
 * without being written down.
 */
export type Resolution = 'found' | 'lost' | 'sender_error';

export interface TransferResolved extends Head {
	readonly verb: 'transfer.resolve';
	readonly as: Resolution;
	readonly variance: readonly VarianceLine[];
}

export type TransferDocument = TransferRequested | TransferShipped | TransferReceived | TransferResolved;

export interface VarianceLine {
	readonly sku: SkuId;
	/** Shipped, not received and not resolved; below zero where more came than was shipped. */
	readonly missing: number;
}

export type TransferState = 'requested' | 'shipped' | 'arrived' | 'received' | 'variance' | 'closed';

/** One transfer of goods between two stores, by all that is known of it here. */
export interface Transfer {
	readonly id: TransferId;
	/** Unknown where only the receiver's side has been heard of. */
	readonly from: StoreId | undefined;
	readonly to: StoreId;
	/** `arrived`: received, and what was shipped has not been heard of yet. */
	readonly state: TransferState;
	readonly requested: readonly StockLine[];
	readonly shipped: readonly StockLine[];
	readonly received: readonly StockLine[];
	/** Once both sides are known: where they differ, and nobody has resolved it. */
	readonly variance: readonly VarianceLine[];
	/** Shipped, not received, not resolved: goods on their way, by SKU. */
	readonly inTransit: ReadonlyMap<SkuId, number>;
	readonly resolved: Resolution | undefined;
	/** Resolved by whom it was: how much, by SKU. */
	readonly resolvedLines: readonly VarianceLine[];
	/** Every difference that was resolved, in order: what comes to light after one is another, with a right of its own. */
	readonly resolutions: readonly TransferResolved[];
	/** When the last of it happened, in milliseconds since 1970. */
	readonly atMs: number;
	/** Devices whose receipt is in. */
	readonly receivedBy: ReadonlySet<string>;
}

/** `match` and `differ`: both sides are in, and say the same or not. */
export type TransferEvent = 'request' | 'ship' | 'receive' | 'match' | 'differ' | 'resolve';

type Known = TransferState | 'unknown';

/**
 * What may happen when. Documents are taken in the order of this table's columns, whatever order they came in, so that every
 * replica that has the same ones comes to the same state. A gap is an event that cannot be: a verb that would cause it is
 * refused with `wrong_state`.
 */
const table: Readonly<Record<Known, Readonly<Record<TransferEvent, TransferState | undefined>>>> = {
	unknown: {
		request: 'requested',
		ship: 'shipped',
		receive: 'arrived',
		match: undefined,
		differ: undefined,
		resolve: undefined,
	},
	requested: {
		request: 'requested',
		ship: 'shipped',
		receive: 'arrived',
		match: undefined,
		differ: undefined,
		resolve: undefined,
	},
	shipped: {
		request: undefined,
		ship: undefined,
		receive: 'arrived',
		match: undefined,
		differ: undefined,
		resolve: undefined,
	},
	arrived: {
		request: undefined,
		ship: 'arrived',
		receive: undefined,
		match: 'received',
		differ: 'variance',
		resolve: undefined,
	},
	received: {
		request: undefined,
		ship: undefined,
		receive: undefined,
		match: 'received',
		differ: 'variance',
		resolve: undefined,
	},
	variance: {
		request: undefined,
		ship: undefined,
		receive: undefined,
		match: 'received',
		differ: 'variance',
		resolve: 'closed',
	},
	closed: {
		request: undefined,
		ship: undefined,
		receive: undefined,
		match: 'closed',
		differ: 'variance',
		resolve: undefined,
	},
};

/** Where an event leads; undefined where it may not happen. */
export function next(state: Known, event: TransferEvent): TransferState | undefined {
	return table[state][event];
}

/** Facts that came together from two sides count, though no one till would have written both. */
function come(state: Known, event: TransferEvent): Known {
	return next(state, event) ?? state;
}

export function foldTransfer(id: string, entries: readonly Stamped<TransferDocument>[]): Transfer | undefined {
	const last = entries[entries.length - 1];
	if (!last) return undefined;
	const all = entries.map(({ value }) => value);
	const requests = all.filter((document) => document.verb === 'transfer.request');
	const ships = firstOfEach(entries, 'transfer.ship');
	const receipts = firstOfEach(entries, 'transfer.receive');
	const ends = all.filter((document) => document.verb === 'transfer.resolve');
	const to = receipts[0]?.value.to ?? ships[0]?.value.to ?? requests[0]?.to;
	if (to === undefined) return undefined;
	const shipped = joinLines(ships.flatMap(({ value }) => value.lines));
	const received = joinLines(receipts.flatMap(({ value }) => value.lines));
	const resolvedLines = ends.flatMap(({ variance }) => variance);
	const open = difference(shipped, received, resolvedLines);
	const isBoth = ships.length > 0 && receipts.length > 0;
	const variance = isBoth ? [...open].map(([sku, missing]) => ({ sku, missing })) : [];

	let state: Known = 'unknown';
	if (requests.length > 0) state = come(state, 'request');
	if (ships.length > 0) state = come(state, 'ship');
	if (receipts.length > 0) state = come(state, 'receive');
	if (isBoth) state = come(state, variance.length === 0 && ends.length === 0 ? 'match' : 'differ');
	if (ends.length > 0) state = come(state, 'resolve');
	if (ends.length > 0) state = come(state, variance.length === 0 ? 'match' : 'differ');
	return {
		id,
		from: ships[0]?.value.from ?? requests[0]?.from,
		to,
		state: state as TransferState, // a document is in: it is known
		requested: joinLines(requests.flatMap(({ lines }) => lines)),
		shipped,
		received,
		variance,
		inTransit: new Map(ships.length > 0 ? [...open].filter(([, missing]) => missing > 0) : []),
		resolved: ends[0]?.as,
		resolvedLines,
		resolutions: ends,
		atMs: last.atMs,
		receivedBy: new Set(receipts.map(({ device }) => device)),
	};
}

/** The right to resolve the difference after so many: each is made with the one before it. */
export function rightTo(id: TransferId, resolved: number): string {
	return resolved === 0 ? id : `${id}:${resolved + 1}`;
}

/** The same at every till: what happened in one moment goes by its id. */
export function newestFirst(a: Pick<Transfer, 'id' | 'atMs'>, b: Pick<Transfer, 'id' | 'atMs'>): number {
	return b.atMs - a.atMs || compareStrings(a.id, b.id);
}

/** A device ships and receives a transfer once: its goods were spent and minted once (ESC3). */
function firstOfEach<V extends 'transfer.ship' | 'transfer.receive'>(
	entries: readonly Stamped<TransferDocument>[],
	verb: V,
): Stamped<Extract<TransferDocument, { readonly verb: V }>>[] {
	const devices = new Set<string>();
	return entries.filter((entry): entry is Stamped<Extract<TransferDocument, { readonly verb: V }>> => {
		if (entry.value.verb !== verb) return false;
		if (verb === 'transfer.ship') return true;
		const isFirst = !devices.has(entry.device);
		devices.add(entry.device);
		return isFirst;
	});
}

/** Shipped less received less resolved, by SKU, where that is not zero. */
function difference(
	shipped: readonly StockLine[],
	received: readonly StockLine[],
	resolved: readonly VarianceLine[],
): Map<SkuId, number> {
	const open = new Map<SkuId, number>();
	const add = (sku: SkuId, n: number) => open.set(sku, (open.get(sku) ?? 0) + n);
	for (const { sku, qty } of shipped) add(sku, qty);
	for (const { sku, qty } of received) add(sku, -qty);
	for (const { sku, missing } of resolved) add(sku, -missing);
	for (const [sku, missing] of open) if (missing === 0) open.delete(sku);
	return open;
}
