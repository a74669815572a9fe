import type { LedgerName } from '../base/ids.js';

/**
 * Does a pattern name this ledger? A pattern is a ledger's name, or a beginning of one with `*` at its end; a `*` in
 * the place of the kind stands for any: `* /sh-014` without the space is everything of that store.
 */
export function matches(pattern: string, ledger: LedgerName): boolean {
	if (pattern.startsWith('*/')) return matches(pattern.slice(2), ledger.slice(ledger.indexOf('/') + 1));
	return pattern.endsWith('*') ? ledger.startsWith(pattern.slice(0, -1)) : pattern === ledger;
}

export function keeps(patterns: readonly string[], ledger: LedgerName): boolean {
	return patterns.some((pattern) => matches(pattern, ledger));
}
