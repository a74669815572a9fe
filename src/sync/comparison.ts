import { equalBytes } from '../base/bytes.js';
import type { EpochId, LedgerName, Position } from '../base/ids.js';
import type { Digests, Frame, LedgerDigest, LedgerHeads } from './frames.js';
import type { Line } from './line.js';
import { differing } from './marks.js';
import type { Outgoing } from './outgoing.js';
import type { PeerRows } from './peer-rows.js';

/** Heads of many ledgers are told in frames of about this size. */
const headsBytesMax = 256 * 1024;
const positionBytesMax = 20;
const headBytes = 48;
const digestBytes = 17;
/** Ledgers that a peer has and this one lacks: soon they are here, and named no more. */
const elsewhereMax = 10_000;
const nothing: ReadonlyMap<EpochId, number> = new Map();
const none: ReadonlySet<LedgerName> = new Set();
/** Past every name. */
const end = '\u{10ffff}';

/** Who has what, ledger by ledger: digests first, then the heads of those that differ. */
export class Comparison {
	readonly #line: Line;
	readonly #rows: PeerRows;
	readonly #outgoing: Outgoing;
	/** What the peer had in the last conversation, to see what it has lost since. */
	readonly #before: PeerRows | undefined;
	/** Ledgers whose heads are waited for. */
	readonly #missing = new Set<LedgerName>();
	/** Up to which name, in their order, the peer's digests have been compared. */
	#comparedTo = '';
	/** Ledgers that the peer named and that are not here; undefined where it named more than any honest one would. */
	#elsewhere: Set<LedgerName> | undefined = new Set();
	/** Ledgers of which something did not fit: the peer is told our heads (SYN1). */
	readonly #again = new Set<LedgerName>();
	/** Of which the peer has said that there is no more than it has. */
	readonly #all = new Set<LedgerName>();

	constructor(line: Line, rows: PeerRows, outgoing: Outgoing, before: PeerRows | undefined) {
		this.#line = line;
		this.#rows = rows;
		this.#outgoing = outgoing;
		this.#before = before;
	}

	/** Heads are on their way, or should be. */
	get waits(): boolean {
		return this.#missing.size + this.#again.size + this.#unheard().length > 0;
	}

	/** Wanted, and the peer has not said yet that there is no more than it has. */
	#unheard(): LedgerName[] {
		const { host, session } = this.#line;
		return [...(host.wanted ?? none)].filter((ledger) => session.carries(ledger) && !this.#all.has(ledger));
	}

	/** Asks for all that there is of what is wanted here; the peer has heard that it is. */
	askForAll(): void {
		this.#sendHeads(this.#unheard(), true);
		if (this.waits) this.#line.tickSoon();
	}

	/** Has the peer said what there is of a ledger? */
	toldAll(ledger: LedgerName): boolean {
		return this.#all.has(ledger);
	}

