import { fromUtf8 } from '../base/bytes.js';
import { compareTime, type Time } from '../base/clock.js';
import { BadArgument } from '../base/errors.js';
import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { keeps } from '../base/patterns.js';
import { isLate } from '../escrow/late.js';
import type { Journal } from '../journal/journal.js';
import type { Row } from '../journal/view.js';
import type { Books } from '../ledger/books.js';
import type { Json } from '../ledger/collections.js';
import type { LogEntry } from '../ledger/figures.js';
import type { Change, ChangesOptions, Reader } from './changes.js';
import { CursorTrail, type Mark, readCursor } from './cursor.js';

/** What a reader follows: an open replica, or a window of one. */
export interface ChangesSource {
	readonly books: Books;
	readonly journal: Journal;
	/** Calls back when `end` may answer otherwise. */
	listen(changed: () => void): () => void;
	/** `open` while more may come; throws where it broke. */
	state(): 'open' | 'ended';
}

interface Document extends LogEntry {
	readonly ledger: LedgerName;
	readonly log: string;
}

type Place = Pick<Mark, 'count' | 'legs'>;

/** Documents noted beside the figures; beyond it a reader that is slow looks its ledgers through again. */
const freshMax = 4096;

/**
 * Gives every document of the figures once, in the order of each device's journal, and as far as that allows in order of
 * time. What a view shows of an epoch are its first rows (JRN9), so that one number an epoch says what was given: by rows, by
 * a checkpoint's figures or late, it comes to the same. Nothing is looked through twice but the ledger of a checkpoint that
 * brought more than the rows had.
 */
export class ChangesReader implements Reader {
	readonly #source: ChangesSource;
	readonly #patterns: readonly string[] | undefined;
	readonly #trail: CursorTrail;
	/** What was given of each epoch, those too that need no mark; of the ledgers that were looked through. */
	readonly #given = new Map<LedgerName, Map<EpochId, Place>>();
	/** To be looked through: not known yet, or of other figures now. */
	readonly #stale = new Set<LedgerName>();
	#fresh: Document[] = [];
	#queue: Document[] = [];
	#at = 0;
	#stopped = false;
	readonly #quiet: (() => void)[];
	readonly #waiting = new Set<() => void>();

