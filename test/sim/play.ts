import type { Result } from './result.js';
import type { Plan } from './story/plan.js';
import { World } from './world.js';

export interface PlayOptions {
	/** Tell what happens. */
	readonly history?: boolean;
	/** No observer looks on: only to see what they cost. */
	readonly isWatched?: boolean;
}

/**
 * Plays a plan from its beginning to its end: everything happens, everything heals, everybody agrees. It may be a part of a
 * seed's: `{ ...plan, steps: plan.steps.filter(...) }`.
 */
export async function play(plan: Plan, options: PlayOptions = {}): Promise<Result> {
	const world = new World(plan, options.history ?? false, options.isWatched);
	await world.play();
	return world.result();
}
