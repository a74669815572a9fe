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

export const rightOf = (id: AppointmentId, rev: number) => `${id}:${rev}`;

/** Fetches cells that somebody has and this till has not; all are asked for at once. */
export async function fetchCells(pool: Pool, cells: readonly TimeCell[], wait: WaitOptions): Promise<void> {
	const elsewhere = cells.filter(({ key }) => pool.mine(key) < 1 && pool.now(key).level > 0);
	await Promise.all(elsewhere.map(({ key }) => pool.ensure(key, 1, wait)));
}

/** Why a cell cannot be had here and now. */
export function whyNot(pool: Pool, { key }: TimeCell): RetailRefusal | undefined {
	if (pool.mine(key) > 0) return undefined;
	const { minted, level } = pool.now(key);
	if (minted === 0) return 'slot_closed';
	return level > 0 ? 'slot_not_here' : 'slot_taken';
}

export function takeCells({ tx }: Writing, pool: Pool, cells: readonly TimeCell[]): void {
	for (const { key } of cells) tx.spend(pool, key, 1);
}

/** Cells come back to whoever gives them back, once: `document` names the right that this uses up. */
export function freeCells({ tx }: Writing, pool: Pool, cells: readonly TimeCell[], document: string): void {
	for (const { key } of cells) tx.mint(pool, key, 1, document);
}
