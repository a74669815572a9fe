import { equalBytes, toHex } from '../base/bytes.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Link, LinkEnd } from '../ports/index.js';
import { frameOf } from './batches.js';
import { classOf } from './classes.js';
import { chunkBytes, Flights } from './flights.js';
import {
	type Acquaintance,
	type Bye,
	decodeFrame,
	encodeFrame,
	type Frame,
	type FrameKind,
	type Hello,
	type LedgerHeads,
	type Reach,
	type ShareAsk,
	type Signal,
} from './frames.js';
import { createHello, nonceBytes, objection, statement, verifyProof } from './handshake.js';
import { Heartbeat } from './heartbeat.js';
import type { PeerSession, SyncHost } from './host.js';
import { Inbox } from './inbox.js';
import { keeps } from './keeps.js';
import { PeerRows } from './peer-rows.js';
import { Receiving, Sending } from './point-transfer.js';
import { admits, type Event, next, type State } from './states.js';
import { Turnstile } from './turnstile.js';

/** How often a session looks after what did not come, where something is waited for. */
const tickMs = 200;
/** Without any acknowledgement for this long, what is under way is sent again; doubles while that does not help. */
const patienceMaxMs = 30_000;
/** Greetings and questions that are not answered are repeated at twice the time, up to this. */
const repeatMaxMs = 5_000;
/** Acknowledgements that nobody waits for gather this long. */
const ackDelayMs = 50;
/** An update of at least this many bytes is part of a backlog: its sender waits for the acknowledgement. */
const promptBytes = 16 * 1024;
/** Updates whose rows are on their way to disk: as many as an honest peer has under way share a sync. */
const storingBytesMax = 1024 * 1024;
/** What an update costs beside its bytes. */
const storingOverheadBytes = 256;
/** Frames before the proof; whoever sends more is hung up on. */
const earlyMax = 16;
/** Of a greeting, and of whatever comes before the proof: strangers are not listened to at length. */
const strangerBytesMax = 16 * 1024;
const helloKind = 1;
/** Heads of many ledgers are told in frames of about this size. */
const headsBytesMax = 256 * 1024;
const positionBytesMax = 12;
const headBytes = 48;

/** What sessions tell the circle of peers that they are part of. */
export interface SessionEvents {
	/** Of this replica, drawn when it opened. */
	readonly opening: Uint8Array;
	changed(session: Session): void;
	acked(session: Session, ledger: LedgerName, positions: Iterable<Position>): void;
	/** Rows of these epochs came from the peer, and what was taken of them is on disk. */
	brought(session: Session, ledger: LedgerName, epochs: readonly Position[]): void;
	reached(session: Session, tier: Reach, ledger: LedgerName, positions: readonly Position[]): void;
	acquainted(session: Session, devices: readonly Acquaintance[]): void;
	signal(session: Session, signal: Signal): void;
}

type Of<K extends FrameKind> = Extract<Frame, { kind: K }>;
type Handlers = { readonly [K in FrameKind]: (frame: Of<K>, bytes: Uint8Array) => void | Promise<void> };

/** One conversation over one link, all ledgers: proves who is there, compares, sends what lacks, goes on as both grow (SYN5). */
export class Session implements PeerSession {
	readonly #host: SyncHost;
	readonly #events: SessionEvents;
	readonly #link: Link;
	#end: LinkEnd | undefined;
	#state: State = 'down';
	#mine: Hello;
	/** What the peer says of itself, not proved yet. */
	#theirs: Hello | undefined;
	#peer: Hello | undefined;
	#replica: string | undefined;
	/** Why the last conversation ended, where the peer said so. */
	lastBye: string | undefined;
	/** Bytes in the frames that came in and went out. */
	readonly traffic = { bytesIn: 0, bytesOut: 0, framesIn: 0, framesOut: 0 };

