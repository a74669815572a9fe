import { goodLine } from '../../machines/network.js';
import type { Plan, Step } from './plan.js';

/** Plays a part of a plan; answers whether the same is wrong in it. */
export type StillFails = (plan: Plan) => Promise<boolean>;

/** Leaves out what a failure does not need: faults first, then steps, in halves, quarters and so on, within so many plays. */
export async function shrink(plan: Plan, stillFails: StillFails, playsMost: number): Promise<Plan> {
	let [smallest, plays] = [plan, 0];
	const attempt = async (part: Plan): Promise<boolean> => {
		if (plays >= playsMost || part.steps.length === 0) return false;
		plays++;
		if (!(await stillFails(part))) return false;
		smallest = part;
		return true;
	};
	await attempt({ ...smallest, line: goodLine });
	await attempt({ ...smallest, steps: smallest.steps.filter(isAction) });
	for (let size = Math.ceil(smallest.steps.length / 2); size >= 1 && plays < playsMost; size = nextSize(size)) {
		for (let from = 0; from < smallest.steps.length && plays < playsMost; ) {
			const { steps } = smallest;
			const isShorter = await attempt({ ...smallest, steps: [...steps.slice(0, from), ...steps.slice(from + size)] });
			if (!isShorter) from += size;
		}
	}
	if (smallest.line !== goodLine) await attempt({ ...smallest, line: goodLine });
	await attempt({ ...smallest, steps: smallest.steps.map((step) => ({ ...step, waitMs: 0 })) });
	return smallest;
}

const isAction = ({ what }: Step) => typeof what === 'object' && 'action' in what;

const nextSize = (size: number) => (size === 1 ? 0 : Math.ceil(size / 2));
