import type { Link, LinkEnd, LinkEvents, Platform } from '../ports/index.js';
import { type Bye, encodeFrame } from '../sync/frames.js';
import { burst, type RelayLimits, TokenBucket } from './quota.js';

/** Frames that make a relay compare all that it holds: hello, digests, heads. */
const comparing: ReadonlySet<number> = new Set([1, 6, 7]);
/** Frames that it looks up or passes on: ask, peers, signal. */
const messages: ReadonlySet<number> = new Set([14, 15, 16]);
/** What a session sends only to a peer that has proved who it is. */
const digestsKind = 6;
const updateKind = 8;

export type CrossedLimit = 'requests' | 'messages' | 'bytes' | 'unproven';

/** What all connections carried together. */
export interface Traffic {
	framesIn: number;
	framesOut: number;
	bytesIn: number;
	bytesOut: number;
	/** Of the frames out: updates. */
	updatesOut: number;
}

export interface GuardOptions {
	readonly platform: Platform;
	readonly limits: RelayLimits;
	readonly traffic: Traffic;
	/** The connection is closed, with a word why. */
	readonly crossed: (limit: CrossedLimit) => void;
	/** The connection has ended, and does not come up again. */
	readonly ended: () => void;
}

/** A connection from outside: counted, and closed where it asks too much or does not say who it is. */
export class GuardedLink implements Link {
	readonly #link: Link;
	readonly #o: GuardOptions;
	readonly #requests: TokenBucket;
	readonly #messages: TokenBucket;
	readonly #bytes: TokenBucket;
	#end: LinkEnd | undefined;
	#cancelProof = () => {};

	constructor(link: Link, options: GuardOptions) {
		this.#link = link;
		this.#o = options;
		const { limits, platform } = options;
		const nowMs = platform.clock.nowMs();
		const bucket = (perSecond: number) => new TokenBucket(perSecond, perSecond * burst, nowMs);
		this.#requests = bucket(limits.requestsPerSecond);
		this.#messages = bucket(limits.messagesPerSecond);
		this.#bytes = bucket(limits.bytesPerSecond);
	}

	get kind(): string {
		return this.#link.kind;
	}

	start(events: LinkEvents): void {
		this.#link.start({
			up: (end) => this.#up(end, events),
			frame: (bytes) => {
				if (this.#isAllowed(bytes)) events.frame(bytes);
			},
			down: () => {
				this.#cancelProof();
				this.#end = undefined;
				events.down();
				this.#o.ended();
			},
		});
	}

	stop(): void {
		this.#cancelProof();
		this.#link.stop();
	}

	#up(end: LinkEnd, events: LinkEvents): void {
		const { traffic, platform, limits } = this.#o;
		this.#end = end;
		this.#cancelProof = platform.timers.after(limits.unprovenMs, () => this.#hangUp('unproven', 'silent'), true);
		let isProven = false;
		events.up({
			send: (frame) => {
				if (!isProven && frame[0] === digestsKind) {
					isProven = true;
					this.#cancelProof();
				}
				if (!end.send(frame)) return false;
				traffic.framesOut++;
				traffic.bytesOut += frame.length;
				if (frame[0] === updateKind) traffic.updatesOut++;
				return true;
			},
			close: () => end.close(),
		});
	}

	#isAllowed(bytes: Uint8Array): boolean {
		if (!this.#end) return false;
		const { traffic, platform } = this.#o;
		traffic.framesIn++;
		traffic.bytesIn += bytes.length;
		const nowMs = platform.clock.nowMs();
		const limit = this.#crossed(bytes, nowMs);
		if (limit) this.#hangUp(limit, 'too_much');
		return limit === undefined;
	}

	#crossed(bytes: Uint8Array, nowMs: number): CrossedLimit | undefined {
		const kind = bytes[0] ?? 0;
		if (!this.#bytes.take(bytes.length, nowMs)) return 'bytes';
		if (comparing.has(kind) && !this.#requests.take(1, nowMs)) return 'requests';
		if (messages.has(kind) && !this.#messages.take(1, nowMs)) return 'messages';
		return undefined;
	}

	#hangUp(limit: CrossedLimit, reason: Bye): void {
		const end = this.#end;
		if (!end) return;
		this.#o.crossed(limit);
		end.send(encodeFrame({ kind: 'bye', reason }));
		this.#end = undefined;
		end.close();
	}
}
