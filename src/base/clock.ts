/**
 * Hybrid logical time: milliseconds since 1970 and a counter within the millisecond.
 * It orders what people read and decides last-writer cells. No rule of safety depends on it.
 */
export interface Time {
	readonly ms: number;
	readonly counter: number;
}

export function compareTime(a: Time, b: Time): number {
	return a.ms - b.ms || a.counter - b.counter;
}

/** Where entries begin to count their milliseconds. A clock that says less has lost its battery: it is taken to say this. */
export const earliestMs = Date.UTC(2020, 0, 1);

/** Within a millisecond nobody counts farther: the next time is a millisecond later. */
const counterMax = 2 ** 32;

/** The last millisecond that a date can say, in the year 275760: what claims to be later is no time. */
export const latestMs = 8.64e15;

/** How far another device's time may pull this clock past its own wall clock. */
export const clockSkewMaxMs = 60_000;

/** A clock that never goes back, and never further ahead of the wall than `clockSkewMaxMs`. */
export class HybridClock {
	#ms = 0;
	#counter = 0;
	readonly #wallMs: () => number;

	constructor(wallMs: () => number) {
		this.#wallMs = wallMs;
	}

	/** A time later than every one this clock gave or accepted. */
	next(): Time {
		// As it will be read back: whole milliseconds, none before the first that an entry can say nor after the last.
		const wall = Math.min(latestMs, Math.max(earliestMs, Math.floor(this.#wallMs())));
		if (wall > this.#ms) {
			this.#ms = wall;
			this.#counter = 0;
		} else if (this.#counter < counterMax) this.#counter++;
		else {
			this.#ms++;
			this.#counter = 0;
		}
		return { ms: this.#ms, counter: this.#counter };
	}

	/** Takes notice of another device's time. Answers false where that time is too far ahead to follow: flag the entry. */
	observe(time: Time): boolean {
		if (time.ms > this.#wallMs() + clockSkewMaxMs || time.counter > counterMax) return false;
		this.restore(time);
		return true;
	}

	/** Goes on after a time that this device itself wrote before. */
	restore(time: Time): void {
		if (time.ms < this.#ms || (time.ms === this.#ms && time.counter <= this.#counter)) return;
		this.#ms = time.ms;
		this.#counter = time.counter;
	}
}
