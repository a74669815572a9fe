import type { DeviceId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type { LotId } from '../documents/sku.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Minor } from '../shop/money.js';
import type { Head } from '../shop/shop.js';
import type { Verb } from '../shop/verbs.js';
import { goodsKey } from './goods-key.js';

/** What a counter found, and what the till that he counted at had seen by then. */
export interface Reading {
	/** When it was counted, in milliseconds since 1970 by the till's clock. */
	readonly atMs: number;
	readonly counted: number;
	/** What the books said. */
	readonly expected: number;
	/** Sum of the moves of this key up to `atMs` that were seen then. */
	readonly seenMoves: number;
	/** Likewise what was sold. */
	readonly seenSold: number;
}

/**
 * The log `move/<sku>` in `stock/<store>`: every change of the stock but sales, which the orders tell. One document a line.
 */
export interface Moved extends Head {
	/** Unlike that of any other move of this device and key: what goods came in by, where they came in. */
	readonly id: string;
	/** Units that came (above zero) or went; 0 where only something is noted. */
	readonly qty: number;
	readonly lot?: LotId;
	readonly expiresOn?: IsoDate;
	readonly unitCost?: Minor;
	readonly supplier?: string;
	readonly consigned?: boolean;
	/** The delivery, transfer, refund or order that moved it. */
	readonly document?: string;
	readonly part?: string;
	readonly reason?: string;
	/** Of what had been sold beyond the stock, so much is settled by this. */
	readonly covered?: number;
	/** The count that this belongs to: a reading itself, or a correction of it. */
	readonly count?: string;
	readonly reading?: Reading;
	/** In a correction: when its count was, whose truth it tells. */
	readonly countedMs?: number;
	/** Came back and was thrown away at once. */
	readonly wasted?: number;
	/** A later lot was sold while an earlier one was elsewhere. */
	readonly skipped?: { readonly id: string; readonly lot: LotId; readonly sold: LotId | null };
}

export interface Movement {
	readonly id: string;
	readonly key: string;
	readonly verb: Verb;
	readonly qty: number;
	/** When it was true: of a correction, when its count was. */
	readonly atMs: number;
	readonly date: IsoDate;
	readonly lot?: LotId;
	readonly document?: string;
	readonly part?: string;
	readonly reason?: string;
	readonly count?: string;
	readonly device: DeviceId;
}

export interface Lot {
	readonly lot: LotId;
	readonly expiresOn?: IsoDate;
	readonly supplier?: string;
	readonly unitCost?: Minor;
	readonly consigned: boolean;
}

/** The newest count of a key: the one that stands. */
export interface StandingCount extends Reading {
	readonly count: string;
	readonly device: DeviceId;
	readonly key: string;
	/** What has been corrected under it so far, and by how many documents. */
	readonly corrected: number;
	readonly corrections: number;
}

export interface Skipped {
	readonly id: string;
	readonly key: string;
	readonly lot: LotId;
	readonly atMs: number;
	readonly device: DeviceId;
}

/** All that the moves of one product come to. */
export interface SkuMoves {
	readonly moves: readonly Movement[];
	readonly lots: ReadonlyMap<LotId, Lot>;
	/** Terms of what came without a lot; the newest delivery's. */
	readonly terms: Lot | undefined;
	/** By key. */
	readonly covered: ReadonlyMap<string, number>;
	/** By key. */
	readonly counts: ReadonlyMap<string, StandingCount>;
	readonly skipped: readonly Skipped[];
	/** The newest delivery: what a request for more is counted from. */
	readonly lastReceipt: string | undefined;
}

const receipts: ReadonlySet<Verb> = new Set<Verb>(['stock.receive', 'transfer.receive']);

/** The state of one product. The same from the same entries, whatever order they came in. */
export function foldMoves(sku: string, entries: readonly Stamped<Moved>[]): SkuMoves | undefined {
	if (entries.length === 0) return undefined;
	const moves: Movement[] = [];
	const seen = new Set<string>();
	const lots = new Map<LotId, Lot>();
	const covered = new Map<string, number>();
	const counts = new Map<string, StandingCount>();
	const skipped: Skipped[] = [];
	let terms: Lot | undefined;
	let lastReceipt: string | undefined;
	for (const { value: moved, atMs, device } of entries) {
		const key = goodsKey(sku, moved.lot);
		// A delivery that was booked again by the same till before it saw its own first document: minted once, told once.
		const once = `${device} ${key} ${moved.id}`;
		if (seen.has(once)) continue;
		seen.add(once);
		moves.push(movementOf(key, moved, atMs, device));
		if (moved.covered !== undefined) covered.set(key, (covered.get(key) ?? 0) + moved.covered);
		if (moved.reading !== undefined && moved.count !== undefined)
			stand(counts, { ...moved.reading, count: moved.count, device, key, corrected: 0, corrections: 0 });
		if (moved.skipped !== undefined) skipped.push({ id: moved.skipped.id, lot: moved.skipped.lot, key, atMs, device });
		if (moved.qty <= 0 || moved.verb === 'order.refund') continue;
		if (receipts.has(moved.verb)) lastReceipt = `${moved.id} ${device}`;
		if (moved.lot !== undefined) lots.set(moved.lot, joinLot(lots.get(moved.lot), moved, moved.lot));
		else if (moved.verb === 'stock.receive') terms = joinLot(undefined, moved, '');
	}
	for (const move of moves) correct(counts, move);
	return { moves, lots, terms, covered, counts, skipped, lastReceipt };
}

function movementOf(key: string, moved: Moved, atMs: number, device: DeviceId): Movement {
	const { id, verb, qty, date, lot, document, part, reason, count, countedMs, reading } = moved;
	return {
		id,
		key,
		verb,
		qty,
		atMs: reading?.atMs ?? countedMs ?? atMs,
		date,
		device,
		...(lot !== undefined && { lot }),
		...(document !== undefined && { document }),
		...(part !== undefined && { part }),
		...(reason !== undefined && { reason }),
		...(count !== undefined && { count }),
	};
}

/** The later reading stands; of two at one moment, the same one everywhere. */
function stand(counts: Map<string, StandingCount>, reading: StandingCount): void {
	const now = counts.get(reading.key);
	if (now && (now.atMs - reading.atMs || (now.count < reading.count ? -1 : 1)) > 0) return;
	counts.set(reading.key, reading);
}

function correct(counts: Map<string, StandingCount>, { key, count, qty }: Movement): void {
	const now = counts.get(key);
	if (!now || now.count !== count) return;
	counts.set(key, { ...now, corrected: now.corrected + qty, corrections: now.corrections + 1 });
}

/** Two deliveries of one lot that say different days: the earlier one is safe. */
function joinLot(known: Lot | undefined, moved: Moved, lot: LotId): Lot {
	const { expiresOn, supplier = known?.supplier, unitCost = known?.unitCost } = moved;
	const expires = [known?.expiresOn, expiresOn].filter((date) => date !== undefined).sort()[0];
	return {
		lot,
		consigned: (known?.consigned ?? false) || moved.consigned === true,
		...(expires !== undefined && { expiresOn: expires }),
		...(supplier !== undefined && { supplier }),
		...(unitCost !== undefined && { unitCost }),
	};
}
