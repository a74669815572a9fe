import type { Plugin } from 'esbuild';
import { properties } from '../properties/list.js';
import { type FaultName, faultNames, planOf } from '../story/plan.js';

/**
 * What is put into the simulator to see that the command notices it: only ever while it is bundled for a test.
 */

/** This observer and no other; `body` is what it does when a fault happens: `fault`, `court` and `seen` are there for it. */
export function plantObserver(body: string): Plugin {
	return {
		name: 'planted observer',
		setup(build) {
			build.onLoad({ filter: /properties[\\/]index\.ts$/ }, () => ({
				contents: `export const observers = [(court) => {
					const seen = new Set();
					return { faulted(fault) { ${body} } };
				}];`,
				loader: 'ts',
			}));
		},
	};
}

/** Nobody watches: what is true of the command whatever the properties say. */
export const unwatched = plantObserver('');

/** A bug that shows where a clock goes wrong at any time after a crash: two steps lead there, and no single one. */
export const clockAfterCrash = plantObserver(`
	if (fault === 'crash') seen.add('crash');
	if (fault === 'clock') court.demand(13, !seen.has('crash'), () => 'planted: a clock went wrong after a crash');
`);

/** A world in which something is left to real time. */
export const unsteady = plantObserver(`
	if (fault === 'clock') court.chain.trace.add(performance.now() * 1_000);
	if (fault === 'clock') court.demand(13, false, () => 'planted: a clock went wrong');
`);

export interface NothingPlayed {
	/** These are never in play. */
	readonly faults?: readonly FaultName[];
	readonly properties?: readonly number[];
}

/** In place of a world, which takes its time: all that a seed would have in play but for these. */
export function playNothing({ faults = [], properties: left = [] }: NothingPlayed): Plugin {
	const inPlay = [
		...faultNames.filter((name) => !faults.includes(name)).map((name) => [`fault ${name}`, 1]),
		...[...properties.keys()].filter((number) => !left.includes(number)).map((number) => [`property ${number}`, 2]),
	];
	return {
		name: 'no world',
		setup(build) {
			build.onLoad({ filter: /sim[\\/]play\.ts$/ }, () => ({
				contents: `export const play = async ({ seed }) => ({ seed, hash: 'none', steps: 1, virtualMs: 1, history: [],
					inPlay: new Map(${JSON.stringify(inPlay)}) });`,
				loader: 'ts',
			}));
		},
	};
}

/** The first seed of a single shop whose steps hold these kinds in this order. */
export function seedWith(...kinds: readonly FaultName[]): number {
	for (let seed = 1; ; seed++) {
		const { topology, steps } = planOf(seed);
		if (topology.stores > 1 || steps.length > 90) continue;
		let found = 0;
		for (const { kind } of steps) if (kind === kinds[found]) found++;
		if (found === kinds.length) return seed;
		if (seed > 100_000) throw new Error(`no seed has ${kinds.join(', then ')}`);
	}
}
