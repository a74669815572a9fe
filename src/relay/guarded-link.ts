import type { Link, LinkEnd, LinkEvents, Platform } from '../ports/index.js';
import { secured } from '../sync/channel.js';
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

/**
 * A connection from outside: counted, and closed where it asks too much or does not say who it is. Bytes are counted as they
 * come, so that what does not even open costs whoever sends it; what is asked for is read inside of the channel.
 */
export class GuardedLink implements Link {
	readonly private = true;
	readonly #link: Link;
	readonly #o: GuardOptions;
	readonly #requests: TokenBucket;
	readonly #messages: TokenBucket;
	readonly #bytes: TokenBucket;
	/** Of the connection, and of the channel in it. */
	#outer: LinkEnd | undefined;
	#end: LinkEnd | undefined;
	#isProven = false;
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
		secured(this.#counted(), this.#o.platform).start({
			...events,
			up: (end) => this.#up(end, events),
			frame: (bytes) => {
				if (this.#isAllowed(bytes)) events.frame(bytes);
			},
			down: () => {
				this.#end = undefined;
				events.down();
			},
		});
	}

	stop(): void {
		this.#cancelProof();
		this.#link.stop();
	}

	/** The connection itself: what goes over it is counted. */
	#counted(): Link {
		const { traffic, platform, limits } = this.#o;
		const start = (inside: LinkEvents): void =>
			this.#link.start({
				up: (end) => {
					this.#outer = end;
					this.#isProven = false;
					this.#cancelProof = platform.timers.after(limits.unprovenMs, () => this.#hangUp('unproven', 'silent'), true);
					inside.up({
						send: (frame) => {
							if (!end.send(frame)) return false;
							traffic.framesOut++;
							traffic.bytesOut += frame.length;
							return true;
						},
						close: () => end.close(),
					});
				},
				frame: (bytes) => {
					if (!this.#outer) return;
					traffic.framesIn++;
					traffic.bytesIn += bytes.length;
					if (this.#bytes.take(bytes.length, platform.clock.nowMs())) inside.frame(bytes);
					else this.#hangUp('bytes', 'too_much');
				},
				down: () => {
					this.#cancelProof();
					this.#outer = undefined;
					inside.down();
					this.#o.ended();
				},
			});
		return { kind: this.kind, private: this.#link.private ?? false, start, stop: () => this.#link.stop() };
	}

	#up(end: LinkEnd, events: LinkEvents): void {
		this.#end = end;
		events.up({
			...(end.binding && { binding: end.binding }),
			send: (frame) => {
				if (!this.#isProven && frame[0] === digestsKind) {
					this.#isProven = true;
					this.#cancelProof();
				}
				if (!end.send(frame)) return false;
				if (frame[0] === updateKind) this.#o.traffic.updatesOut++;
				return true;
			},
			close: () => end.close(),
		});
	}

	#isAllowed(bytes: Uint8Array): boolean {
		if (!this.#outer) return false;
		const limit = this.#crossed(bytes[0] ?? 0, this.#o.platform.clock.nowMs());
		if (limit) this.#hangUp(limit, 'too_much');
		return limit === undefined;
	}

	#crossed(kind: number, nowMs: number): CrossedLimit | undefined {
		if (comparing.has(kind) && !this.#requests.take(1, nowMs)) return 'requests';
		if (messages.has(kind) && !this.#messages.take(1, nowMs)) return 'messages';
		return undefined;
	}

	#hangUp(limit: CrossedLimit, reason: Bye): void {
		const outer = this.#outer;
		if (!outer) return;
		this.#o.crossed(limit);
		this.#end?.send(encodeFrame({ kind: 'bye', reason }));
		this.#outer = undefined;
		outer.close();
	}
}
