import { utf8 } from '../base/bytes.js';
import { Closed, LimitError, TillmeshError } from '../base/errors.js';
import type { LedgerName } from '../base/ids.js';
import type { WaitOptions } from '../ledger/live.js';
import type { Peers } from '../sync/peers.js';
import type { Core } from './core.js';
import { keepsRecord } from './records.js';

const timeoutMsDefault = 3_000;
/** UTF-8 bytes of all patterns: a greeting says them all, and nobody reads a long one before the proof. */
const keepsBytesMax = 24 * 1024;

interface Wish {
	readonly ledgers: readonly LedgerName[];
	granted(): void;
	end(error: TillmeshError): void;
}

/**
 * Ledgers that this replica begins to keep while it is open. Until all of one is here nothing of it is read, nothing is
 * written in it, and no commit waits for a part in it: then all of that at once. So the view never goes back, neither now nor
 * at the next opening (JRN9), and nothing is written here before this device's own tail has come back (JRN7).
 */
export class Wants {
	readonly #core: Core;
	readonly #peers: Peers;
	/** What is kept is other than it was. */
	readonly #changed: (ledgers: readonly LedgerName[]) => void;
	readonly #wishes = new Set<Wish>();
	#greeting = false;

	constructor(core: Core, peers: Peers, changed: (ledgers: readonly LedgerName[]) => void) {
		this.#core = core;
		this.#peers = peers;
		this.#changed = changed;
	}

	/** Resolves when all of them are kept, and that is on disk. */
	async keep(ledgers: readonly LedgerName[], options: WaitOptions): Promise<void> {
		const core = this.#core;
		const missing = ledgers.filter((ledger) => !core.holds(ledger));
		if (missing.length === 0) return core.writer.flushed();
		const all = new Set([...core.keeps, ...core.wanted, ...missing]);
		const bytes = utf8([...all].join()).length;
		if (bytes > keepsBytesMax) throw new LimitError('keeps', keepsBytesMax, bytes);
		for (const ledger of missing) core.wanted.add(ledger);
		this.#greetSoon();
		await this.#granted(missing, options);
		await core.writer.flushed();
	}

	#granted(ledgers: readonly LedgerName[], { timeoutMs = timeoutMsDefault, signal }: WaitOptions): Promise<void> {
		return new Promise((resolve, reject) => {
			const over = (then: () => void) => {
				cancel();
				signal?.removeEventListener('abort', late);
				this.#wishes.delete(wish);
				then();
			};
			const wish: Wish = { ledgers, granted: () => over(resolve), end: (error) => over(() => reject(error)) };
			const late = () => wish.end(notReached(ledgers.filter((ledger) => !this.#core.holds(ledger))));
			const cancel = this.#core.platform.timers.after(timeoutMs, late);
			this.#wishes.add(wish);
			if (signal?.aborted) late();
			else signal?.addEventListener('abort', late, { once: true });
		});
	}

	/** Peers hear of it by a greeting, of what is wanted in one turn by one; then they are asked. */
	#greetSoon(): void {
		if (this.#greeting) return;
		this.#greeting = true;
		Promise.resolve().then(() => {
			this.#greeting = false;
			if (!this.#core.stopped) this.#peers.greet();
		});
	}

	/** Rows or a checkpoint came, or a peer said what it has: is all of a ledger here now? */
	look(): void {
		const core = this.#core;
		if (core.wanted.size === 0 || core.stopped) return;
		const here = [...core.wanted].filter((ledger) => this.#isHere(ledger) && !core.view.lacks(ledger));
		if (here.length === 0) return;
		for (const ledger of here) {
			core.wanted.delete(ledger);
			core.kept.add(ledger);
			core.books.renew(ledger);
		}
		core.writer.along([keepsRecord([...core.kept])], []).catch(() => {}); // the disk has told the replica
		this.#changed(here);
		for (const wish of [...this.#wishes]) if (wish.ledgers.every(core.holds)) wish.granted();
	}

	/** Somebody has said what there is, and all of it is. */
	#isHere(ledger: LedgerName): boolean {
		for (const session of this.#peers.sessions) {
			const told = session.toldAll(ledger);
			if (told && [...told].every(([epoch, count]) => this.#core.have(ledger, epoch) >= count)) return true;
		}
		return false;
	}

	/** Nothing more comes. */
	stop(): void {
		for (const wish of [...this.#wishes]) wish.end(new Closed());
	}
}

function notReached(ledgers: readonly LedgerName[]): TillmeshError {
	return new TillmeshError('not_reached', `Not all of ${ledgers.join(', ')} is here.`, { ledgers });
}
