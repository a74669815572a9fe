import type { DeviceId, EpochId, LedgerName } from '../../../src/base/ids.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../../src/journal/checkpoint.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import { View } from '../../../src/journal/view.js';
import { Books } from '../../../src/ledger/books.js';
import { type History, historyLedgers, sha256 } from './history.js';
import { epochOf, type PlainBase, plainCut } from './plain-cut.js';
import { describeFigures, describePlain, difference } from './plain-figures.js';

/** A property that does not hold; the message begins with its name. */
export function demand(holds: boolean, what: () => string): asserts holds {
	if (!holds) throw new Error(what());
}

/** The production journal, view and books of one device, fed by hand, and held against the plain recomputation. */
export class Till {
	readonly journal = new Journal();
	readonly books: Books;
	readonly view: View;
	readonly holds: (ledger: LedgerName) => boolean;
	readonly history: History;
	readonly #shown = new Map<EpochId, number>();
	readonly #stored = new Set<Epoch>();
	/** What it chose is on disk, and adopted, only when there is news. */
	readonly #isSlow: boolean;

	constructor(
		history: History,
		ledgers: readonly LedgerName[] = historyLedgers,
		device: DeviceId = 'till-1',
		isSlow = false,
	) {
		this.#isSlow = isSlow;
		this.history = history;
		this.holds = (ledger) => ledgers.includes(ledger);
		this.books = new Books(device, (at, tip) => this.journal.precedes(at, tip));
		this.view = new View({
			journal: this.journal,
			fold: this.books,
			holds: this.holds,
			limit: (epoch) => epoch.durable,
		});
	}

	held(id: EpochId): number {
		return this.journal.get(id)?.durable ?? 0;
	}

	/** Rows of an epoch up to `count` are on this device's disk; nothing is shown before `show`. False: no news. */
	store(id: EpochId, count: number): boolean {
		const written = epochOf(this.history.epochs, id);
		if (!this.holds(written.ledger) || this.held(id) >= count) return false;
		const known = this.journal.get(id);
		if (known === undefined && this.covered(id) >= count) return false;
		const epoch = known ?? new Epoch(id, written.name, sha256);
		if (known === undefined) this.journal.add(epoch);
		while (epoch.count < count) {
			const [row, entry] = [written.rows[epoch.count], written.entries[epoch.count]];
			demand(row !== undefined && entry !== undefined, () => `epoch ${id} has no row ${epoch.count}`);
			this.journal.push(epoch, row, entry);
		}
		epoch.durable = count;
		this.#stored.add(epoch);
		return true;
	}

	/** What was stored since is shown in one go, as after an update of several epochs or on opening. */
	show(): void {
		if (this.#stored.size > 0) this.view.advance([...this.#stored]);
		this.#stored.clear();
		if (this.view.isAdopting) this.view.adopt();
		if (this.view.choose().length > 0 && !this.#isSlow) this.view.adopt();
	}

	/** The same news once more. */
	repeat(id: EpochId): void {
		const epoch = this.journal.get(id);
		if (epoch) this.view.advance([epoch, epoch]);
	}

	take(id: EpochId, count: number): void {
		this.store(id, count);
		this.show();
	}

	covered(id: EpochId): number {
		return this.view.base(epochOf(this.history.epochs, id).ledger)?.cut.get(id)?.count ?? 0;
	}

	/** Through its bytes, as it comes over a link. */
	offer(checkpoint: Checkpoint): void {
		const read = decodeCheckpoint(encodeCheckpoint(checkpoint));
		demand(read !== undefined, () => 'JRN11 a checkpoint cannot be read');
		if (!this.holds(read.ledger)) return;
		this.view.offer(read);
		this.show();
	}

	/** JRN11: rows go that the adopted checkpoint covers, where the epoch has a successor in the cut or is fenced. */
	drop(): void {
		if (this.view.isAdopting) return;
		for (const ledger of historyLedgers) {
			const base = this.view.base(ledger);
			if (!base) continue;
			const fenced = new Set(this.books.of(ledger).escrow.fences.map((fence) => fence.device));
			const followed = [...base.cut.values()].map((at) => at.prev);
			for (const epoch of [...this.journal.in(ledger)]) {
				const { id, count } = epoch;
				if ((base.cut.get(id)?.count ?? 0) < count) continue;
				if (!fenced.has(epoch.name.device) && !followed.some((at) => at?.epoch === id && at.count === count)) continue;
				this.journal.drop(epoch);
				this.view.dropped(id);
			}
		}
	}

	bases(): PlainBase[] {
		return historyLedgers.flatMap((ledger) => {
			const base = this.view.base(ledger);
			return base ? [plainBase(base)] : [];
		});
	}

	/** The rows and checkpoints of this device, as another opening finds them. */
	reopened(): Till {
		const till = new Till(
			this.history,
			historyLedgers.filter((ledger) => this.holds(ledger)),
			'till-1',
			this.#isSlow,
		);
		till.view.start(historyLedgers.flatMap((ledger) => this.view.base(ledger) ?? []));
		for (const epoch of this.journal.all()) till.store(epoch.id, epoch.durable);
		till.show();
		return till;
	}

	/** P26: as far as the plain recomputation goes and no further, and never behind what was shown. */
	checkCut(): ReadonlyMap<EpochId, number> {
		this.show();
		const rows = new Map([...this.journal.all()].map((epoch) => [epoch.id, epoch.durable]));
		const { epochs } = this.history;
		const cut = plainCut({ epochs, rows, bases: this.bases(), holds: this.holds });
		demand(cut !== undefined, () => 'JRN4 a checkpoint was adopted that shows half a commit');
		for (const id of epochs.keys()) {
			const [want, have, before] = [cut.get(id) ?? 0, this.view.at(id), this.#shown.get(id) ?? 0];
			demand(have === want, () => `P26 epoch ${id} of ${epochOf(epochs, id).device} is shown to ${have}, not ${want}`);
			demand(have >= before, () => `P26 epoch ${id} was shown to ${before} and is now shown to ${have}`);
			this.#shown.set(id, have);
		}
		return cut;
	}

	/** Every figure is the naive sum over the entries in view. */
	checkFigures(): void {
		const cut = this.checkCut();
		for (const ledger of historyLedgers) {
			if (!this.holds(ledger)) continue;
			const want = describePlain(this.history.epochs, cut, ledger);
			const have = describeFigures(this.books.of(ledger));
			demand(want === have, () => `P26 the figures of ${ledger} are not their sum:\n${difference(want, have)}`);
		}
	}

	digests(): string {
		const held = historyLedgers.filter((ledger) => this.holds(ledger));
		return held.map((ledger) => `${ledger} ${this.books.digest(ledger, sha256)}`).join('\n');
	}
}

export function plainBase(c: Checkpoint): PlainBase {
	const cut = new Map([...c.cut.values()].map((at) => [at.epoch, at.count]));
	return { ledger: c.ledger, cut, fences: c.fences };
}
