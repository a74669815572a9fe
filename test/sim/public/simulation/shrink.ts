import { goodLine } from '../../machines/network.js';
import type { Plan, Step } from './plan.js';

/** Plays a part of a plan; answers whether the same is wrong in it. */
export type StillFails = (plan: Plan) => Promise<boolean>;

/**
 * Leaves out what a failure does not need, within so many plays: faults first, then steps, in halves, quarters and so on,
 * and again from the beginning as long as anything goes. What is left happens at the time at which it happened before, until
 * nothing is left but to take the waits out too.
 */
export async function shrink(plan: Plan, stillFails: StillFails, playsMost: number): Promise<Plan> {
	const search = new Search(plan, stillFails, playsMost);
	await search.try((now) => ({ ...now, line: goodLine }));
	await search.try(withoutFaults);
	for (let before = Number.POSITIVE_INFINITY; search.length < before && !search.isOver; ) {
		before = search.length;
		for (let size = Math.ceil(before / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
			for (let from = 0; from < search.length && !search.isOver; )
				if (!(await search.try((now) => without(now, from, size)))) from += size;
		if (search.smallest.line !== goodLine) await search.try((now) => ({ ...now, line: goodLine }));
		await search.try((now) => ({ ...now, leadMs: 0, steps: now.steps.map(atOnce) }));
	}
	await search.try((now) => ({ ...now, leadMs: 0 }));
	for (let at = 0; at < search.length; at++)
		for (const waitMs of [0, 100, 1_000]) if (await search.try((now) => sooner(now, at, waitMs))) break;
	return search.smallest;
}

class Search {
	smallest: Plan;
	readonly #stillFails: StillFails;
	#playsLeft: number;

	constructor(plan: Plan, stillFails: StillFails, playsMost: number) {
		this.smallest = plan;
		this.#stillFails = stillFails;
		this.#playsLeft = playsMost;
	}

	get length(): number {
		return this.smallest.steps.length;
	}

	get isOver(): boolean {
		return this.#playsLeft <= 0;
	}

	async try(change: (now: Plan) => Plan): Promise<boolean> {
		const part = change(this.smallest);
		if (this.isOver || part === this.smallest) return false;
		this.#playsLeft--;
		if (!(await this.#stillFails(part))) return false;
		this.smallest = part;
		return true;
	}
}

const atOnce = (step: Step): Step => ({ ...step, waitMs: 0 });

/** The plan itself, where that step waits for no longer anyway. */
function sooner(plan: Plan, at: number, waitMs: number): Plan {
	const step = plan.steps[at];
	if (!step || step.waitMs <= waitMs) return plan;
	return { ...plan, steps: plan.steps.map((other) => (other === step ? { ...step, waitMs } : other)) };
}

/** The time that passed after what is left out passes after what comes before it. */
function without(plan: Plan, from: number, count: number): Plan {
	const left = plan.steps.slice(from, from + count);
	const waitedMs = left.reduce((sum, { waitMs }) => sum + waitMs, 0);
	const before = plan.steps.slice(0, from);
	const last = before.pop();
	const after = plan.steps.slice(from + count);
	if (!last) return { ...plan, leadMs: plan.leadMs + waitedMs, steps: after };
	return { ...plan, steps: [...before, { ...last, waitMs: last.waitMs + waitedMs }, ...after] };
}

function withoutFaults(plan: Plan): Plan {
	let now = plan;
	for (let at = plan.steps.length - 1; at >= 0; at--) {
		const { what } = plan.steps[at] as Step; // at < length
		if (typeof what === 'object' && 'fault' in what) now = without(now, at, 1);
	}
	return now;
}
