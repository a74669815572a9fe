/** The demo's one source of chance: equal seeds give equal choices. */
export interface Chance {
	/** From 0 up to, not including, 1. */
	readonly next: () => number;
	/** A whole number from `from` to `to`, both included. */
	between(from: number, to: number): number;
	chance(probability: number): boolean;
	pick<T>(from: readonly T[]): T;
	/** A source of its own for one purpose, so that a choice more there changes nothing here. */
	branch(purpose: string): Chance;
}

export function createChance(seed: number): Chance {
	let state = seed >>> 0;
	// Mulberry32: 32 bits of state, a full period, good enough to choose till and minute.
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
	const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
	return {
		next,
		between,
		chance: (probability) => next() < probability,
		pick<T>(from: readonly T[]): T {
			if (from.length === 0) throw new RangeError('nothing to pick from');
			return from[between(0, from.length - 1)] as T; // within 0..length-1
		},
		branch(purpose) {
			let mixed = seed >>> 0;
			for (const letter of purpose) mixed = (Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193) + 1) >>> 0;
			return createChance(mixed);
		},
	};
}
