import { toHex } from '../base/bytes.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { keeps } from '../base/patterns.js';
import type { Standing } from '../journal/warden.js';
import type { Link, LinkEnd } from '../ports/index.js';
import { Comparison } from './comparison.js';
import {
	type Acquaintance,
	type Bye,
	decodeFrame,
	encodeFrame,
	type Frame,
	type FrameKind,
	type Hello,
	type Reach,
	type Role,
	type ShareAsk,
	type Signal,
} from './frames.js';
import { Greeting } from './greeting.js';
import { Heartbeat } from './heartbeat.js';
import type { PeerSession, SyncHost } from './host.js';
import { Inbox } from './inbox.js';
import { Incoming } from './incoming.js';
import type { Line } from './line.js';
import { Outgoing, type Span } from './outgoing.js';
import { tickMs } from './patience.js';
import { PeerRows } from './peer-rows.js';
import { admits, type Event, next, type State } from './states.js';
import { Turnstile } from './turnstile.js';

/** Greetings and questions that are not answered are repeated at twice the time, up to this. */
const repeatMaxMs = 5_000;
/** Frames before the proof; whoever sends more is hung up on. */
const earlyMax = 16;
/** Of a greeting, and of whatever comes before the proof: strangers are not listened to at length. */
const strangerBytesMax = 32 * 1024;
const helloKind = 1;
/** How often, at least, the clock is looked at: it may have jumped. */
const lookMs = 3_600_000;

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

/** What is known of one peer, and under way to it and from it: made anew whenever somebody else may be there. */
interface Conversation {
	readonly rows: PeerRows;
	readonly outgoing: Outgoing;
	readonly comparison: Comparison;
	readonly incoming: Incoming;
}

/** One link, all ledgers: proves who is there, compares, sends what lacks, and goes on as both grow (SYN5). */
export class Session implements PeerSession, Line {
	readonly host: SyncHost;
	readonly #events: SessionEvents;
	readonly #link: Link;
	#end: LinkEnd | undefined;
	#state: State = 'down';
	#peer: Hello | undefined;
	#replica: string | undefined;
	/** What it may do, in a chain that has a root key. */
	#standing: Standing | undefined;
	#cancelExpiry: (() => void) | undefined;
	/** Why the last conversation ended, where the peer said so. */
	lastBye: string | undefined;
	/** Frames that came in and went out, and the bytes in them. */
	readonly traffic = { bytesIn: 0, bytesOut: 0, framesIn: 0, framesOut: 0 };
	/** What a device had when it was here last. */
	#before: { readonly device: DeviceId; readonly rows: PeerRows } | undefined;
	#talk: Conversation;
	#cancelTick: (() => void) | undefined;
	#repeatMs = tickMs;
	#early = 0;
	/** It greeted anew over a line that it has compared on: it says nothing more of itself unless it is asked. */
	#metAgain = false;
	readonly #turnstile = new Turnstile();
	isFull = false;
	#held = false;
	readonly #greeting: Greeting;
	readonly #inbox: Inbox;
	readonly heartbeat: Heartbeat;

