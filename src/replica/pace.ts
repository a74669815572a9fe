import type { Platform } from '../ports/index.js';

/** Lets through one in so many milliseconds: the first at once, whoever comes soon after it when the time is over. */
export class Pace {
	readonly #platform: Platform;
	readonly #everyMs: number;
	#lastMs = Number.NEGATIVE_INFINITY;
	#hurry = (): void => {};

	constructor(platform: Platform, everyMs: number) {
		this.#platform = platform;
		this.#everyMs = everyMs;
	}

	/** One caller at a time. */
	async next(): Promise<void> {
		const { clock, timers } = this.#platform;
		// A clock that was set back must not hold anybody up for long.
		const waitMs = this.#everyMs - Math.abs(clock.nowMs() - this.#lastMs);
		if (waitMs > 0)
			await new Promise<void>((resolve) => {
				const cancel = timers.after(waitMs, resolve);
				this.#hurry = () => {
					cancel();
					resolve();
				};
			});
		this.#lastMs = clock.nowMs();
	}

	/** Whoever waits goes on now. */
	hurry(): void {
		this.#hurry();
	}
}
