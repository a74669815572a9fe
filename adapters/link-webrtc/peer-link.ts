import { assert } from '../../src/base/assert.js';
import { Backoff, livedMs } from '../../src/base/backoff.js';
import { compareStrings } from '../../src/base/bytes.js';
import type { DeviceId } from '../../src/base/ids.js';
import type { Link, LinkEvents } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { Connection } from './connection.js';
import type { OpenPeer } from './driver.js';
import type { AttemptId, Call, Description, Signal } from './signal.js';

/** What a link to one peer needs of the source that found it. */
export interface PeerParts {
	readonly peer: DeviceId;
	/** Asked anew each time: a cloned device changes its name. */
	readonly self: () => DeviceId;
	/** Whether signals reach the peer now. */
	readonly reachable: () => boolean;
	readonly send: (signal: Signal) => void;
	readonly open: OpenPeer;
	/** This source's, see `Signal`. */
	readonly run: string;
	readonly timers: Timers;
	readonly random: () => number;
	readonly connectTimeoutMs: number;
	readonly problem: (problem: Error) => void;
	/** Counts the attempts of this source. */
	readonly nextAttempt: () => number;
	/** Nothing is up, and signals do not reach the peer: it is to be forgotten. */
	readonly idle: () => void;
	readonly stopped: () => void;
}

/** What one peer's signals may start anew in ten seconds; beyond it they are passed over. */
const restartsMax = 10;
const restartsPerMs = 10_000;

/**
 * The way to one peer. The side with the smaller id offers, once it knows by a call that the peer does WebRTC at all: many a
 * peer of the signals, a relay first of all, does not. The other side calls for an offer, where it has lost what it had
 * or nothing comes. Both try on, with growing patience, while signals reach the peer (SYN4).
 */
export class PeerLink implements Link {
	readonly kind: string;
	readonly #parts: PeerParts;
	readonly #backoff: Backoff;
	#events: LinkEvents | undefined;
	#stopped = false;
	/** Signals that came before `start`: only the last one that begins something counts. */
	#early: Signal | undefined;
	#connection: Connection | undefined;
	#attempt: AttemptId = { run: '', n: 0 };
	/** The peer's run, where it has been heard of since the last attempt that nobody answered. */
	#theirRun: string | undefined;
	#cancelTimer: (() => void) | undefined;
	#restarts = 0;

	constructor(parts: PeerParts) {
		this.#parts = parts;
		this.kind = `webrtc ${parts.peer}`;
		this.#backoff = new Backoff(parts);
	}

