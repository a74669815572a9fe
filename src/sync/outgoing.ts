import { equalBytes, toHex } from '../base/bytes.js';
import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { frameOf } from './batches.js';
import { classOf } from './classes.js';
import { chunkBytes, Flights } from './flights.js';
import type { Frame } from './frames.js';
import type { Line } from './line.js';
import { Patience } from './patience.js';
import type { PeerRows } from './peer-rows.js';
import { Sending } from './point-transfer.js';

/** After every class of news. */
const backlogRank = 9;

/** First and last row of a run, beyond the last. */
export interface Span {
	readonly epoch: EpochId;
	readonly from: number;
	readonly to: number;
}

/** What goes out in one conversation: first things first, as far as the line and the peer keep up (SYN3, SYN4). */
export class Outgoing {
	readonly #line: Line;
	readonly #rows: PeerRows;
	/** Is it known what the peer has of a ledger? */
	readonly #knows: (ledger: LedgerName) => boolean;
	readonly #flights = new Flights();
	/** Ledgers of which the peer lacks rows: of these epochs, or of any. */
	readonly #lagging = new Map<LedgerName, Set<EpochId> | undefined>();
	readonly #backlogs = new Set<LedgerName>();
	/** Checkpoints that the peer has, as hex of their ids. */
	readonly #points = new Map<LedgerName, string>();
	#sending: Sending | undefined;
	/** Rows and a checkpoint take turns: what goes on after dropped rows, nobody can take who has not the checkpoint. */
	#isPointsTurn = false;
	/** Checkpoints that were sent whole once: what they cover was taken for known. */
	readonly #believed = new Set<string>();
	/** Ledgers whose checkpoint waits until that one is there. */
	readonly #owed = new Set<LedgerName>();
	readonly #rowsPatience: Patience;
	readonly #pointPatience: Patience;

	constructor(line: Line, rows: PeerRows, knows: (ledger: LedgerName) => boolean) {
		this.#line = line;
		this.#rows = rows;
		this.#knows = knows;
		this.#rowsPatience = new Patience(line);
		this.#pointPatience = new Patience(line);
	}

	get unackedBytes(): number {
		return this.#flights.bytes;
	}

	/** Something is under way that an answer is due for. */
	get waits(): boolean {
		return this.#flights.oldest !== undefined || this.#sending !== undefined;
	}

