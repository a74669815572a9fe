import type { LedgerName } from './ids.js';

/**
 * Does a pattern name this ledger? A pattern is a ledger's name, or a beginning of one with `*` at its end; what stands
 * after that `*` is the least that may follow the beginning, in the order of names. A `*` in the place of the kind stands
 * for any: `* /sh-014` without the space is everything of that store, and `orders/sh-014/*2026-02-14` its orders since.
 */
export function matches(pattern: string, ledger: LedgerName): boolean {
	return matchesFrom(pattern, 0, ledger, 0);
}

/** The pattern from `p` and the ledger from `l`: asked for every frame, so no piece of either is cut out. */
function matchesFrom(pattern: string, p: number, ledger: LedgerName, l: number): boolean {
	if (pattern.startsWith('*/', p)) {
		const slash = ledger.indexOf('/', l);
		return matchesFrom(pattern, p + 2, ledger, slash < 0 ? l : slash + 1);
	}
	const star = pattern.indexOf('*', p);
	const length = (star < 0 ? pattern.length : star) - p;
	const rest = ledger.length - l;
	if (star < 0 ? rest !== length : rest < length) return false;
	for (let i = 0; i < length; i++) if (pattern.charCodeAt(p + i) !== ledger.charCodeAt(l + i)) return false;
	return star < 0 || isAtLeast(pattern, star + 1, ledger, l + length);
}

function isAtLeast(least: string, from: number, ledger: LedgerName, l: number): boolean {
	for (let i = 0; from + i < least.length; i++) {
		if (l + i >= ledger.length) return false;
		const more = ledger.charCodeAt(l + i) - least.charCodeAt(from + i);
		if (more !== 0) return more > 0;
	}
	return true;
}

export function keeps(patterns: readonly string[], ledger: LedgerName): boolean {
	return patterns.some((pattern) => matches(pattern, ledger));
}

/** Does `wide` name every ledger that `narrow` names? It may say no where it is not sure. */
export function includes(wide: string, narrow: string): boolean {
	if (wide === '*' || wide === narrow) return true;
	const anyKind = wide.startsWith('*/');
	if (wide.startsWith('*/*/')) return false;
	if (narrow.startsWith('*/')) return anyKind && includes(wide.slice(2), narrow.slice(2));
	const star = narrow.indexOf('*');
	if (star < 0) return matches(wide, narrow);
	// Whatever goes on after the beginning is named too: unless the star in the place of the kind might still take it.
	const beginning = narrow.slice(0, star);
	return wide.endsWith('*') && (!anyKind || beginning.includes('/')) && matches(wide, beginning);
}
