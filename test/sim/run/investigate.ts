import type { Violation } from '../result.js';
import { planOf } from '../story/plan.js';
import type { Around } from './around.js';
import { commandOf } from './command.js';
import { kindOf } from './kind.js';
import type { Kind, Part } from './order.js';
import { Players } from './players.js';
import { type Shrunk, shrink } from './shrink.js';

/** What is known of a failing seed once it was looked into. */
export interface Case {
	readonly seed: number;
	readonly violation: Violation;
	readonly replay: string;
	/** Played again it did something else. */
	readonly isUnsteady: boolean;
	/** Of the whole seed. */
	readonly history: readonly string[];
	readonly stepsOfPlan: number;
	readonly shrunk?: Shrunk & { readonly replay: string; readonly history: readonly string[] };
}

const bounds = { shrinkMs: 20_000, plays: 2_000, seedMs: 10_000 } as const;

export interface Suspect {
	readonly seed: number;
	readonly violation: Violation;
	readonly hash: string;
}

interface Investigation extends Kind {
	readonly bundle: string;
	readonly cores: number;
	readonly around: Around;
}

/** Plays a failing seed again, and finds the least of it that fails in the same way. */
export async function investigate(
	{ seed, violation, hash }: Suspect,
	{ bundle, cores, around, realKeys = false }: Investigation,
): Promise<Case> {
	const { seedMsMax = bounds.seedMs, shrinkMsMax = bounds.shrinkMs, nowMs } = around;
	const players = new Players({ bundle, cores, seedMsMax: Math.min(seedMsMax, bounds.seedMs) });
	try {
		const again = await players.play({ seed, realKeys, history: true });
		const isUnsteady = again.hash !== hash;
		const plan = planOf(seed);
		const found = {
			seed,
			violation,
			replay: commandOf({ seed, realKeys }),
			isUnsteady,
			history: again.history,
			stepsOfPlan: plan.steps.length,
		};
		if (isUnsteady || !again.violation) return { ...found, isUnsteady: true };
		const kind = kindOf(violation);
		const fails = async (part: Part) => {
			const result = await players.play({ seed, realKeys, ...part });
			return result.violation !== undefined && kindOf(result.violation) === kind;
		};
		const shrunk = await shrink({
			plan,
			lastStep: violation.step,
			fails,
			atOnce: cores,
			playsMax: bounds.plays,
			nowMs,
			msMax: shrinkMsMax,
		});
		const { steps, without } = shrunk;
		const { history } = await players.play({ seed, realKeys, steps, without, history: true });
		return { ...found, shrunk: { ...shrunk, replay: commandOf({ seed, realKeys, steps, without }), history } };
	} finally {
		players.close();
	}
}
