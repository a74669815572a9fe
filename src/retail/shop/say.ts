import type { LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Shop } from './shop.js';
import type { Head, Writing } from './writing.js';

/** What is said anew of one thing: the whole of it, in place of what was said before. */
export interface Word {
	/** The family of cells, such as `sku`. */
	readonly cell: string;
	/** Which of them; silent where there is one. */
	readonly key?: string;
	readonly value: Json;
}

/** ---- the log `said/<date>`, in the ledger of the cells ---- */

/** What one verb said, and who said it: the one with the greatest `stamp` in `changes()` is what each cell says. */
export interface Said extends Head {
	readonly said: readonly Word[];
}

/**
 * What is said anew is a cell, which keeps the last word. This sets cells, and keeps every word beside them in a document:
 * who follows `changes()` hears each of them once, those that another word has replaced too.
 */
export function say(w: Writing, shop: Shop, ledger: LedgerName, words: readonly Word[]): void {
	const at = shop.ledger(ledger);
	for (const { cell, key, value } of words)
		w.tx.set(key === undefined ? at.cell<Json>(cell) : at.cells<Json>(cell).at(key), value);
	w.append<Said>(ledger, 'said', w.head.date, { ...w.head, said: words });
}