	start(events: LinkEvents): void {
		assert(this.#events === undefined, 'Link', 'a link is started once');
		this.#events = events;
		if (this.#stopped) return;
		const early = this.#early;
		if (early) this.heard(early);
		if (!this.#connection && !this.#cancelTimer) this.#try();
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#cancel();
		this.#connection?.close();
		this.#parts.stopped();
	}

	heard(signal: Signal): void {
		if (this.#stopped) return;
		if (!this.#events) {
			if (signal.kind === 'offer' || signal.kind === 'call') this.#early = signal;
			return;
		}
		switch (signal.kind) {
			case 'offer':
				this.#offered(signal);
				break;
			case 'call':
				if (this.#offering) this.#calledToOffer(signal);
				else this.#calledBack(signal);
				break;
			case 'answer':
				this.#answered(signal);
				break;
			case 'candidate':
				if (this.#isCurrent(signal)) this.#connection?.addCandidate(signal.candidate, signal.mid);
		}
	}

	get #offering(): boolean {
		return compareStrings(this.#parts.self(), this.#parts.peer) < 0;
	}

	#isCurrent({ run, n }: AttemptId): boolean {
		return run === this.#attempt.run && n === this.#attempt.n;
	}

	#offered({ run, n, by, sdp }: Description): void {
		if (this.#offering) return;
		const late = run === this.#attempt.run && n <= this.#attempt.n;
		if (late || !this.#mayRestart()) return;
		this.#theirRun = by;
		// Whoever offers again has nothing left of what was before.
		this.#drop();
		this.#attempt = { run, n };
		this.#begin()?.answer(sdp);
	}

	#answered(answer: Description): void {
		if (!this.#offering || !this.#isCurrent(answer)) return;
		this.#theirRun = answer.by;
		this.#connection?.answered(answer.sdp);
	}

	#calledToOffer(call: Call): void {
		const restarted = call.by !== this.#theirRun;
		const lost = this.#connection !== undefined && this.#isCurrent(call);
		// A call of before, that our offer has crossed or will answer in its turn.
		if ((!restarted && !lost) || !this.#mayRestart()) return;
		this.#theirRun = call.by;
		this.#drop();
		this.#offer();
	}

	/** The side that offers does not know of us, or not any more. */
	#calledBack(call: Call): void {
		const restarted = call.by !== this.#theirRun;
		if ((!restarted && this.#connection && !this.#isCurrent(call)) || !this.#mayRestart()) return;
		this.#theirRun = call.by;
		this.#drop();
		this.#call();
	}

	#mayRestart(): boolean {
		if (this.#restarts >= restartsMax) return false;
		if (this.#restarts++ === 0) this.#parts.timers.after(restartsPerMs, () => (this.#restarts = 0), true);
		return true;
	}

	/** Offers, or calls: for an offer, or to be called for one. */
	#try(): void {
		if (!this.#parts.reachable()) this.#parts.idle();
		else if (this.#offering && this.#theirRun !== undefined) this.#offer();
		else this.#call();
	}

	#offer(): void {
		this.#attempt = { run: this.#parts.run, n: this.#parts.nextAttempt() };
		this.#begin()?.offer();
	}

	#call(): void {
		this.#parts.send({ kind: 'call', by: this.#parts.run, ...this.#attempt });
		this.#later();
	}

	#later(): void {
		this.#cancel();
		this.#cancelTimer = this.#parts.timers.after(this.#backoff.nextMs(), () => {
			this.#cancelTimer = undefined;
			this.#try();
		});
	}

	#cancel(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
	}

	/** Gives up what there is, without a word to the other side that begins anew. */
	#drop(): void {
		this.#connection?.close();
		this.#cancel();
	}

	/** Undefined where the runtime has no connection to give, or what there was has stopped this link in its `down`. */
	#begin(): Connection | undefined {
		if (this.#stopped) return undefined;
		const { run, send, timers, connectTimeoutMs } = this.#parts;
		const peer = this.#openPeer();
		if (!peer) {
			this.#later();
			return undefined;
		}
		const head = { by: run, ...this.#attempt };
		let wasUp = false;
		const connection = new Connection(peer, timers, {
			described: (kind, sdp) => send({ kind, ...head, sdp }),
			candidate: (candidate, mid) => send({ kind: 'candidate', ...head, candidate, mid }),
			opened: () => {
				wasUp = true;
				this.#cancel();
				this.#cancelTimer = timers.after(livedMs, () => this.#backoff.reset(), true);
				this.#events?.up(connection);
			},
			frame: (bytes) => this.#events?.frame(bytes),
			ended: (why) => this.#ended(wasUp, why),
		});
		this.#connection = connection;
		this.#cancel();
		this.#cancelTimer = timers.after(
			connectTimeoutMs,
			() => {
				this.#theirRun = undefined;
				connection.abandon(`no connection within ${connectTimeoutMs} ms`);
			},
			true,
		);
		return connection;
	}

	#openPeer(): RTCPeerConnection | undefined {
		try {
			return this.#parts.open();
		} catch (error) {
			this.#parts.problem(
				new Error(`${this.kind}: ${error instanceof Error ? error.message : error}`, { cause: error }),
			);
			return undefined;
		}
	}

	#ended(wasUp: boolean, why: string | undefined): void {
		this.#connection = undefined;
		this.#cancel();
		if (why !== undefined) this.#parts.problem(new Error(`${this.kind}: ${why}`));
		if (!this.#stopped) this.#later();
		if (wasUp) this.#events?.down();
	}
}
