import type { EpochId, LedgerName, Position } from '../../base/ids.js';
import type { Checkpoint } from '../../journal/checkpoint.js';
import type { Epoch } from '../../journal/journal.js';
import { keysSinceOf, writeFigures } from '../../ledger/figures.js';
import type { Core } from '../core.js';
import type { LedgerState, News, Rebased, ShownEpoch, ShownRows } from './messages.js';

export type Changes = Pick<News, 'ledgers' | 'rows' | 'rebased'>;

/**
 * What one window has been shown, and what it lacks of the owner's view now. Whatever happened in between, and however often
 * nothing could be sent, one call brings the window up to it: by rows, or by a ledger's figures where rows are gone.
 */
export class Feed {
	readonly #core: Core;
	readonly #shown = new Map<EpochId, number>();
	/** Ledgers that the window has, and the checkpoint that lay under each then. */
	readonly #bases = new Map<LedgerName, Checkpoint | undefined>();

	constructor(core: Core) {
		this.#core = core;
	}

	take(): Changes {
		const { journal, view, books } = this.#core;
		const ledgers: LedgerState[] = [];
		const rows: ShownRows[] = [];
		const rebased: Rebased[] = [];
		for (const ledger of this.#core.ledgers().filter(this.#core.holds)) {
			const base = view.base(ledger);
			const isNew = !this.#bases.has(ledger);
			const before = this.#bases.get(ledger);
			const isRebased = base !== before;
			this.#bases.set(ledger, base);
			if (isNew || (isRebased && base && !this.#rowsSuffice(base, before))) {
				ledgers.push(this.#state(ledger, base));
				continue;
			}
			if (isRebased) rebased.push({ ledger, keysSinceMs: books.of(ledger).keysSinceMs, covers: coveredBy(base) });
			for (const epoch of journal.in(ledger)) this.#show(epoch, rows);
		}
		return { ledgers, rows, rebased };
	}

	#rowsSuffice(base: Checkpoint, before: Checkpoint | undefined): boolean {
		const { journal } = this.#core;
		if (before && keysSinceOf(before.figures) > keysSinceOf(base.figures)) return false; // keys come back
		for (const { epoch, count } of base.cut.values())
			if ((this.#shown.get(epoch) ?? 0) < count && (journal.get(epoch)?.count ?? 0) < count) return false;
		return true;
	}

	#state(ledger: LedgerName, base: Checkpoint | undefined): LedgerState {
		const { journal, view, books } = this.#core;
		const epochs = new Map<EpochId, ShownEpoch>();
		for (const { epoch, device, prev } of base?.cut.values() ?? [])
			epochs.set(epoch, { epoch, device, prev: prev && { epoch: prev.epoch, count: prev.count } });
		for (const { id, name, open } of journal.in(ledger)) {
			const prev = open?.prev ? { epoch: open.prev.epoch, count: open.prev.count } : null;
			epochs.set(id, { epoch: id, device: name.device, prev });
		}
		for (const epoch of epochs.keys()) this.#shown.set(epoch, view.at(epoch));
		const figures = writeFigures(books.of(ledger));
		return { ledger, figures, epochs: [...epochs.values()], covers: coveredBy(base) };
	}

	#show(epoch: Epoch, rows: ShownRows[]): void {
		const { id, name } = epoch;
		const from = this.#shown.get(id) ?? 0;
		const to = this.#core.view.at(id);
		if (to <= from) return;
		this.#shown.set(id, to);
		rows.push({ ledger: name.ledger, epoch: id, device: name.device, from, rows: epoch.span(from, to).map(alone) });
	}
}

const coveredBy = (base: Checkpoint | undefined): Position[] =>
	[...(base?.cut.values() ?? [])].map(({ epoch, count }) => ({ epoch, count }));

/** A clone of a view would bring along all that lies behind it. */
const alone = (row: Uint8Array): Uint8Array => (row.length === row.buffer.byteLength ? row : new Uint8Array(row));
