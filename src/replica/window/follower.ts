import { StorageError } from '../../base/errors.js';
import type { DeviceId, LedgerName, PoolId } from '../../base/ids.js';
import { decodeEntry, type Entry } from '../../journal/entry.js';
import { Journal } from '../../journal/journal.js';
import type { Leg } from '../../journal/leg.js';
import { Books } from '../../ledger/books.js';
import type { Holder } from '../../ledger/outcome.js';
import type { About, LedgerState, News, ShownRows } from './messages.js';

/** What a window knows of its owner: the same books under the owner's name, and what was said beside them. */
export class Follower {
	readonly books: Books;
	/** Knows the course of journals only; rows are folded and let go. */
	readonly journal = new Journal();
	readonly #ledgers = new Set<LedgerName>();
	#about: About;
	readonly #others = new Map<string, Omit<Holder, 'amount'>>();
	/** What devices call themselves in their rows: known before the owner next speaks of them. */
	readonly #names = new Map<DeviceId, string>();

	constructor(about: About) {
		this.#about = about;
		this.books = new Books(about.device, (at, tip) => this.journal.precedes(at, tip));
		this.hear(about);
	}

	get about(): About {
		return this.#about;
	}

	ledgers(): LedgerName[] {
		return [...this.#ledgers].sort();
	}

	hear(about: About): void {
		if (about.device !== this.#about.device) this.books.rename(about.device);
		this.#about = about;
		this.#others.clear();
		for (const { ledger, ...other } of about.others) this.#others.set(`${ledger} ${other.device}`, other);
	}

	/** Takes in what the owner's view shows now. Whoever listens is to be told by `books.notify`. */
	take({ ledgers, rows, rebased }: News): void {
		for (const state of ledgers) this.#restore(state);
		for (const run of rows) this.#apply(run);
		for (const { ledger, keysSinceMs, covers } of rebased) {
			this.books.of(ledger).forgetKeysBefore(keysSinceMs);
			for (const { epoch, count } of covers) this.journal.noteCovered(epoch, count);
		}
	}

	#restore({ ledger, figures, epochs, covers }: LedgerState): void {
		this.#ledgers.add(ledger);
		for (const { epoch, device, prev } of epochs) this.journal.noteAncestor(epoch, { ledger, device, prev });
		for (const { epoch, count } of covers) this.journal.noteCovered(epoch, count);
		this.books.restore(ledger, figures);
	}

	#apply({ ledger, epoch: id, device, from, rows }: ShownRows): void {
		this.#ledgers.add(ledger);
		const epoch = { id, name: { ledger, device, segment: 0, nonce: '' } };
		for (const [i, row] of rows.entries()) {
			const entry = decodeEntry(row);
			// The owner has read it, and speaks our version: it made this port.
			if (!entry) throw new StorageError('storage_corrupt', `Entry ${from + i} of epoch ${id} cannot be read.`);
			const [first] = entry.legs;
			if (first?.kind === 'open') {
				const prev = first.prev && { epoch: first.prev.epoch, count: first.prev.count };
				this.journal.noteAncestor(id, { ledger, device, prev });
				this.#names.set(device, first.name);
			}
			this.books.apply({ epoch, index: from + i, entry });
		}
	}

	/** Counts what a commit of this window takes until the answer brings the truth; answers how to end that (ESC1). */
	expect(legsOf: ReadonlyMap<LedgerName, readonly Leg[]>): () => void {
		const { device } = this.#about;
		const expected = [...legsOf].map(([ledger, legs]) => {
			const entry: Entry = { time: { ms: 0, counter: 0 }, parts: [], relies: [], key: undefined, legs };
			this.books.wrote(ledger, entry);
			return { name: { ledger, device, segment: 0, nonce: '' }, entry: () => entry };
		});
		return () => {
			for (const epoch of expected.splice(0)) this.books.shown(epoch, 0, 1);
		};
	}

	holders(ledger: LedgerName, pool: PoolId): Holder[] {
		const holders: Holder[] = [];
		for (const [device, { share }] of this.books.of(ledger).escrow.pools.get(pool)?.shares ?? [])
			if (share > 0 && device !== this.#about.device) holders.push({ ...this.#other(ledger, device), amount: share });
		return holders.sort((a, b) => b.amount - a.amount || (a.device < b.device ? -1 : 1));
	}

	#other(ledger: LedgerName, device: DeviceId): Omit<Holder, 'amount'> {
		const name = this.#names.get(device) ?? device;
		return this.#others.get(`${ledger} ${device}`) ?? { device, name, online: false, lastSeen: undefined };
	}

	/** Has some commit in view this key? */
	knows(key: string): boolean {
		for (const ledger of this.books.names()) if (this.books.of(ledger).keys.has(key)) return true;
		return false;
	}
}
