import { goodLine } from '../machines/network.js';
import { type FaultName, type Plan, planOf, type Step } from '../story/plan.js';

/** The world that speeds are compared at. */
export const speedWorld = { stores: 1, tills: 4, actions: 100 } as const;

/** Tills among themselves, with a relay, or among themselves where nothing breaks and nobody watches: what the shops themselves cost. */
export type SpeedKind = 'mesh' | 'relay' | 'bare';

/**
 * A plan of exactly one store with four tills in which people act a hundred times, with the faults of its seed. Where the
 * seed says less, what the following seeds say comes after it, of the kinds that this one allows.
 */
export function speedPlan(seed: number, kind: SpeedKind): Plan {
	const { tills, stores, actions } = speedWorld;
	const isRelay = kind === 'relay';
	const plan = planOf(seed);
	const topology = { ...plan.topology, stores, tillsPerStore: tills, relay: isRelay, hq: false };
	const isBare = kind === 'bare';
	const faults = new Set<FaultName>(isBare ? [] : [...plan.faults].filter((name) => isRelay || name !== 'relay-lost'));
	const allowed = new Set<string>([...faults, 'act', 'wait', 'tend', 'check']);
	const steps: Step[] = [];
	let acts = 0;
	for (let from = seed; acts < actions; from++)
		for (const step of planOf(from).steps) {
			if (!allowed.has(step.kind) || acts === actions) continue;
			if (step.kind === 'act') acts++;
			steps.push({ ...step, index: steps.length });
		}
	return { ...plan, topology, faults, steps, ...(isBare && { line: goodLine }) };
}
