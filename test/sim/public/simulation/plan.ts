import type { Topology } from '../../machines/chain.js';
import { Chance } from '../../machines/chance.js';
import { goodLine, type LineFaults } from '../../machines/network.js';
import { type ChainOptions, topologyOf } from '../options.js';

/** What may go wrong, and in how many of a hundred seeds it is allowed to. */
const faultShares = {
	partition: 60,
	delay: 60,
	duplicate: 40,
	crash: 60,
	clock: 30,
	'disk-full': 25,
	'old-version': 20,
	restore: 20,
	clone: 20,
} as const;

/**
 * - `partition`: lines are cut, or lose every frame, for a second to a day.
 * - `delay`: frames come late, by up to an hour, and overtake each other.
 * - `duplicate`: frames get lost or come twice.
 * - `crash`: the process of a till dies, at any moment; the app is started again.
 * - `clock`: a till's clock jumps by up to ten years, or stands still.
 * - `disk-full`: a write finds no room; the till is restarted.
 * - `old-version`: another till is newer and writes entries that this version does not know.
 * - `restore`: a till is set back to an older state of its disk.
 * - `clone`: a till's disk is copied, and both go on.
 */
export type Fault = keyof typeof faultShares;

export const everyFault = Object.keys(faultShares) as readonly Fault[];
/** After these two, what a device had in its hand may be spent twice; a check must allow for it. */
const copies: readonly Fault[] = ['restore', 'clone'];
export const usualFaults: readonly Fault[] = everyFault.filter((fault) => !copies.includes(fault));

/** Faults that are steps of their own; the others are in the lines all the time. */
export type StepFault = Exclude<Fault, 'delay' | 'duplicate'>;
const isStep = (fault: Fault): fault is StepFault => fault !== 'delay' && fault !== 'duplicate';

/** One thing that happens. Everything in it is drawn from `seed`: steps can be left out, and the others stay what they are. */
export interface Step {
	readonly index: number;
	readonly what: { readonly action: string } | { readonly fault: StepFault } | 'wait';
	readonly seed: number;
	/** Time that passes after it. */
	readonly waitMs: number;
}

/** All that a seed says. */
export interface Plan {
	readonly seed: number;
	readonly topology: Topology;
	readonly line: LineFaults;
	/** Time that passes before the first step. */
	readonly leadMs: number;
	readonly steps: readonly Step[];
}

export interface PlanOptions {
	readonly chain: ChainOptions;
	readonly actions: readonly string[];
	readonly faults: readonly Fault[];
	readonly steps: number;
}

export function planOf(seed: number, { chain, actions, faults, steps }: PlanOptions): Plan {
	const chance = new Chance(Math.imul(seed, 0x9e3779b1) ^ 0x1b56c4e9);
	const drawn = faults.filter((fault) => chance.chance(faultShares[fault]));
	const topology = drawTopology(chance, chain);
	const line = lineOf(chance, drawn);
	return { seed, topology, line, leadMs: 0, steps: stepsOf(chance, drawn.filter(isStep), actions, steps) };
}

/** What the vendor does not say is drawn. */
function drawTopology(chance: Chance, options: ChainOptions): Topology {
	const [tillsPerStore, relay, mesh] = [chance.between(2, 4), chance.chance(70), chance.chance(50)];
	const needsRelay = (options.stores ?? 1) > 1 || options.hq;
	const drawn = topologyOf({ tillsPerStore, relay: relay || Boolean(needsRelay), mesh, ...options });
	const small = chance.chance(50);
	return {
		...drawn,
		archive: chance.chance(50),
		segmentRows: small ? 20 : drawn.segmentRows,
		checkpointRows: small ? 4 : drawn.checkpointRows,
		syncMsMax: chance.pick([2, 20, 200]),
	};
}

function lineOf(chance: Chance, faults: readonly Fault[]): LineFaults {
	const delays = faults.includes('delay');
	const repeats = faults.includes('duplicate');
	return {
		delayMsMax: delays ? chance.stretch(3, 3_600_000) : goodLine.delayMsMax,
		reorderPercent: delays ? chance.between(0, 20) : 0,
		dropPercent: repeats ? chance.between(0, 20) : 0,
		duplicatePercent: repeats ? chance.between(0, 20) : 0,
	};
}

function stepsOf(
	chance: Chance,
	faults: readonly StepFault[],
	actions: readonly string[],
	count: number,
): readonly Step[] {
	const faultPercent = faults.length === 0 ? 0 : chance.between(5, 20);
	return Array.from({ length: count }, (_, index): Step => {
		const what = chance.chance(faultPercent)
			? { fault: chance.pick(faults) }
			: chance.chance(4)
				? 'wait'
				: { action: chance.pick(actions) };
		return { index, what, seed: chance.next(), waitMs: waitOf(chance) };
	});
}

/** At a weekend several things happen in one moment; then nothing for a while. */
function waitOf(chance: Chance): number {
	if (chance.chance(60)) return chance.below(3);
	return chance.stretch(3, 5_000);
}
