import type { Platform } from '../ports/index.js';

const now = Promise.resolve();
const ignore = (): void => {};

/** Lets through one in so many milliseconds: the first at once, whoever comes soon after it when the time is over. */
export class Pace {
	readonly #platform: Platform;
	readonly #everyMs: number;
	#lastMs = Number.NEGATIVE_INFINITY;
	#hurry = ignore;

	constructor(platform: Platform, everyMs: number) {
		this.#platform = platform;
		this.#everyMs = everyMs;
	}

	/** One caller at a time. */
	next(): Promise<void> {
		const { clock, timers } = this.#platform;
		const nowMs = clock.nowMs();
		// A clock that was set back must not hold anybody up for long.
		const waitMs = this.#everyMs - Math.abs(nowMs - this.#lastMs);
		if (waitMs <= 0) {
			this.#lastMs = nowMs;
			return now;
		}
		return new Promise<void>((resolve) => {
			const go = () => {
				this.#hurry = ignore;
				this.#lastMs = clock.nowMs();
				resolve();
			};
			const cancel = timers.after(waitMs, go);
			this.#hurry = () => {
				cancel();
				go();
			};
		});
	}

	/** Whoever waits goes on now. */
	hurry(): void {
		this.#hurry();
	}
}
