import type { LedgerName } from '../base/ids.js';
import { lateIn } from '../escrow/late.js';
import type { Core } from './core.js';

/** Entries of a ledger, in view, that a fence of their device did not find (ESC7). */
export function lateEntries({ books, journal, view }: Core, ledger: LedgerName): number {
	const { fences } = books.of(ledger).escrow;
	if (fences.length === 0) return 0;
	let late = 0;
	const seen = new Set<number>();
	for (const { id, name } of journal.in(ledger)) {
		seen.add(id);
		late += lateIn(fences, name.device, id, view.at(id));
	}
	for (const { epoch, device, count } of view.base(ledger)?.cut.values() ?? [])
		if (!seen.has(epoch)) late += lateIn(fences, device, epoch, count);
	return late;
}