	#rows = new PeerRows();
	/** The same of the last conversation, to see what the peer has lost since. */
	#before: { readonly device: DeviceId; readonly rows: PeerRows } | undefined;
	readonly #flights = new Flights();
	/** Ledgers of which the peer lacks rows: of these epochs, or of any. */
	readonly #lagging = new Map<LedgerName, Set<EpochId> | undefined>();
	readonly #backlogs = new Set<LedgerName>();
	/** Ledgers whose heads were asked for. */
	readonly #missing = new Set<LedgerName>();
	/** Ledgers of which something did not fit: the peer is told our heads (SYN1). */
	readonly #again = new Set<LedgerName>();
	/** Checkpoints that the peer has, as hex of their ids. */
	readonly #points = new Map<LedgerName, string>();
	#sending: Sending | undefined;
	/** Ledgers whose checkpoint waits until that one is there. */
	readonly #owed = new Set<LedgerName>();
	#receiving: Receiving | undefined;
	/** The checkpoint that came last as a whole: its sender may not have heard so. */
	#received: Uint8Array | undefined;
	readonly #acks = new Map<LedgerName, Map<EpochId, number>>();
	#cancelAcks: (() => void) | undefined;
	#cancelTick: (() => void) | undefined;
	#repeatMs = tickMs;
	/** How often what was under way has been sent again without an answer. */
	#resends = 0;
	#answeredMs = 0;
	#early = 0;
	readonly #turnstile = new Turnstile();
	#refused = false;
	#storing = 0;
	#held = false;
	readonly #inbox: Inbox;
	readonly heartbeat: Heartbeat;