	constructor(host: SyncHost, link: Link, events: SessionEvents) {
		this.host = host;
		this.#events = events;
		this.#link = link;
		this.#talk = this.#newTalk();
		this.#greeting = new Greeting({
			host,
			opening: events.opening,
			send: (frame) => this.send(frame),
			binding: () => this.#end?.binding,
			met: () => this.#met(),
			proved: (peer, standing) => this.#proved(peer, standing),
			refused: (what) => this.#refuseEarly(what),
			close: (reason) => this.close(reason),
		});
		this.heartbeat = new Heartbeat({
			platform: host.platform,
			send: (beat) => this.send(beat),
			silent: () => this.close('silent'),
		});
		this.#inbox = new Inbox({
			handle: (bytes) => this.#handle(bytes),
			failed: (error) => this.host.refused(this, 'bad_frame', error),
			flooded: () => this.close('too_much'),
		});
	}

	/** Apart from the constructor: events may come at once, and whoever hears them must know this session. */
	start(): void {
		this.#link.start({
			up: (end) => this.#up(end),
			frame: (bytes) => this.#frame(bytes),
			unopened: (why) => this.host.refused(this, 'unopened_frame', new Error(why)),
			down: () => this.#down(),
		});
	}

	// ---- what others may know of it ----

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
		return this.#talk.outgoing.unackedBytes;
	}

	ackedBy(ledger: LedgerName, epoch: EpochId): number {
		return this.#talk.rows.acked(ledger, epoch);
	}

	told(ledger: LedgerName): ReadonlyMap<EpochId, number> | undefined {
		return this.inSync ? this.#talk.comparison.told(ledger) : undefined;
	}

	/** What the peer has of a ledger, where it said that there is no more. */
	toldAll(ledger: LedgerName): ReadonlyMap<EpochId, number> | undefined {
		return this.#talk.comparison.toldAll(ledger) ? this.told(ledger) : undefined;
	}

	carries(ledger: LedgerName): boolean {
		return this.#peer !== undefined && keeps(this.#peer.keeps, ledger) && this.#reads(ledger);
	}

	/** Of a ledger that the peer may not read nothing is said to it, and nothing is heard from it. */
	#reads(ledger: LedgerName): boolean {
		return this.#standing?.reads(ledger) ?? true;
	}

	// ---- what the circle of peers asks for ----

	/** Something is wanted here that the peer is to be asked for. */
	askForAll(): void {
		if (this.inSync && this.#greeting.isAnswered) this.#talk.comparison.askForAll();
	}

	/** Says who this is, anew: at the beginning, and when this device goes on under another name or keeps more. */
	greet(): void {
		if (!this.#end) return;
		this.#greeting.greet().catch((error: unknown) => this.host.refused(this, 'bad_frame', error));
		this.tickSoon();
	}

	/** The peer may lack rows of these epochs, or of any. */
	lag(ledger: LedgerName, epochs?: Iterable<EpochId>): void {
		if (!this.carries(ledger)) return;
		this.#talk.outgoing.lag(ledger, epochs);
		this.pump();
	}

	/** Tells the peer what is here of a ledger, though nothing came from it: what it takes for known is not. */
	again(ledger: LedgerName): void {
		if (this.inSync && this.carries(ledger)) this.#talk.comparison.noteAgain(ledger);
	}

	/** Sends a frame as it came, where the peer stands just before it. False where it must be served by differences. */
	forward(ledger: LedgerName, frame: Uint8Array, runs: readonly Span[]): boolean {
		return this.#talk.outgoing.forward(ledger, frame, runs);
	}

	ask(ask: ShareAsk): void {
		this.say(ask);
	}

	/** A message without a promise. */
	say(frame: Of<'ask' | 'reach' | 'peers' | 'signal'>): void {
		if (this.#peer && !('ledger' in frame && !this.#reads(frame.ledger))) this.send(frame);
	}

	/** The same, built once for many. */
	pass(message: Uint8Array): void {
		if (this.#peer) this.sendBytes(message);
	}

	/** Tells the peer, by and by, what is on disk here, so that it need not send it. */
	ackSoon(ledger: LedgerName, positions: Iterable<Position>): void {
		if (this.#reads(ledger)) this.#talk.incoming.ackSoon(ledger, positions);
	}

	/** Another line to the same device has brought or acknowledged these rows. */
	noteHas(ledger: LedgerName, positions: readonly Position[]): void {
		this.#talk.outgoing.noteHas(ledger, positions);
	}

	get held(): boolean {
		return this.#held;
	}

	/** Held back: another line to the same device carries the rows, or people want quiet. */
	hold(held: boolean): void {
		if (this.#held === held) return;
		this.#held = held;
		if (held) return;
		this.#talk.outgoing.lagInAll();
		this.pump();
	}

	pump(): void {
		this.#talk.outgoing.pump();
	}

	close(reason: Bye): void {
		this.send({ kind: 'bye', reason });
		this.#end?.close();
		this.#down();
	}

	stop(): void {
		if (this.#end) this.send({ kind: 'bye', reason: 'stopping' });
		this.#link.stop();
		this.#down();
	}

	// ---- the line, for the parts of the conversation ----

	get session(): PeerSession {
		return this;
	}

	get role(): Role {
		return this.#greeting.mine.role;
	}

	ping(): number {
		return this.heartbeat.ping();
	}

	get answered(): number {
		return this.heartbeat.answered;
	}

	nowMs(): number {
		return this.host.platform.clock.nowMs();
	}

	send(frame: Frame): boolean {
		return this.sendBytes(encodeFrame(frame));
	}

	sendBytes(frame: Uint8Array): boolean {
		const taken = this.#end?.send(frame) ?? false;
		if (!taken) {
			this.isFull = true;
			this.tickSoon();
			return false;
		}
		this.traffic.framesOut++;
		this.traffic.bytesOut += frame.length;
		return true;
	}

	acked(ledger: LedgerName, positions: Iterable<Position>): void {
		this.#events.acked(this, ledger, positions);
	}

	brought(ledger: LedgerName, epochs: readonly Position[]): void {
		this.#events.brought(this, ledger, epochs);
	}

	tickSoon(): void {
		if (this.#state === 'down' || this.#cancelTick) return;
		const delayMs = this.inSync ? tickMs : this.#repeatMs;
		this.#cancelTick = this.host.platform.timers.after(delayMs, () => this.#tick(), true);
	}

	// ---- from one state to the next ----

	#go(event: Event): void {
		this.#state = next[this.#state][event];
	}

	#newTalk(): Conversation {
		const rows = new PeerRows();
		const knows = (ledger: LedgerName): boolean => comparison.knows(ledger);
		const outgoing: Outgoing = new Outgoing(this, rows, knows);
		const before = this.#before?.device === this.#peer?.device ? this.#before?.rows : undefined;
		const comparison = new Comparison(this, rows, outgoing, before);
		return { rows, outgoing, comparison, incoming: new Incoming(this, rows, outgoing, comparison) };
	}

	#up(end: LinkEnd): void {
		this.#down();
		this.#go('up');
		this.#end = end;
		this.#repeatMs = tickMs;
		this.#turnstile.reset();
		this.heartbeat.start();
		this.greet();
		this.tickSoon();
	}

	#down(): void {
		if (this.#state === 'down') return;
		this.#forget();
		this.#go('down');
		this.#end = undefined;
		this.#greeting.forget();
		this.heartbeat.stop();
		this.#inbox.clear();
		this.#cancelTick?.();
		this.#cancelTick = undefined;
		this.#early = 0;
		this.#metAgain = false;
		this.#events.changed(this);
	}

	/** Nothing is known of the peer any more, but what it had, to be compared with what it says when it comes again. */
	#forget(): void {
		const { rows, incoming } = this.#talk;
		const device = this.#peer?.device;
		if (device !== undefined) {
			const before = this.#before?.device === device ? this.#before.rows : undefined;
			this.#before = { device, rows: before ? rows.inherit(before) : rows };
		}
		incoming.stop();
		this.#cancelExpiry?.();
		this.#standing = undefined;
		this.#peer = undefined;
		this.isFull = false;
		this.#talk = this.#newTalk();
	}

	#met(): void {
		const known = this.#peer !== undefined;
		this.#metAgain ||= known;
		this.#forget();
		this.#go('met');
		if (known) this.#events.changed(this);
		this.#repeatMs = tickMs;
		this.tickSoon(); // what is lost from here on comes again
	}

	#proved(peer: Hello, standing: Standing | undefined): void {
		if (this.#peer) return;
		this.#peer = peer;
		this.#standing = standing;
		this.#watchExpiry();
		this.#replica = `${peer.device} ${toHex(peer.opening)}`;
		this.#talk = this.#newTalk();
		this.#early = 0;
		this.lastBye = undefined;
		this.#go('proved');
		this.#repeatMs = tickMs;
		this.#talk.comparison.sendDigests(this.#metAgain);
		this.#metAgain = false;
		this.tickSoon();
	}

	/** A credential may expire while its device is here: from then on it is not listened to. */
	#watchExpiry(): void {
		if (!this.#standing) return;
		const leftMs = this.#standing.untilMs - this.nowMs();
		if (leftMs < 0) {
			this.close('expired');
			return;
		}
		const cancel = this.host.platform.timers.after(Math.min(leftMs + 1, lookMs), () => this.#watchExpiry(), true);
		this.#cancelExpiry = cancel;
	}

	/** Looks after what did not come. */
	#tick(): void {
		this.#cancelTick = undefined;
		const { comparison, outgoing } = this.#talk;
		if (this.#peer && !this.#greeting.isAnswered) this.#greeting.repeat(); // under another name, and the word of it was lost
		if (!this.inSync) {
			if (this.#peer) comparison.sendDigests(true);
			else this.#greeting.sendHello();
			this.#repeatMs = Math.min(repeatMaxMs, this.#repeatMs * 2);
			this.tickSoon();
			return;
		}
		this.isFull = false;
		comparison.repeat();
		outgoing.resendLate();
		outgoing.pump();
		if (comparison.waits || outgoing.waits || this.isFull || !this.#greeting.isAnswered) this.tickSoon();
	}

	// ---- what comes ----

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
		if (!frame) return this.host.refused(this, 'bad_frame');
		const verdict = admits[this.#state][frame.kind];
		if (verdict === 'ignore') return;
		if (verdict === 'early') return this.#refuseEarly(`${frame.kind} before the proof`);
		if ('ledger' in frame && !this.#reads(frame.ledger)) return this.host.refused(this, 'not_allowed');
		if (this.#turnstile.lets(frame, this.nowMs())) return this.#handlers[frame.kind](frame as never, bytes); // of its own kind
		this.host.refused(this, 'bad_frame', new Error(`${frame.kind} too often`));
	}

	#refuseEarly(what: string): void {
		this.host.refused(this, 'unproved_frame', new Error(what));
		this.#early++;
		if (this.#early > earlyMax) this.close('not_allowed');
	}

	readonly #handlers: Handlers = {
		hello: (hello) => this.#greeting.meet(hello),
		proof: ({ signature }) => this.#greeting.prove(signature),
		ping: (beat) => this.heartbeat.beat(beat),
		pong: (beat) => {
			this.heartbeat.beat(beat);
			const { rttMs } = this.heartbeat;
			if (rttMs !== undefined) this.#talk.outgoing.noteWay(rttMs);
		},
		bye: ({ reason }) => {
			this.lastBye = reason;
			this.#end?.close();
			this.#down();
		},
		digests: (frame) => this.#compare(frame),
		heads: (frame) => {
			this.#talk.comparison.hear(frame);
			this.pump();
		},
		update: (update, frame) => this.#talk.incoming.take(update, frame),
		point: (piece) => this.#talk.incoming.takePiece(piece),
		ack: ({ ledger, positions }) => {
			const known = positions.filter(({ epoch }) => this.host.have(ledger, epoch) > 0);
			this.#talk.outgoing.noteAcks(ledger, known, known);
			this.pump();
		},
		took: (took) => this.#talk.outgoing.noteTook(took),
		reach: ({ tier, ledger, positions }) => this.#events.reached(this, tier, ledger, positions),
		lost: ({ ledger, positions }) => this.host.lost(this, ledger, positions, false),
		ask: (ask) => this.host.receiveAsk(this, ask),
		peers: ({ devices }) => this.#events.acquainted(this, devices),
		signal: (signal) => this.#events.signal(this, signal),
	};

	#compare(frame: Of<'digests'>): void {
		if (!this.#talk.comparison.compare(frame)) return;
		const fresh = !this.inSync;
		this.#go('compared');
		if (fresh) {
			this.heartbeat.ping(); // how far away it is says how much it may get at once
			this.#events.changed(this);
		}
		if (this.#greeting.isAnswered) this.#talk.comparison.askForAll();
		this.pump();
	}
}
