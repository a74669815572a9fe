import type { Core } from './core.js';

/** Units of every pool that this device holds in ledgers that have their home elsewhere. */
export function sharesKept(core: Pick<Core, 'ledgers' | 'isHome' | 'books'>): number {
	let kept = 0;
	for (const ledger of core.ledgers()) {
		if (core.isHome(ledger)) continue;
		for (const pool of core.books.of(ledger).escrow.pools.keys()) kept += Math.max(0, core.books.mine(ledger, pool));
	}
	return kept;
}
