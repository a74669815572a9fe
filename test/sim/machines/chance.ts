/** One seed, one sequence (mulberry32): all that a simulated world leaves to chance comes from here. */
export class Chance {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** From 0 to 2^32 - 1. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return (mixed ^ (mixed >>> 14)) >>> 0;
	}

	/** From 0 up to, not including, `end`. */
	below(end: number): number {
		return this.next() % end;
	}

	/** From `least` to `most`, both included. */
	between(least: number, most: number): number {
		return least + this.below(most - least + 1);
	}

	chance(percent: number): boolean {
		return this.next() < percent * 42_949_672.96;
	}

	/** Short mostly, long at times: every power of ten between the two is as likely as the next. */
	stretch(least: number, most: number): number {
		const span = Math.log(most / least);
		return Math.round(least * Math.exp((this.next() / 2 ** 32) * span));
	}

	pick<T>(from: readonly T[]): T {
		return from[this.below(from.length)] as T; // callers never pass an empty list
	}

	bytes(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		for (let i = 0; i < length; i += 4) {
			const word = this.next();
			bytes[i] = word;
			bytes[i + 1] = word >>> 8;
			bytes[i + 2] = word >>> 16;
			bytes[i + 3] = word >>> 24;
		}
		return bytes;
	}

	/** A sequence of its own, so that what is drawn there changes nothing here. */
	fork(): Chance {
		return new Chance(this.next());
	}
}
