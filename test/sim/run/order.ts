import type { Violation } from '../result.js';
import type { FaultName, Plan } from '../story/plan.js';
import type { SpeedKind } from './speed-plan.js';

/** What of a seed is played: these of its steps, without these of its faults. */
export interface Part {
	readonly steps?: readonly number[];
	readonly without?: readonly FaultName[];
}

/** Of which kind a seed's world is. */
export interface Kind {
	/** Its hashes, signatures and ciphers are real ones. */
	readonly realKeys?: boolean;
}

/** A plan as it goes from process to process. */
export interface PlainPlan extends Omit<Plan, 'faults'> {
	readonly faults: readonly FaultName[];
}

/** One thing that a player is asked to play. */
export interface Order extends Part, Kind {
	readonly seed: number;
	/** In place of what the seed says today. */
	readonly plan?: PlainPlan;
	/** Tell what happens, step by step. */
	readonly history?: boolean;
	/** Not the world of the seed, but one of a size that speeds are compared at. */
	readonly speed?: SpeedKind;
}

/** What came of it, as it comes from a player's process. */
export interface Played {
	readonly seed: number;
	/** Empty where it never ended. */
	readonly hash: string;
	readonly steps: number;
	readonly virtualMs: number;
	/** Times, by what was in play: `fault crash`, `property 13`, `frames`, `committed`. */
	readonly inPlay: Readonly<Record<string, number>>;
	readonly violation?: Violation;
	readonly history: readonly string[];
	/** What it took, by the clock and of the processor: compiling and collecting are part of that. */
	readonly realMs: number;
	readonly cpuMs: number;
}

/** For a seed that came to no end of its own: it hangs, or its process is gone. */
export function unfinished(seed: number, message: string, realMs: number): Played {
	const violation = { property: 0, step: undefined, message };
	return { seed, hash: '', steps: 0, virtualMs: 0, inPlay: {}, violation, history: [], realMs, cpuMs: 0 };
}
