import type { Result } from './result.js';
import { type Plan, planOf } from './story/plan.js';
import { World } from './world.js';

export interface PlayOptions {
	/** Tell what happens. */
	readonly history?: boolean;
}

/** Plays one seed from its beginning to its end: everything happens, everything heals, everybody agrees. */
export function playSeed(seed: number, options: PlayOptions = {}): Promise<Result> {
	return play(planOf(seed), options);
}

/** Plays a plan, which may be a part of a seed's: `{ ...plan, steps: plan.steps.filter(...) }`. */
export async function play(plan: Plan, options: PlayOptions = {}): Promise<Result> {
	const world = new World(plan, options.history ?? false);
	await world.play();
	return world.result();
}