	constructor(source: ChangesSource, { since, ledgers }: ChangesOptions) {
		if (ledgers !== undefined && !(Array.isArray(ledgers) && ledgers.every((name) => typeof name === 'string')))
			throw new BadArgument('ledgers', 'expected a list of ledgers.');
		this.#source = source;
		this.#patterns = ledgers;
		this.#trail = new CursorTrail(since === undefined ? new Map() : readCursor(since));
		const { books } = source;
		const wake = () => this.#wake();
		const tap = { applied: (row: Row) => this.#applied(row), renewed: (ledger: LedgerName) => this.#renewed(ledger) };
		books.taps.add(tap);
		books.followers.add(wake);
		this.#quiet = [() => books.taps.delete(tap), () => books.followers.delete(wake), source.listen(wake)];
		for (const ledger of books.names()) this.#renewed(ledger);
	}

	/** Waits for the next one; undefined where none comes any more. */
	async next(): Promise<Change | undefined> {
		for (;;) {
			if (this.#stopped) return undefined;
			if (this.#at === this.#queue.length) this.#gather();
			const document = this.#queue[this.#at++];
			if (document) return this.#give(document);
			this.#at = this.#queue.length;
			if (this.#source.state() === 'ended') this.stop();
			else
				await new Promise<void>((resolve) => {
					this.#waiting.add(resolve);
				});
		}
	}

	stop(): void {
		this.#stopped = true;
		for (const quiet of this.#quiet.splice(0)) quiet();
		this.#wake();
	}

	#wake(): void {
		const waiting = [...this.#waiting];
		this.#waiting.clear();
		for (const go of waiting) go();
	}

	#wants(ledger: LedgerName): boolean {
		return this.#patterns === undefined || keeps(this.#patterns, ledger);
	}

	#renewed(ledger: LedgerName): void {
		if (this.#wants(ledger)) this.#stale.add(ledger);
	}

	#applied({ epoch, index, entry }: Row): void {
		const { ledger, device } = epoch.name;
		if (!this.#given.has(ledger)) this.#renewed(ledger);
		if (!this.#given.has(ledger) || this.#stale.has(ledger)) return;
		for (const [leg, what] of entry.legs.entries())
			if (what.kind === 'append') {
				const { log, value } = what;
				this.#fresh.push({ ledger, log, device, epoch: epoch.id, index, leg, time: entry.time, value });
			}
		if (this.#fresh.length <= freshMax) return;
		for (const document of this.#fresh) this.#stale.add(document.ledger);
		this.#fresh = [];
	}

	#gather(): void {
		const found = this.#fresh.filter((document) => !this.#stale.has(document.ledger) && !this.#isGiven(document));
		this.#fresh = [];
		for (const ledger of this.#stale) {
			if (!this.#begin(ledger)) continue;
			this.#stale.delete(ledger);
			for (const [log, { entries }] of this.#source.books.of(ledger).logs)
				for (const entry of entries) {
					const document = { ...entry, ledger, log };
					if (!this.#isGiven(document)) found.push(document);
				}
		}
		this.#queue = inOrder(found, this.#source.journal);
		this.#at = 0;
	}

	#isGiven({ ledger, epoch, index, leg }: Document): boolean {
		const place = this.#given.get(ledger)?.get(epoch);
		return place !== undefined && (index < place.count || (index === place.count && leg < place.legs));
	}

	/** Spreads the marks of a ledger over the epochs that they speak of; false where it has not heard of all of those yet. */
	#begin(ledger: LedgerName): boolean {
		if (this.#given.has(ledger)) return true;
		const { journal } = this.#source;
		const marks = this.#trail.of(ledger);
		for (const [epoch, { isAnchor }] of marks) if (isAnchor && !journal.ancestor(epoch)) return false;
		const given = new Map<EpochId, Place>(marks);
		for (const epoch of marks.keys())
			for (const at of back(journal, epoch))
				if ((given.get(at.epoch)?.count ?? 0) < at.count) given.set(at.epoch, { count: at.count, legs: 0 });
		this.#given.set(ledger, given);
		return true;
	}

	#give(document: Document): Change {
		const { ledger, epoch, index, leg } = document;
		const next = this.#queue[this.#at];
		const isWithin = next?.epoch === epoch && next.index === index;
		const place = isWithin ? { count: index, legs: leg + 1 } : { count: index + 1, legs: 0 };
		this.#given.get(ledger)?.set(epoch, place);
		const marked = this.#trail.of(ledger).get(epoch);
		this.#trail.set(ledger, epoch, { ...place, isAnchor: marked?.isAnchor ?? false });
		if (!marked) this.#prune(ledger);
		const spell = this.#trail.here();
		const { escrow } = this.#source.books.of(ledger);
		const { device, log, time, value } = document;
		const commit = `${device}.${epoch.toString(36)}.${index}`;
		const slash = log.indexOf('/');
		const family = slash < 0 ? log : log.slice(0, slash);
		const data = JSON.parse(fromUtf8(value)) as Json;
		return {
			v: 1,
			id: `${commit}.${leg}`,
			get cursor() {
				return spell();
			},
			commit,
			ledger,
			log: family,
			key: slash < 0 ? undefined : log.slice(slash + 1),
			kind: verbOf(data) ?? family,
			at: new Date(time.ms).toISOString(),
			stamp: `${digits(time.ms, 9)}.${digits(time.counter, 7)}.${device}.${digits(epoch, 11)}.${digits(index, 8)}.${digits(leg, 3)}`,
			device,
			late: isLate(escrow.fences, device, epoch, index),
			data,
		};
	}

	/** What a covered epoch goes on from needs no mark of its own: whoever reads the cursor will hear of that epoch. */
	#prune(ledger: LedgerName): void {
		const { journal } = this.#source;
		const marks = this.#trail.of(ledger);
		const needless = new Set<EpochId>();
		const anchors = new Set<EpochId>();
		for (const epoch of marks.keys()) {
			if (journal.covered(epoch) === 0) continue;
			for (const at of back(journal, epoch)) {
				const mark = marks.get(at.epoch);
				if (!mark || mark.count > at.count || (mark.count === at.count && mark.legs > 0)) continue;
				needless.add(at.epoch);
				anchors.add(epoch);
			}
		}
		for (const epoch of anchors) {
			const mark = marks.get(epoch);
			if (mark && !mark.isAnchor) this.#trail.set(ledger, epoch, { ...mark, isAnchor: true });
		}
		for (const epoch of needless) this.#trail.set(ledger, epoch, undefined);
	}
}

/** The positions that an epoch goes on from, nearest first. */
function* back(journal: Journal, epoch: EpochId): Generator<Position> {
	const seen = new Set([epoch]);
	let at = journal.ancestor(epoch)?.prev;
	while (at && !seen.has(at.epoch)) {
		yield at;
		seen.add(at.epoch);
		at = journal.ancestor(at.epoch)?.prev;
	}
}

/** By time, but never before what the device wrote before, whatever its clock said. */
function inOrder(found: readonly Document[], journal: Journal): Document[] {
	const starts = new Map<EpochId, number>();
	for (const { epoch } of found) if (!starts.has(epoch)) starts.set(epoch, journal.startOf(epoch) ?? 0);
	const start = ({ epoch }: Document) => starts.get(epoch) ?? 0;
	const written = [...found].sort(
		(a, b) =>
			compareTexts(a.ledger, b.ledger) ||
			compareTexts(a.device, b.device) ||
			start(a) - start(b) ||
			a.epoch - b.epoch ||
			a.index - b.index ||
			a.leg - b.leg,
	);
	let last: { readonly document: Document; readonly time: Time } | undefined;
	const timed = written.map((document) => {
		const isSame = last?.document.ledger === document.ledger && last.document.device === document.device;
		const time = last && isSame && compareTime(last.time, document.time) > 0 ? last.time : document.time;
		last = { document, time };
		return last;
	});
	return timed.sort((a, b) => compareTime(a.time, b.time)).map(({ document }) => document);
}

/** In base 36, as many digits for all: so that texts compare as the numbers do. */
const digits = (n: number, count: number): string => n.toString(36).padStart(count, '0');

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function verbOf(data: Json): string | undefined {
	const { verb } = (data ?? {}) as { readonly verb?: unknown };
	return typeof verb === 'string' ? verb : undefined;
}
