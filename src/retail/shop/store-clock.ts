import type { Clock } from '../../ports/index.js';
import type { Host } from './host.js';

/** What clocks of one store may differ by before anybody minds. */
const toleratedMs = 60_000;
/** The relay is asked no more often. */
const askEveryMs = 10_000;

/**
 * This till's clock, set right by the store's relay where the two are more than a minute apart: a clock that is wrong by days
 * would put sales on the wrong business day. What the relay said last holds until it is heard again.
 */
export class StoreClock {
	readonly #host: Host;
	readonly #clock: Clock;
	#offsetMs = 0;
	#askedMs = Number.NEGATIVE_INFINITY;

	constructor(host: Host, clock: Clock) {
		this.#host = host;
		this.#clock = clock;
	}

	nowMs(): number {
		const wallMs = this.#clock.nowMs();
		if (Math.abs(wallMs - this.#askedMs) >= askEveryMs) {
			this.#askedMs = wallMs;
			const { clockOffsetMs, peers } = this.#host.sync.status.get();
			if (peers.length > 0) this.#offsetMs = Math.abs(clockOffsetMs) > toleratedMs ? clockOffsetMs : 0;
		}
		return wallMs + this.#offsetMs;
	}

	/** How far this till's own clock is off, where that is worth the telling. */
	get offsetMs(): number {
		this.nowMs();
		return this.#offsetMs;
	}
}