	/** Is it known what the peer has of a ledger? Of one that has come into being since the comparison, it has nothing. */
	knows(ledger: LedgerName, brings = false): boolean {
		if (this.#rows.told(ledger)) return true;
		if (!this.#line.inSync || this.#missing.has(ledger) || !(brings || this.#isHeld(ledger))) return false;
		this.#rows.tell(ledger, new Map());
		return true;
	}

	/** What the peer told that it has of a ledger, nothing included; undefined where that is not known, or still on its way. */
	told(ledger: LedgerName): ReadonlyMap<EpochId, number> | undefined {
		const told = this.#rows.told(ledger);
		if (told || !this.#line.inSync || this.#missing.has(ledger)) return told;
		return this.#elsewhere?.has(ledger) === false ? nothing : undefined;
	}

	/** Peers may name any ledger: nothing is remembered of those that are not here. */
	#isHeld(ledger: LedgerName): boolean {
		return this.#line.host.holding(ledger).counts.size > 0 || this.#line.host.checkpoint(ledger) !== undefined;
	}

	*#shared(): Iterable<LedgerName> {
		for (const ledger of this.#line.host.ledgers()) if (this.#line.session.carries(ledger)) yield ledger;
	}

	/** `answer`: the peer's are waited for. */
	sendDigests(answer: boolean): void {
		const names = [...this.#shared()].sort();
		let [ledgers, size, part]: [LedgerDigest[], number, number] = [[], 0, 0];
		for (const ledger of names) {
			const each = { ledger, digest: this.#line.host.holding(ledger).digest };
			if (size > headsBytesMax) {
				this.#line.send({ kind: 'digests', answer: false, part: part + 2, ledgers });
				// The next one goes on from its last, so that nothing lies between them.
				[ledgers, size, part] = [ledgers.slice(-1), 0, 1];
			}
			ledgers.push(each);
			size += ledger.length * 3 + digestBytes;
		}
		this.#line.send({ kind: 'digests', answer, part, ledgers });
	}

	#sendHeads(ledgers: Iterable<LedgerName>, answer: boolean | 'all'): void {
		let [heads, size]: [LedgerHeads[], number] = [[], 0];
		for (const ledger of ledgers) {
			const each = this.#line.host.heads(ledger);
			const more = ledger.length * 3 + (each.rows.length + each.covered.length) * positionBytesMax + headBytes;
			if (heads.length > 0 && size + more > headsBytesMax) {
				this.#line.send({ kind: 'heads', answer, ledgers: heads });
				[heads, size] = [[], 0];
			}
			heads.push(each);
			size += more;
		}
		if (heads.length > 0) this.#line.send({ kind: 'heads', answer, ledgers: heads });
	}

	/** True where all have been compared. */
	compare({ answer, part = 0, ledgers }: Digests): boolean {
		if (answer) this.sendDigests(false);
		const [from, to] = [part & 1 ? (ledgers[0]?.ledger ?? end) : '', part & 2 ? (ledgers.at(-1)?.ledger ?? '') : end];
		const theirs = new Map(ledgers.map(({ ledger, digest }) => [ledger, digest]));
		const differ: LedgerName[] = [];
		for (const ledger of this.#shared()) {
			if (ledger < from || ledger > to) continue;
			const digest = theirs.get(ledger);
			const holding = this.#line.host.holding(ledger);
			if (!digest) this.#learn(ledger, new Map());
			else if (equalBytes(digest, holding.digest)) {
				const point = this.#line.host.checkpoint(ledger);
				if (point) this.#outgoing.notePoint(ledger, point.id);
				this.#learn(ledger, holding.counts);
			} else differ.push(ledger);
		}
		for (const ledger of theirs.keys()) this.#noteElsewhere(ledger);
		for (const ledger of differ) if (!this.#rows.told(ledger)) this.#missing.add(ledger);
		this.#sendHeads(differ, false); // as the peer will, unless what it compared was older: then it is asked
		if (this.waits) this.#line.tickSoon();
		if (from <= this.#comparedTo && to > this.#comparedTo) this.#comparedTo = to;
		return this.#comparedTo === end;
	}

	#noteElsewhere(ledger: LedgerName): void {
		if (!this.#elsewhere || !this.#line.session.carries(ledger) || this.#isHeld(ledger)) return;
		if (this.#elsewhere.size < elsewhereMax) this.#elsewhere.add(ledger);
		else this.#elsewhere = undefined;
	}

	hear({ ledgers, answer }: Extract<Frame, { kind: 'heads' }>): void {
		const { host, session } = this.#line;
		const [answers, all]: [LedgerName[], LedgerName[]] = [[], []];
		for (const { ledger, rows, covered, checkpoint, marks } of ledgers) {
			if (!session.carries(ledger)) continue;
			const isAll = answer === true && (host.hasAll?.(ledger) ?? false);
			if (isAll) all.push(ledger);
			// Of a ledger that is not here nothing but its name is kept: whatever comes of it tells what they have.
			this.#noteElsewhere(ledger);
			if (!this.#isHeld(ledger) && !host.wanted?.has(ledger)) continue;
			if (!isAll) answers.push(ledger);
			this.#outgoing.notePoint(ledger, checkpoint);
			const held = host.holding(ledger).counts;
			for (const epoch of differing(
				rows,
				marks,
				(epoch) => held.get(epoch) ?? 0,
				(at) => host.mark(ledger, at),
			))
				host.forked(session, ledger, epoch);
			const told = new Map<EpochId, number>();
			for (const { epoch, count } of [...covered, ...rows]) if ((told.get(epoch) ?? 0) < count) told.set(epoch, count);
			this.#learn(ledger, told);
			const theirs = new Map(rows.map(({ epoch, count }) => [epoch, count]));
			for (const { epoch } of covered) this.#rows.noteBare(ledger, epoch, theirs.get(epoch) ?? 0);
			if (answer === 'all') this.#all.add(ledger);
		}
		if (answer === true) this.#sendHeads(answers, false);
		this.#sendHeads(all, 'all');
		if (answer === 'all') host.toldAll?.();
	}

	/** What the peer has of a ledger: the truth, even where it is less than before, for a disk may have been lost. */
	#learn(ledger: LedgerName, told: ReadonlyMap<EpochId, number>): void {
		if (!this.#rows.told(ledger)) this.#compareWithBefore(ledger, told);
		this.#missing.delete(ledger);
		this.#rows.tell(ledger, told);
		this.#outgoing.settle(ledger);
		this.#line.acked(ledger, positionsOf(told));
		if (told !== this.#line.host.holding(ledger).counts) this.#outgoing.lag(ledger);
	}

	/** What the peer had acknowledged in the last conversation, and has no more, it is told by name. */
	#compareWithBefore(ledger: LedgerName, told: ReadonlyMap<EpochId, number>): void {
		const gone = this.#before?.missing(ledger, told).map(([epoch, count]) => ({ epoch, count })) ?? [];
		if (gone.length === 0) return;
		this.#line.send({ kind: 'lost', ledger, positions: gone });
		this.#line.host.lost(this.#line.session, ledger, gone, true);
	}

	/** Something did not fit what is here. */
	noteAgain(ledger: LedgerName): void {
		this.#again.add(ledger);
		this.#line.tickSoon();
	}

	/** Says again what did not reach the peer, asks again for what did not come. */
	repeat(): void {
		this.#sendHeads(this.#again, false);
		this.#again.clear();
		this.#sendHeads(new Set([...this.#missing, ...this.#unheard()]), true);
	}
}

export function positionsOf(counts: ReadonlyMap<EpochId, number>): Position[] {
	return [...counts].map(([epoch, count]) => ({ epoch, count }));
}
