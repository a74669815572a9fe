import type { LedgerName } from '../base/ids.js';

/** Does a pattern name this ledger? A pattern is a ledger's name, or a beginning of one with `*` at its end. */
export function matches(pattern: string, ledger: LedgerName): boolean {
	return pattern.endsWith('*') ? ledger.startsWith(pattern.slice(0, -1)) : pattern === ledger;
}

export function keeps(patterns: readonly string[], ledger: LedgerName): boolean {
	return patterns.some((pattern) => matches(pattern, ledger));
}
