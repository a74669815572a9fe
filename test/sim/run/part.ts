import { goodLine } from '../machines/network.js';
import { faultOf, type Plan, planOf } from '../story/plan.js';
import type { Order, Part, PlainPlan } from './order.js';
import { speedPlan } from './speed-plan.js';

/** A seed's plan with less in it: everything that stays is what it was. */
export function partOf(plan: Plan, { steps, without = [] }: Part): Plan {
	const faults = new Set([...plan.faults].filter((name) => !without.includes(name)));
	const kept = steps && new Set(steps);
	const line = { ...plan.line };
	if (without.includes('delay')) Object.assign(line, { delayMsMax: goodLine.delayMsMax, reorderPercent: 0 });
	if (without.includes('duplicate')) Object.assign(line, { dropPercent: 0, duplicatePercent: 0 });
	return {
		...plan,
		faults,
		line,
		steps: plan.steps.filter(
			({ index, kind }) => (!kept || kept.has(index)) && !without.some((fault) => fault === faultOf(kind)),
		),
	};
}

export const plainOf = (plan: Plan): PlainPlan => ({ ...plan, faults: [...plan.faults] });

export function planFor(order: Order): Plan {
	const { seed, plan, speed, realKeys } = order;
	if (plan) return partOf({ ...plan, faults: new Set(plan.faults) }, order);
	const whole = partOf(speed ? speedPlan(seed, speed) : planOf(seed), order);
	return realKeys ? { ...whole, realKeys } : whole;
}