	/** The peer may lack rows of these epochs, or of any. */
	lag(ledger: LedgerName, epochs?: Iterable<EpochId>): void {
		const known = this.#lagging.get(ledger);
		if (!this.#lagging.has(ledger)) this.#lagging.set(ledger, epochs && new Set(epochs));
		else if (!epochs) this.#lagging.set(ledger, undefined);
		else if (known) for (const epoch of epochs) known.add(epoch);
	}

	lagInAll(): void {
		for (const ledger of this.#rows.ledgers()) this.#lagging.set(ledger, undefined);
	}

	/** The peer has this checkpoint. */
	notePoint(ledger: LedgerName, id: Uint8Array): void {
		this.#points.set(ledger, toHex(id));
	}

	/** The peer said anew what it has of a ledger: what was under way there is settled. */
	settle(ledger: LedgerName): void {
		this.#flights.sweep((of, at) => of === ledger || this.#isAcked(of, at), this.#line.nowMs());
	}

	/** There and back took so long, with nothing but a ping. */
	noteWay(rttMs: number): void {
		this.#flights.noteWay(rttMs);
	}

	/** Another line to the same device has brought or acknowledged these rows. */
	noteHas(ledger: LedgerName, positions: readonly Position[]): void {
		if (!this.#line.inSync || !this.#knows(ledger)) return;
		for (const { epoch, count } of positions) this.#rows.noteAck(ledger, epoch, count);
		this.#flights.sweep(this.#isAcked, this.#line.nowMs());
	}

	/** `answer`: those that the peer says in answer to what was sent; otherwise they are known in another way. */
	noteAcks(ledger: LedgerName, positions: readonly Position[], answer: readonly Position[] = []): void {
		if (!this.#knows(ledger)) return;
		let news = false;
		for (const { epoch, count } of positions) if (this.#rows.noteAck(ledger, epoch, count)) news = true;
		if (!news) return;
		this.#line.isFull = false; // whoever acknowledges reads
		this.#flights.land(this.#isAcked, this.#line.nowMs(), answer);
		this.#line.acked(ledger, positions);
	}

	readonly #isAcked = (ledger: LedgerName, { epoch, count }: Position): boolean =>
		this.#rows.acked(ledger, epoch) >= count;

	/** Sends a frame as it came, where the peer stands just before it. False where it must be served by differences. */
	forward(ledger: LedgerName, frame: Uint8Array, runs: readonly Span[]): boolean {
		if (!this.#line.inSync || this.#line.held || this.#lagging.has(ledger) || !this.#flights.mayNews) return false;
		if (!this.#knows(ledger)) return false;
		for (const { epoch, from } of runs) if (this.#rows.sent(ledger, epoch) !== from) return false;
		if (!this.#line.sendBytes(frame)) return false;
		const tips = runs.map(({ epoch, to }) => ({ epoch, count: to }));
		this.#launched(ledger, tips, frame.length, false);
		return true;
	}

	get #isOpen(): boolean {
		return this.#line.inSync && !this.#line.held && !this.#line.isFull;
	}

	pump(): void {
		while (this.#isOpen) {
			const ledger = this.#nextLedger();
			if (ledger === undefined) break;
			if (this.#beginPoint(ledger) === 'first') continue;
			if (!this.#sendRows(ledger)) break;
		}
		this.#sendPieces();
	}

	/** News before backlogs, classes in order, one ledger's chunk after the other's. */
	#nextLedger(): LedgerName | undefined {
		let best: LedgerName | undefined;
		let rank = Number.POSITIVE_INFINITY;
		for (const ledger of this.#lagging.keys()) {
			if (!this.#knows(ledger) || this.#waitsForPoint(ledger)) continue;
			const isBacklog = this.#backlogs.has(ledger);
			const of = isBacklog ? backlogRank : classOf(ledger);
			if (of >= rank || !(isBacklog ? this.#mayBacklog : this.#flights.mayNews)) continue;
			best = ledger;
			rank = of;
		}
		return best;
	}

	get #mayBacklog(): boolean {
		const { hasMore, underWay = 0 } = this.#sending ?? {};
		return !(hasMore && this.#isPointsTurn) && this.#flights.mayBacklog(underWay);
	}

	#sendRows(ledger: LedgerName): boolean {
		const among = this.#lagging.get(ledger);
		const sent = (epoch: EpochId) => this.#sent(ledger, epoch);
		const batch = this.#line.host.lacking(ledger, sent, chunkBytes, among);
		this.#lagging.delete(ledger);
		if (!batch) {
			this.#backlogs.delete(ledger);
			return true;
		}
		this.#lagging.set(ledger, among); // at the end of its class
		const isBacklog = this.#backlogs.has(ledger);
		// A chunk that is full is followed by others: from now on they wait for their turn.
		if (!isBacklog && batch.bytes >= chunkBytes / 2) {
			this.#backlogs.add(ledger);
			return true;
		}
		const frame = frameOf(ledger, batch);
		if (!this.#line.sendBytes(frame)) return false;
		const tips = batch.runs.map(({ epoch, from, entries }) => ({ epoch, count: from + entries.length }));
		this.#launched(ledger, tips, frame.length, isBacklog);
		return true;
	}

	/** What is covered there without all of its rows needs them once it goes on; an archive needs them at once. */
	#sent(ledger: LedgerName, epoch: EpochId): number {
		const { host, peer } = this.#line;
		const [sent, acked] = [this.#rows.sent(ledger, epoch), this.#rows.acked(ledger, epoch)];
		return sent < acked && !peer?.archive && host.have(ledger, epoch) <= acked ? acked : sent;
	}

	#launched(ledger: LedgerName, tips: readonly Position[], bytes: number, isBacklog: boolean): void {
		const sentMs = this.#line.nowMs();
		if (isBacklog) this.#isPointsTurn = true;
		for (const { epoch, count } of tips) this.#rows.noteSent(ledger, epoch, count);
		this.#flights.add({ ledger, tips, bytes, sentMs, isBacklog });
		this.#line.tickSoon();
	}

	/** A new checkpoint is on its way, or begins it. `first`: the rows must wait for it. */
	#beginPoint(ledger: LedgerName): 'first' | 'none' {
		const point = this.#line.host.checkpoint(ledger);
		if (!point || this.#points.get(ledger) === toHex(point.id)) return 'none';
		if (this.#sending) {
			this.#owed.add(ledger);
			return 'none';
		}
		this.#sending = new Sending(ledger, point);
		return this.#waitsForPoint(ledger) ? 'first' : 'none';
	}

	/** The peer is far behind the checkpoint under way: most of the rows before it need not be sent at all. */
	#waitsForPoint(ledger: LedgerName): boolean {
		const sending = this.#sending;
		if (sending?.ledger !== ledger || this.#line.peer?.archive) return false;
		for (const { epoch, count } of sending.point.covers.values())
			if (this.#rows.acked(ledger, epoch) < count) return true;
		return false;
	}

	#sendPieces(): void {
		while (this.#sending && this.#isOpen && this.#flights.mayBacklog(this.#sending.underWay)) {
			const piece = this.#sending.next();
			if (!piece || !this.#line.send(piece)) break;
			this.#sending.noteSent(piece, this.#line.nowMs());
			this.#isPointsTurn = false;
			this.#line.tickSoon();
		}
	}

	noteTook(took: Extract<Frame, { kind: 'took' }>): void {
		const sending = this.#sending;
		if (!sending || sending.ledger !== took.ledger || !equalBytes(sending.point.id, took.id)) return;
		const tookMs = sending.noteTook(took, this.#line.nowMs());
		if (tookMs !== undefined) this.#flights.adapt(tookMs);
		if (sending.isThere) {
			this.#sending = undefined;
			this.notePoint(took.ledger, took.id);
			// Told of the same once more, the peer does not adopt it: it needs the rows.
			if (!this.#believed.has(toHex(took.id))) this.#noteCovered(sending);
			this.#believed.add(toHex(took.id));
			for (const ledger of this.#owed) if (!this.#lagging.has(ledger)) this.#lagging.set(ledger, new Set());
			this.#owed.clear();
		}
		this.pump();
	}

	/** Of what the checkpoint covers as far as it goes here, the peer needs no row, unless it is an archive. */
	#noteCovered({ ledger, point }: Sending): void {
		if (this.#line.peer?.archive) return;
		const { counts } = this.#line.host.holding(ledger);
		const covered: Position[] = [];
		for (const at of point.covers.values()) if ((counts.get(at.epoch) ?? 0) <= at.count) covered.push(at);
		const held = covered.map(({ epoch }) => this.#rows.held(ledger, epoch));
		this.noteAcks(ledger, covered);
		for (const [i, { epoch }] of covered.entries()) this.#rows.noteBare(ledger, epoch, held[i] as number); // one each
	}

	/** What was sent and not answered for too long goes again: from what the peer is known to have. Called at every tick. */
	resendLate(): void {
		this.#flights.sweep(this.#isAcked, this.#line.nowMs());
		const { patienceMs } = this.#flights;
		const { oldest, took = 0 } = this.#sending ?? {};
		if (this.#pointPatience.isOver(oldest, took, patienceMs)) this.#sending?.rewind();
		if (!this.#rowsPatience.isOver(this.#flights.oldest, this.#flights.landed, patienceMs)) return;
		this.#flights.clear();
		this.#rows.rewind();
		this.lagInAll();
	}
}
