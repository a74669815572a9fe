import { HybridClock } from '../../../src/base/clock.js';
import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Checkpoint } from '../../../src/journal/checkpoint.js';
import { LedgerFigures, readFigures } from '../../../src/ledger/figures.js';
import { Core } from '../../../src/replica/core.js';
import type { Disk } from '../../../src/replica/disk.js';
import { Home } from '../../../src/replica/home.js';
import type { Writer } from '../../../src/replica/writer.js';
import type { HandDriven } from './hand-driven.js';
import { type History, historyLedgers } from './history.js';
import { plainCut } from './plain-cut.js';
import { describeFigures, describePlain, difference } from './plain-figures.js';
import { demand, plainBase, Till } from './till.js';

/** A till that writes checkpoints with the production `Home`, each of them held against the plain recomputation. */
export class HomeTill extends Till {
	readonly #core: Core;
	readonly #archived: (epoch: EpochId) => number;
	#home: Home;

	constructor(
		history: History,
		ledgers: readonly LedgerName[],
		hand: HandDriven,
		pair: { publicKey: Uint8Array; secret: Uint8Array },
		archived: (epoch: EpochId) => number,
	) {
		super(history, ledgers, 'home');
		const { platform } = hand;
		const settings = {
			chain: 'chain',
			name: 'home',
			keeps: ledgers,
			home: ledgers,
			archive: true,
			segmentRows: 1,
			checkpointRows: 1,
			keyRetentionMs: Number.POSITIVE_INFINITY,
			restAfterMs: Number.POSITIVE_INFINITY,
		};
		const clock = new HybridClock(() => hand.nowMs);
		const disk = { failure: undefined } as Disk; // a home that writes checkpoints alone asks its disk nothing
		const parts = {
			settings,
			platform,
			disk,
			journal: this.journal,
			view: this.view,
			books: this.books,
			clock,
			pairs: [pair],
			holds: () => true,
			kept: new Set<string>(),
		};
		this.#core = new Core(parts, () => ({ pair, device: 'home' }) as unknown as Writer); // nor its writer, but for the key
		this.#archived = archived;
		this.#home = new Home(this.#core, archived);
	}

	/** What the home computed since it opened is gone; its rows and adopted checkpoints are not. */
	reopenHome(): void {
		this.#home = new Home(this.#core, this.#archived);
	}

	/** A checkpoint may be adopted when it comes or, having waited, with any rows. */
	override show(): void {
		const before = historyLedgers.map((ledger) => this.view.base(ledger));
		super.show();
		historyLedgers.forEach((ledger, i) => {
			const base = this.view.base(ledger);
			if (base && base !== before[i]) this.#home.adopted(base);
		});
	}

	/** JRN11: a closed cut, of rows that two archives have, with the figures of exactly these rows. */
	async checkpoint(ledger: LedgerName): Promise<Checkpoint | undefined> {
		const base = this.view.base(ledger);
		this.#home.advance();
		const made = await this.#home.checkpoint(ledger, 1);
		if (!made) return undefined;
		const { epochs } = this.history;
		const plain = plainBase(made);
		for (const [id, count] of plain.cut) {
			const before = base?.cut.get(id)?.count ?? 0;
			demand(count <= Math.max(before, this.#archived(id)), () => `JRN11 epoch ${id}: a row that one archive has`);
			demand(count >= before, () => `JRN11 epoch ${id}: the cut went back`);
		}
		const own = { epochs, rows: plain.cut, bases: [], holds: (name: LedgerName) => name === ledger };
		const closed = plainCut(own);
		for (const [id, count] of plain.cut)
			demand(closed?.get(id) === count, () => `JRN11 the cut is not closed at epoch ${id}`);
		const figures = new LedgerFigures((at, tip) => this.journal.precedes(at, tip));
		readFigures(made.figures, figures);
		const [want, have] = [describePlain(epochs, plain.cut, ledger), describeFigures(figures)];
		demand(want === have, () => `P25 a checkpoint of ${ledger} says other figures:\n${difference(want, have)}`);
		this.view.offer(made);
		this.show();
		return made;
	}
}
