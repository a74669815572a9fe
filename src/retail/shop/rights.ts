import type { LedgerName } from '../../base/ids.js';
import type { Shop } from './shop.js';
import type { Writing } from './writing.js';

/**
 * The one right to resolve something that may turn out wrong is made together with it (ESC5): whatever comes to light after
 * a merge, there is one right to it and no more. A document in the log `resolved/<id>` says that it is used.
 */
export const rights = {
	mint({ tx }: Writing, shop: Shop, ledger: LedgerName, id: string): void {
		tx.mint(rightPool(shop, ledger), id, 1, id);
	},
	/** Refuses with `already_resolved` where the right is not here. */
	use({ tx, head, append }: Writing, shop: Shop, ledger: LedgerName, id: string, outcome: string): void {
		tx.spend(rightPool(shop, ledger), id, 1);
		append(ledger, 'resolved', id, { ...head, outcome });
	},
	/** Fetches it here where it is in reach. */
	async fetch(shop: Shop, ledger: LedgerName, id: string, timeoutMs = 2_000): Promise<boolean> {
		const pool = rightPool(shop, ledger);
		return pool.mine(id) > 0 || (await pool.ensure(id, 1, { timeoutMs })) > 0;
	},
	/** How it was resolved; undefined while it is open. */
	outcome(shop: Shop, ledger: LedgerName, id: string): string | undefined {
		const [first] = shop.ledger(ledger).logs<{ readonly outcome: string }>('resolved').entries(id);
		return first?.value.outcome;
	},
} as const;

function rightPool(shop: Shop, ledger: LedgerName) {
	return shop.ledger(ledger).pool('right', { restsAt: 'store' });
}
