export interface BackoffOptions {
	/** From 0 up to, not including, 1: spreads those who lost the same peer at the same moment. */
	readonly random: () => number;
	/** Upper bound of the first delay; doubles with each further one. Default 250. */
	readonly firstMs?: number;
	/** Upper bound of every delay. Default 30,000. */
	readonly maxMs?: number;
	/** No delay is shorter, so that no draw of `random` makes a busy loop. Default 50. */
	readonly floorMs?: number;
}

/** A way that held for so long has lived: whoever loses it then begins again with short delays. */
export const livedMs = 5_000;

/**
 * How long to wait before trying again (SYN4): exponential with full jitter, drawn evenly between the floor and a bound
 * that doubles. Owns no timer and reads no clock.
 *
 * ```ts
 * const backoff = new Backoff({ random });
 * timers.after(backoff.nextMs(), dial); // up to 250 ms, then up to 500, 1,000 ... 30,000
 * backoff.reset();                      // once a connection has lived
 * ```
 */
export class Backoff {
	readonly #random: () => number;
	readonly #firstMs: number;
	readonly #maxMs: number;
	readonly #floorMs: number;
	#boundMs: number;

	constructor({ random, firstMs = 250, maxMs = 30_000, floorMs = 50 }: BackoffOptions) {
		this.#random = random;
		this.#firstMs = firstMs;
		this.#maxMs = maxMs;
		this.#floorMs = floorMs;
		this.#boundMs = firstMs;
	}

	nextMs(): number {
		const boundMs = Math.max(this.#floorMs, Math.min(this.#boundMs, this.#maxMs));
		this.#boundMs = Math.min(this.#boundMs * 2, this.#maxMs);
		return Math.round(this.#floorMs + this.#random() * (boundMs - this.#floorMs));
	}

	reset(): void {
		this.#boundMs = this.#firstMs;
	}
}
