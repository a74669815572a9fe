import type { LedgerName } from '../../base/ids.js';
import type { Pool } from '../../ledger/ledger.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { AppointmentId } from '../documents/order.js';
import type { RetailRefusal } from '../shop/refusals.js';
import type { Shop } from '../shop/shop.js';
import type { Writing } from '../shop/writing.js';
import type { TimeCell } from './slots.js';

/** The pools of a desk that appointments are made of. */
export function poolsOf(shop: Shop, ledger: LedgerName) {
	const at = shop.ledger(ledger);
	return {
		/** A cell of a resource's time: one unit. */
		slot: at.pool('slot', { restsAt: 'store' }),
		/** The one right to write the next document of an appointment: `<id>:<number of the last>`. */
		appointment: at.pool('appointment', { restsAt: 'store' }),
		/** Paid ahead, in minor units. */
		deposit: at.pool('deposit', { restsAt: 'store' }),
	};
}

/** How long cells and rights are waited for that another till has. */
export const fetchMs = 1_000;

export const rightOf = (id: AppointmentId, rev: number) => `${id}:${rev}`;

/** Units of a cell that nobody is booked for: one, more where several devices offered it, none where it is not offered. */
export function freeOf(pool: Pool, { key }: TimeCell): number {
	return pool.now(key).level;
}

/** Fetches cells that somebody has and this till has not; all are asked for at once. `most`: of each, all that there is. */
export async function fetchCells(pool: Pool, cells: readonly TimeCell[], wait: WaitOptions, most = 1): Promise<void> {
	const wanted = (cell: TimeCell) => Math.min(most, freeOf(pool, cell));
	const elsewhere = cells.filter((cell) => pool.mine(cell.key) < wanted(cell));
	await Promise.all(elsewhere.map((cell) => pool.ensure(cell.key, wanted(cell), wait)));
}

/** Why a cell cannot be had here and now. */
export function whyNot(pool: Pool, cell: TimeCell, isBooked: () => boolean): RetailRefusal | undefined {
	if (pool.mine(cell.key) > 0) return undefined;
	if (freeOf(pool, cell) > 0) return 'slot_not_here';
	// All of it is spent: by a booking, or by whoever took it back.
	return isBooked() ? 'slot_taken' : 'slot_closed';
}

export function takeCells({ tx }: Writing, pool: Pool, cells: readonly TimeCell[]): void {
	for (const { key } of cells) tx.spend(pool, key, 1);
}

/** Cells come back to whoever gives them back, once: `document` names the right that this uses up. */
export function freeCells({ tx }: Writing, pool: Pool, cells: readonly TimeCell[], document: string): void {
	for (const { key } of cells) tx.mint(pool, key, 1, document);
}