	constructor(host: SyncHost, link: Link, events: SessionEvents) {
		this.#host = host;
		this.#events = events;
		this.#link = link;
		this.#mine = this.#newHello();
		this.heartbeat = new Heartbeat({
			platform: host.platform,
			send: (beat) => this.#send(beat),
			silent: () => this.close('silent'),
		});
		this.#inbox = new Inbox({
			handle: (bytes) => this.#handle(bytes),
			failed: (error) => this.#host.refused(this, 'bad_frame', error),
			flooded: () => this.close('too_much'),
		});
	}

	/** Apart from the constructor: events may come at once, and whoever hears them must know this session. */
	start(): void {
		this.#link.start({ up: (end) => this.#up(end), frame: (bytes) => this.#frame(bytes), down: () => this.#down() });
	}

	get peer(): Hello | undefined {
		return this.#peer;
	}

	get replica(): string | undefined {
		return this.inSync ? this.#replica : undefined;
	}

	get via(): string {
		return this.#link.kind;
	}

	get inSync(): boolean {
		return this.#state === 'live';
	}

	get rttMs(): number | undefined {
		return this.heartbeat.rttMs;
	}

	get unackedBytes(): number {
		return this.#flights.bytes;
	}

	ackedBy(ledger: LedgerName, epoch: EpochId): number {
		return this.#rows.acked(ledger, epoch);
	}

	told(ledger: LedgerName): ReadonlyMap<EpochId, number> | undefined {
		return this.inSync ? this.#rows.told(ledger) : undefined;
	}

	carries(ledger: LedgerName): boolean {
		return this.#peer !== undefined && keeps(this.#peer.keeps, ledger);
	}

	// ---- what the circle of peers asks for ----

	/** Says who this is, anew: at the beginning, and when this device goes on under another name or keeps more. */
	greet(): void {
		if (!this.#end) return;
		this.#mine = this.#newHello();
		this.#sendHello();
		if (this.#theirs)
			this.#sendProof(this.#theirs).catch((error: unknown) => this.#host.refused(this, 'bad_frame', error));
	}

	/** The peer may lack rows of these epochs, or of any. */
	lag(ledger: LedgerName, epochs?: Iterable<EpochId>): void {
		if (!this.carries(ledger)) return;
		const known = this.#lagging.get(ledger);
		if (!this.#lagging.has(ledger)) this.#lagging.set(ledger, epochs && new Set(epochs));
		else if (!epochs) this.#lagging.set(ledger, undefined);
		else if (known) for (const epoch of epochs) known.add(epoch);
		this.pump();
	}

	/** Sends a frame as it came, where the peer stands just before it. False where it must be served by differences. */
	forward(
		ledger: LedgerName,
		frame: Uint8Array,
		runs: readonly { readonly epoch: EpochId; readonly from: number; readonly to: number }[],
	): boolean {
		if (!this.inSync || this.#held || this.#lagging.has(ledger) || !this.#flights.mayNews) return false;
		if (!this.#knows(ledger)) return false;
		for (const { epoch, from } of runs) if (this.#rows.sent(ledger, epoch) !== from) return false;
		if (!this.#sendBytes(frame)) return false;
		const tips = runs.map(({ epoch, to }) => ({ epoch, count: to }));
		this.#launched(ledger, tips, frame.length, false);
		return true;
	}

	ask(ask: ShareAsk): void {
		this.say(ask);
	}

	/** A message without a promise. */
	say(frame: Of<'ask' | 'reach' | 'peers' | 'signal'>): void {
		if (this.#peer) this.#send(frame);
	}

	/** Tells the peer, by and by, what is on disk here, so that it need not send it. */
	ackSoon(ledger: LedgerName, positions: Iterable<Position>): void {
		const known = this.#acks.get(ledger) ?? new Map<EpochId, number>();
		this.#acks.set(ledger, known);
		for (const { epoch, count } of positions) known.set(epoch, Math.max(count, known.get(epoch) ?? 0));
		this.#cancelAcks ??= this.#host.platform.timers.after(ackDelayMs, () => this.#sendAcks(), true);
	}

	/** Another line to the same device has brought or acknowledged these rows. */
	noteHas(ledger: LedgerName, positions: readonly Position[]): void {
		if (!this.inSync || !this.#knows(ledger)) return;
		for (const { epoch, count } of positions) this.#rows.noteAck(ledger, epoch, count);
		this.#flights.sweep(this.#isAcked, this.#nowMs());
	}

	/** Held back: another line to the same device carries the rows, or people want quiet. */
	hold(held: boolean): void {
		if (this.#held === held) return;
		this.#held = held;
		if (held) return;
		for (const ledger of this.#rows.ledgers()) this.#lagging.set(ledger, undefined);
		this.pump();
	}

	close(reason: Bye): void {
		this.#send({ kind: 'bye', reason });
		this.#end?.close();
		this.#down();
	}

	stop(): void {
		if (this.#end) this.#send({ kind: 'bye', reason: 'stopping' });
		this.#link.stop();
		this.#down();
	}

	// ---- the line ----

	#newHello(): Hello {
		return createHello(this.#host.introduce(), this.#host.platform.random.bytes(nonceBytes), this.#events.opening);
	}

	#go(event: Event): void {
		this.#state = next[this.#state][event];
	}

	#up(end: LinkEnd): void {
		this.#down();
		this.#go('up');
		this.#end = end;
		this.#repeatMs = tickMs;
		this.#turnstile.reset();
		this.heartbeat.start();
		this.greet();
		this.#tickSoon();
	}

	#down(): void {
		if (this.#state === 'down') return;
		this.#remember();
		this.#go('down');
		this.#end = undefined;
		this.heartbeat.stop();
		this.#inbox.clear();
		this.#cancelTick?.();
		this.#cancelTick = undefined;
		this.#early = 0;
		this.#forget();
		this.#events.changed(this);
	}

	/** What the peer had, to be compared with what it says when it comes again. */
	#remember(): void {
		const device = this.#peer?.device;
		if (device === undefined) return;
		const before = this.#before?.device === device ? this.#before.rows : undefined;
		this.#before = { device, rows: before ? this.#rows.inherit(before) : this.#rows };
	}

	/** Nothing is known of the peer. */
	#forget(): void {
		this.#peer = undefined;
		this.#theirs = undefined;
		this.#rows = new PeerRows();
		this.#flights.forget();
		for (const state of [
			this.#lagging,
			this.#backlogs,
			this.#missing,
			this.#again,
			this.#owed,
			this.#points,
			this.#acks,
		])
			state.clear();
		this.#sending = undefined;
		this.#receiving = undefined;
		this.#received = undefined;
		this.#cancelAcks?.();
		this.#cancelAcks = undefined;
		this.#refused = false;
		this.#resends = 0;
	}

	#send(frame: Frame): boolean {
		return this.#sendBytes(encodeFrame(frame));
	}

	#sendBytes(frame: Uint8Array): boolean {
		const taken = this.#end?.send(frame) ?? false;
		if (!taken) {
			this.#refused = true;
			this.#tickSoon();
			return false;
		}
		this.traffic.framesOut++;
		this.traffic.bytesOut += frame.length;
		return true;
	}

	#frame(bytes: Uint8Array): void {
		this.heartbeat.heard();
		this.traffic.framesIn++;
		this.traffic.bytesIn += bytes.length;
		this.#inbox.put(bytes);
	}

	#handle(bytes: Uint8Array): void | Promise<void> {
		const isLong = bytes.length > strangerBytesMax;
		if (isLong && this.#state !== 'down' && !this.#peer) return this.#refuseEarly('a long frame before the proof');
		const frame = isLong && bytes[0] === helloKind ? undefined : decodeFrame(bytes);
		if (!frame) return this.#host.refused(this, 'bad_frame');
		const verdict = admits[this.#state][frame.kind];
		if (verdict === 'ignore') return;
		if (verdict === 'early') return this.#refuseEarly(`${frame.kind} before the proof`);
		if (this.#turnstile.lets(frame, this.#nowMs())) return this.#handlers[frame.kind](frame as never, bytes); // of its own kind
		this.#host.refused(this, 'bad_frame', new Error(`${frame.kind} too often`));
	}

	#refuseEarly(what: string): void {
		this.#host.refused(this, 'unproved_frame', new Error(what));
		this.#early++;
		if (this.#early > earlyMax) this.close('not_allowed');
	}

	readonly #handlers: Handlers = {
		hello: (hello) => this.#meet(hello),
		proof: ({ signature }) => this.#prove(signature),
		ping: (beat) => this.heartbeat.beat(beat),
		pong: (beat) => this.heartbeat.beat(beat),
		bye: ({ reason }) => {
			this.lastBye = reason;
			this.#end?.close();
			this.#down();
		},
		digests: (frame) => this.#compare(frame),
		heads: (frame) => this.#hear(frame),
		update: (update, frame) => this.#take(update, frame),
		point: (piece) => this.#takePiece(piece),
		ack: ({ ledger, positions }) => {
			this.#noteAcks(
				ledger,
				positions.filter(({ epoch }) => this.#host.have(ledger, epoch) > 0),
			);
			this.pump();
		},
		took: (took) => this.#noteTook(took),
		reach: ({ tier, ledger, positions }) => this.#events.reached(this, tier, ledger, positions),
		lost: ({ ledger, positions }) => this.#host.lost(this, ledger, positions, false),
		ask: (ask) => this.#host.receiveAsk(this, ask),
		peers: ({ devices }) => this.#events.acquainted(this, devices),
		signal: (signal) => this.#events.signal(this, signal),
	};

	// ---- who is there ----

	#sendHello(): void {
		this.#send({ ...this.#mine, answers: this.#theirs?.nonce ?? new Uint8Array() });
	}

	async #meet(hello: Hello): Promise<void> {
		const { platform } = this.#host;
		const no = objection(this.#mine, hello, platform.crypto);
		if (no) return this.close(no);
		if (!this.#theirs || !equalBytes(this.#theirs.nonce, hello.nonce)) {
			const known = this.#peer !== undefined;
			this.#remember();
			this.#forget();
			this.#theirs = hello;
			this.#go('met');
			if (known) this.#events.changed(this);
			this.#repeatMs = tickMs;
			this.#tickSoon(); // what is lost from here on comes again
		}
		if (!equalBytes(hello.answers, this.#mine.nonce)) this.#sendHello();
		await this.#sendProof(hello);
	}

	async #sendProof(hello: Hello): Promise<void> {
		const end = this.#end;
		const signature = await this.#host.sign(statement(this.#mine, hello));
		if (end === this.#end) this.#send({ kind: 'proof', signature });
	}

	async #prove(signature: Uint8Array): Promise<void> {
		const [theirs, mine] = [this.#theirs, this.#mine];
		if (!theirs) return;
		const sound = await verifyProof(this.#host.platform.crypto, mine, theirs, signature);
		// A proof for a greeting of ours that we have since replaced says nothing either way.
		if (this.#theirs !== theirs || this.#mine !== mine) return;
		if (!sound) return this.#refuseEarly('the proof does not hold');
		this.#peer = theirs;
		this.#replica = `${theirs.device} ${toHex(theirs.opening)}`;
		this.#early = 0;
		this.lastBye = undefined;
		this.#go('proved');
		this.#repeatMs = tickMs;
		this.#sendDigests(false);
		this.#tickSoon();
	}

	// ---- who has what ----

	*#shared(): Iterable<LedgerName> {
		for (const ledger of this.#host.ledgers()) if (this.carries(ledger)) yield ledger;
	}

	#sendDigests(answer: boolean): void {
		const ledgers = [...this.#shared()].map((ledger) => ({ ledger, digest: this.#host.holding(ledger).digest }));
		this.#send({ kind: 'digests', answer, ledgers });
	}

	#sendHeads(ledgers: Iterable<LedgerName>, answer: boolean): void {
		let [heads, size]: [LedgerHeads[], number] = [[], 0];
		for (const ledger of ledgers) {
			const each = this.#host.heads(ledger);
			const more = ledger.length * 3 + (each.rows.length + each.covered.length) * positionBytesMax + headBytes;
			if (heads.length > 0 && size + more > headsBytesMax) {
				this.#send({ kind: 'heads', answer, ledgers: heads });
				[heads, size] = [[], 0];
			}
			heads.push(each);
			size += more;
		}
		if (heads.length > 0) this.#send({ kind: 'heads', answer, ledgers: heads });
	}

	#compare({ answer, ledgers }: Of<'digests'>): void {
		if (answer) this.#sendDigests(false);
		const theirs = new Map(ledgers.map(({ ledger, digest }) => [ledger, digest]));
		const differ: LedgerName[] = [];
		for (const ledger of this.#shared()) {
			const digest = theirs.get(ledger);
			theirs.delete(ledger);
			const holding = this.#host.holding(ledger);
			if (!digest) this.#learn(ledger, new Map());
			else if (equalBytes(digest, holding.digest)) {
				const point = this.#host.checkpoint(ledger);
				if (point) this.#points.set(ledger, toHex(point.id));
				this.#learn(ledger, holding.counts);
			} else differ.push(ledger);
		}
		for (const ledger of differ) if (!this.#rows.told(ledger)) this.#missing.add(ledger);
		this.#sendHeads(differ, false); // as the peer will, unless what it compared was older: then it is asked
		if (this.#missing.size > 0) this.#tickSoon();
		const fresh = this.#state !== 'live';
		this.#go('compared');
		if (fresh) this.#events.changed(this);
		this.pump();
	}

	#hear({ ledgers, answer }: Of<'heads'>): void {
		const wanted: LedgerName[] = [];
		for (const { ledger, rows, covered, checkpoint } of ledgers) {
			// Of a ledger that is not here nothing is kept: whatever comes of it tells what they have.
			if (!this.carries(ledger) || !this.#isHeld(ledger)) continue;
			this.#points.set(ledger, toHex(checkpoint));
			const told = new Map<EpochId, number>();
			for (const { epoch, count } of [...covered, ...rows]) if ((told.get(epoch) ?? 0) < count) told.set(epoch, count);
			this.#learn(ledger, told);
			const held = new Set(rows.map(({ epoch }) => epoch));
			for (const { epoch } of covered) if (!held.has(epoch)) this.#rows.needsWhole(ledger, epoch);
			wanted.push(ledger);
		}
		if (answer) this.#sendHeads(wanted, false);
		this.pump();
	}

	/** What the peer has of a ledger: the truth, even where it is less than before, for a disk may have been lost. */
	#learn(ledger: LedgerName, told: ReadonlyMap<EpochId, number>): void {
		if (!this.#rows.told(ledger)) this.#compareWithBefore(ledger, told);
		this.#missing.delete(ledger);
		this.#rows.tell(ledger, told);
		this.#flights.sweep((of, at) => of === ledger || this.#isAcked(of, at), this.#nowMs());
		this.#events.acked(this, ledger, positionsOf(told));
		if (told !== this.#host.holding(ledger).counts) this.#lagging.set(ledger, undefined);
	}

	/** Is it known what the peer has of a ledger? Of one that has come into being since the comparison, it has nothing. */
	#knows(ledger: LedgerName, brings = false): boolean {
		if (this.#rows.told(ledger)) return true;
		if (!this.inSync || this.#missing.has(ledger) || !(brings || this.#isHeld(ledger))) return false;
		this.#rows.tell(ledger, new Map());
		return true;
	}

	/** Peers may name any ledger: nothing is remembered of those that are not here. */
	#isHeld(ledger: LedgerName): boolean {
		return this.#host.holding(ledger).counts.size > 0 || this.#host.checkpoint(ledger) !== undefined;
	}

	/** What the peer had acknowledged in the last conversation, and has no more, it is told by name. */
	#compareWithBefore(ledger: LedgerName, told: ReadonlyMap<EpochId, number>): void {
		const before = this.#before;
		if (!before || before.device !== this.#peer?.device) return;
		const gone = before.rows.missing(ledger, told).map(([epoch, count]) => ({ epoch, count }));
		if (gone.length === 0) return;
		this.#send({ kind: 'lost', ledger, positions: gone });
		this.#host.lost(this, ledger, gone, true);
	}

	// ---- what comes ----

	/** The next frame is read while this one goes to disk; only the acknowledgement waits, and too many of them. */
	async #take(update: Of<'update'>, frame: Uint8Array): Promise<void> {
		const { ledger, seals } = update;
		if (this.#knows(ledger, true)) this.#noteAcks(ledger, seals); // durable there before it left (JRN3)
		const done = this.#host.receive(this, update, frame).then(({ acks, again }) => {
			const none = seals.filter(({ epoch }) => this.#host.have(ledger, epoch) === 0);
			if (none.length > 0)
				this.#rows.forget(
					ledger,
					none.map(({ epoch }) => epoch),
				);
			this.#events.brought(this, ledger, seals);
			if (acks.length > 0) this.#acknowledge(ledger, acks, frame.length);
			if (!again) return;
			this.#again.add(ledger);
			this.#tickSoon();
		});
		const bytes = frame.length + storingOverheadBytes;
		this.#storing += bytes;
		const ended = done
			.catch((error: unknown) => this.#host.refused(this, 'bad_frame', error))
			.finally(() => {
				this.#storing -= bytes;
			});
		if (this.#storing >= storingBytesMax) await ended;
	}

	/** At once where somebody waits for it: the author, whoever relays for him, or the sender of a backlog. */
	#acknowledge(ledger: LedgerName, acks: readonly Position[], bytes: number): void {
		const byAuthor = () => acks.some(({ epoch }) => this.#host.authorOf(ledger, epoch) === this.#peer?.device);
		if (this.#mine.role !== 'device' || bytes >= promptBytes || byAuthor())
			this.#send({ kind: 'ack', ledger, positions: acks });
		else this.ackSoon(ledger, acks);
	}

	#sendAcks(): void {
		this.#cancelAcks = undefined;
		for (const [ledger, known] of this.#acks) this.#send({ kind: 'ack', ledger, positions: positionsOf(known) });
		this.#acks.clear();
	}

	async #takePiece(piece: Of<'point'>): Promise<void> {
		const { ledger, id, bytes } = piece;
		const took = (count: number) => this.#send({ kind: 'took', ledger, id, bytes: count });
		if (bytes > limits.checkpointBytes)
			return this.#host.refused(this, 'bad_frame', new Error('a checkpoint too large'));
		const isHere = (known: Uint8Array | undefined) => known !== undefined && equalBytes(known, id);
		if (isHere(this.#host.checkpoint(ledger)?.id) || isHere(this.#received)) {
			this.#points.set(ledger, toHex(id));
			took(bytes);
			return;
		}
		if (!this.#receiving?.isOf(piece)) this.#receiving = new Receiving(piece);
		const count = this.#receiving.take(piece);
		const whole = this.#receiving.whole;
		if (whole) {
			this.#receiving = undefined;
			this.#received = id;
			this.#points.set(ledger, toHex(id));
			await this.#host.receiveCheckpoint(this, whole);
		}
		took(count);
	}

	#noteAcks(ledger: LedgerName, positions: readonly Position[]): void {
		if (!this.#knows(ledger)) return;
		let news = false;
		for (const { epoch, count } of positions) if (this.#rows.noteAck(ledger, epoch, count)) news = true;
		if (!news) return;
		this.#answeredMs = this.#nowMs();
		this.#refused = false; // whoever acknowledges reads: the line has room again
		this.#resends = 0;
		this.#flights.land(this.#isAcked, this.#nowMs());
		this.#events.acked(this, ledger, positions);
	}

	readonly #isAcked = (ledger: LedgerName, { epoch, count }: Position): boolean =>
		this.#rows.acked(ledger, epoch) >= count;

	#noteTook(took: Of<'took'>): void {
		const sending = this.#sending;
		if (!sending || sending.ledger !== took.ledger || !equalBytes(sending.point.id, took.id)) return;
		this.#answeredMs = this.#nowMs();
		this.#resends = 0;
		if (sending.noteTook(took)) {
			this.#sending = undefined;
			this.#points.set(took.ledger, toHex(took.id));
			this.#noteCovered(sending);
			for (const ledger of this.#owed) if (!this.#lagging.has(ledger)) this.#lagging.set(ledger, new Set());
			this.#owed.clear();
		}
		this.pump();
	}

	/** Of what the checkpoint covers as far as it goes here, the peer needs no row, unless it is an archive. */
	#noteCovered({ ledger, point }: Sending): void {
		if (this.#peer?.archive) return;
		const { counts } = this.#host.holding(ledger);
		const covered: Position[] = [];
		for (const at of point.covers.values()) if ((counts.get(at.epoch) ?? 0) <= at.count) covered.push(at);
		this.#noteAcks(ledger, covered);
	}

	// ---- what goes out ----

	/** Sends what the peer lacks, first things first, as far as the line and the peer keep up (SYN3, SYN4). */
	pump(): void {
		while (this.inSync && !this.#held && !this.#refused) {
			const ledger = this.#nextLedger();
			if (ledger === undefined) break;
			if (this.#pushPoint(ledger) === 'first') continue;
			if (!this.#pushRows(ledger)) break;
		}
		this.#pushPieces();
	}

	/** News before backlogs, classes in order, one ledger's chunk after the other's. */
	#nextLedger(): LedgerName | undefined {
		let best: LedgerName | undefined;
		let rank = Number.POSITIVE_INFINITY;
		for (const ledger of this.#lagging.keys()) {
			if (!this.#knows(ledger) || this.#waitsForPoint(ledger)) continue;
			const isBacklog = this.#backlogs.has(ledger);
			const of = isBacklog ? 9 : classOf(ledger);
			if (of >= rank || !(isBacklog ? this.#flights.mayBacklog : this.#flights.mayNews)) continue;
			best = ledger;
			rank = of;
		}
		return best;
	}

	#pushRows(ledger: LedgerName): boolean {
		const among = this.#lagging.get(ledger);
		const batch = this.#host.lacking(ledger, (epoch) => this.#rows.sent(ledger, epoch), chunkBytes, among);
		this.#lagging.delete(ledger);
		if (!batch) {
			this.#backlogs.delete(ledger);
			return true;
		}
		this.#lagging.set(ledger, among); // at the end of its class
		const frame = frameOf(ledger, batch);
		if (!this.#sendBytes(frame)) return false;
		const isBacklog = this.#backlogs.has(ledger);
		// A chunk that is full is followed by others.
		if (batch.bytes >= chunkBytes / 2) this.#backlogs.add(ledger);
		const tips = batch.runs.map(({ epoch, from, entries }) => ({ epoch, count: from + entries.length }));
		this.#launched(ledger, tips, frame.length, isBacklog);
		return true;
	}

	#launched(ledger: LedgerName, tips: readonly Position[], bytes: number, isBacklog: boolean): void {
		const sentMs = this.#nowMs();
		if (this.#flights.oldestMs === undefined) this.#answeredMs = sentMs;
		for (const { epoch, count } of tips) this.#rows.noteSent(ledger, epoch, count);
		this.#flights.add({ ledger, tips, bytes, sentMs, isBacklog });
		this.#tickSoon();
	}

	/** A new checkpoint is on its way, or begins it. `first`: the rows must wait for it. */
	#pushPoint(ledger: LedgerName): 'first' | 'none' {
		const point = this.#host.checkpoint(ledger);
		if (!point || this.#points.get(ledger) === toHex(point.id)) return 'none';
		if (this.#sending) {
			this.#owed.add(ledger);
			return 'none';
		}
		this.#sending = new Sending(ledger, point);
		if (this.#flights.oldestMs === undefined) this.#answeredMs = this.#nowMs();
		return this.#waitsForPoint(ledger) ? 'first' : 'none';
	}

	/** The peer is far behind the checkpoint under way: most of the rows before it need not be sent at all. */
	#waitsForPoint(ledger: LedgerName): boolean {
		const sending = this.#sending;
		if (sending?.ledger !== ledger || this.#peer?.archive) return false;
		for (const { epoch, count } of sending.point.covers.values())
			if (this.#rows.acked(ledger, epoch) < count) return true;
		return false;
	}

	#pushPieces(): void {
		while (this.#sending && this.inSync && !this.#held && !this.#refused && this.#flights.mayNews) {
			const piece = this.#sending.next();
			if (!piece || !this.#send(piece)) break;
			this.#sending.noteSent(piece);
			this.#tickSoon();
		}
	}

	// ---- what did not come ----

	#tickSoon(): void {
		if (this.#state === 'down') return;
		this.#cancelTick ??= this.#host.platform.timers.after(
			this.inSync ? tickMs : this.#repeatMs,
			() => this.#tick(),
			true,
		);
	}

	#tick(): void {
		this.#cancelTick = undefined;
		if (!this.inSync) {
			if (this.#peer) this.#sendDigests(true);
			else this.#sendHello();
			this.#repeatMs = Math.min(repeatMaxMs, this.#repeatMs * 2);
			this.#tickSoon();
			return;
		}
		this.#refused = false;
		this.#sendHeads(this.#again, false);
		this.#again.clear();
		this.#sendHeads(this.#missing, true);
		this.#flights.sweep(this.#isAcked, this.#nowMs());
		this.#resendLate();
		this.pump();
		const waits = this.#missing.size > 0 || this.#sending !== undefined || this.#refused;
		if (waits || this.#flights.oldestMs !== undefined) this.#tickSoon();
	}

	#resendLate(): void {
		if (this.#flights.oldestMs === undefined && !this.#sending) return;
		const patienceMs = Math.min(patienceMaxMs, this.#flights.patienceMs * 2 ** this.#resends);
		if (Math.abs(this.#nowMs() - this.#answeredMs) < patienceMs) return;
		this.#answeredMs = this.#nowMs();
		this.#resends++;
		this.#sending?.rewind();
		this.#flights.clear();
		this.#rows.rewind();
		for (const ledger of this.#rows.ledgers()) this.#lagging.set(ledger, undefined);
	}

	#nowMs(): number {
		return this.#host.platform.clock.nowMs();
	}
}

function positionsOf(counts: ReadonlyMap<EpochId, number>): Position[] {
	return [...counts].map(([epoch, count]) => ({ epoch, count }));
}
