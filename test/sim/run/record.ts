import { type Machine, machine } from '../../../bench/machine.js';
import { write } from '../../../bench/results.js';
import type { Table } from '../../../bench/table.js';
import type { Hunted } from '../mutants/hunt.js';
import { statementOf } from '../properties/list.js';
import type { Wish } from './arguments.js';
import type { SpeedKind } from './speed-plan.js';
import type { Tally } from './tally.js';

type Tables = Readonly<Record<string, Table>>;

const versions = { yjs: 'node_modules/yjs', lib0: 'node_modules/lib0', esbuild: 'node_modules/esbuild' };

/** Read before the run: while it runs, it is the load. */
const at: Machine = machine(versions);

/** Puts the tables into bench/RESULTS.md in place of those of an earlier run. From the repository's root. */
export function record(wish: Wish, tables: Tables): void {
	write('bench/', { command: commandOf(wish), date: new Date().toISOString().slice(0, 10), machine: at, tables });
}

function commandOf({ what, seeds, from, cores, realKeys }: Wish): string {
	const of = what === 'seeds' ? '--seeds' : `--${what} --seeds`;
	return `npm run sim -- ${of} ${seeds} --from ${from}${realKeys ? ' --real-keys' : ''} --cores ${cores} --record`;
}

const count = (n: number): string => Math.round(n).toLocaleString('en-US');

/** What a run found, and how often everything was in play. */
export function recordSeeds(tally: Tally, { cores, from, seeds, realKeys }: Wish, realMs: number): Tables {
	const withKeys = realKeys ? ', with real keys' : '';
	const perSecond = (tally.seeds * 1_000) / realMs;
	const totals: (readonly [string, string])[] = [
		[`seeds, ${from} to ${from + seeds - 1}`, count(tally.seeds)],
		['seeds with a violation', count(tally.failures.length)],
		['steps', count(tally.steps)],
		['commits', count(tally.count('committed').times)],
		['commits refused by the business', count(tally.count('refused').times)],
		['frames', count(tally.count('frames').times)],
		['virtual days', count(tally.virtualMs / 86_400_000)],
		['real minutes', (realMs / 60_000).toFixed(1)],
		[`seeds a second, ${cores} cores`, perSecond.toFixed(1)],
	];
	return {
		[realKeys ? 'sim-real-keys' : 'sim']: {
			title: `sim: every promise under every fault${withKeys}`,
			note: `Chains of 1 to 5 stores in one process, production code on simulated machines; each seed is played to its end, healed, and has 60 virtual seconds to agree. Hash of all seeds: ${tally.hash()}. Faults: how often they happened, in how many seeds, and in how many of a hundred they were allowed to.`,
			columns: ['what', 'times', 'in seeds, %', 'allowed in, %'],
			rows: [
				...totals.map(([what, figure]) => [what, figure, '', '']),
				...tally
					.faults()
					.map(({ name, times, percent, wantedPercent }) => [
						`fault: ${name}`,
						count(times),
						percent.toFixed(1),
						wantedPercent,
					]),
			],
			figures: { seeds: tally.seeds, violations: tally.failures.length, seedsPerSecond: Number(perSecond.toFixed(1)) },
		},
		[realKeys ? 'sim-real-keys-properties' : 'sim-properties']: {
			title: `sim: how often each property was in play${withKeys}`,
			note: 'An occasion to fail, each time; all of them held where no violation is counted above.',
			columns: ['property', 'seeds', 'times'],
			rows: tally
				.properties()
				.map(({ property, seeds, times }) => [`${property}, ${statementOf(property).en}`, count(seeds), count(times)]),
			figures: {},
		},
	};
}

/** Of one kind of world. */
export interface Speed {
	readonly kind: SpeedKind;
	readonly tally: Tally;
	readonly perSecondAndCore: number;
}

const worlds: Readonly<Record<SpeedKind, string>> = {
	mesh: 'tills among themselves',
	relay: 'with a relay and its home',
	bare: 'tills among themselves, nothing breaks and nobody watches',
};

/** Seeds a second and core, in worlds of one size. */
export function recordSpeed(speeds: readonly Speed[]): Tables {
	const rounded = (n: number) => Number(n.toFixed(1));
	return {
		'sim-speed': {
			title: 'sim: seeds a second and core',
			note: 'Worlds of exactly 1 store, 4 tills and 100 actions, with the faults of their seeds, checked like all others; the last line has neither faults nor observers. Seconds are those of the processor, once the code is compiled.',
			columns: ['world', 'seeds', 'steps a seed', 'seeds/s and core'],
			rows: speeds.map(({ kind, tally, perSecondAndCore }) => [
				worlds[kind],
				tally.seeds,
				Math.round(tally.steps / tally.seeds),
				rounded(perSecondAndCore),
			]),
			figures: Object.fromEntries(
				speeds.map(({ kind, perSecondAndCore }) => [`${kind}PerSecondAndCore`, rounded(perSecondAndCore)]),
			),
		},
	};
}

/** How many seeds each planted bug lived. */
export function recordMutants(results: readonly Hunted[]): Tables {
	const found = results.filter((hunted) => hunted.found);
	return {
		'sim-mutants': {
			title: 'sim: planted bugs',
			note: `${found.length} of ${results.length} found. Seeds from 1 on, small worlds first, until a property does not hold that holds without the bug.`,
			columns: ['planted bug', 'seeds', 'found by', 'seconds'],
			rows: results.map(({ mutant, seeds, found: by, seconds }) => [
				`${mutant.name}: ${mutant.en}`,
				by ? seeds : `survived ${seeds}`,
				by ? `property ${by.property}` : '',
				seconds.toFixed(1),
			]),
			figures: {
				planted: results.length,
				found: found.length,
				seedsMost: Math.max(0, ...found.map(({ seeds }) => seeds)),
			},
		},
	};
}
