import type { LedgerName } from '../base/ids.js';

/** What goes first (SYN3): settlement and approvals, orders, stock and balances, prices. A backlog comes after all. */
const classes = [['desk'], ['orders'], ['stock', 'members'], ['catalog']];

/** The smaller, the sooner. Kinds of a vendor's own go with stock and balances. */
export function classOf(ledger: LedgerName): number {
	const kind = ledger.slice(0, ledger.indexOf('/'));
	const found = classes.findIndex((kinds) => kinds.includes(kind));
	return found < 0 ? 2 : found;
}
