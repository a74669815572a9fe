import type { Stamped } from '../../ledger/written.js';

/** By the clock, then by device: what is made of documents must not depend on the order that they came in. */
export function inOrder<T>(entries: readonly Stamped<T>[]): Stamped<T>[] {
	return [...entries].sort((a, b) => a.atMs - b.atMs || (a.device < b.device ? -1 : a.device > b.device ? 1 : 0));
}
