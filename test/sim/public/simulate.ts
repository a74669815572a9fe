import { BadArgument } from '../../../src/base/errors.js';
import type { Replica } from '../../../src/replica/replica.js';
import { realTurn } from '../machines/time.js';
import { type ChainOptions, chainOptions, checkCount, checkKnown, topologyOf } from './options.js';
import type { Place } from './place.js';
import type { Action, Check, Checks, Script } from './simulation/app.js';
import { everyFault, type Fault, type Plan, type PlanOptions, planOf, usualFaults } from './simulation/plan.js';
import { shrink } from './simulation/shrink.js';
import { Stage, type Wrong } from './simulation/stage.js';

/** How an app is played. */
export interface SimulateOptions<App, Outside = undefined> extends Omit<ChainOptions, 'seed'> {
	/** How many seeds are played, one world each, until one fails. */
	readonly seeds: number;
	/** The first of them; 1 by default. */
	readonly from?: number;
	/** Plays this one alone, as `TILLMESH_SEED` in the environment does, which comes first. */
	readonly seed?: number;
	/** Steps of a seed: actions, faults, waits. 60 by default. */
	readonly steps?: number;
	/** Starts the app on a till: at the opening, and again whenever the till's process begins anew. What it keeps in memory is lost then. */
	readonly start: (till: Replica, place: Place<Outside>) => Promise<App> | App;
	/** What is done with the app, by name; drawn in any order, on any till that runs, as likely as each other. */
	readonly actions: Readonly<Record<string, Action<App, Outside>>>;
	/**
	 * What may go wrong; each seed draws some of it. By default everything but `restore` and `clone`, after which what a
	 * device had in its hand may be spent twice. `all` is everything; an empty list is sunshine.
	 */
	readonly faults?: 'all' | readonly Fault[];
	/** Must hold after every step, in the midst of all faults. */
	readonly always?: Checks<App, Outside>;
	/** Must hold when everything has healed, all actions have ended and everybody agrees. */
	readonly finally?: Checks<App, Outside>;
	/**
	 * What exists outside all tills and survives their crashes: goods handed out, cash in the drawer, the delivery platform.
	 * Made anew for every seed; actions change it, checks hold the books against it.
	 */
	readonly outside?: () => Outside;
	/** How many plays may be spent on making a failure small; 300 by default. */
	readonly shrinkPlays?: number;
}

/** A seed in which something was wrong. */
export interface Failure {
	readonly seed: number;
	/** What was wrong: `action redeem`, `always 0`, `finally no gift twice`, `start`, or `tillmesh` where it is a fault of ours. */
	readonly where: string;
	/** What the action or the check threw. */
	readonly error: Error;
	/** How to see it again, in one line. */
	readonly replay: string;
	/** What happened, a line each, without what the failure does not need. */
	readonly history: readonly string[];
	/** Steps that were enough, of those that the seed has. */
	readonly steps: { readonly needed: number; readonly of: number };
	/**
	 * The same seed fails in the same way again. Where not, the app uses something that no seed decides: a real clock, timer,
	 * file or random number. Take `Place` for that; without it nothing can be made smaller.
	 */
	readonly repeats: boolean;
	/** All of the above, for people: pass it to an assertion as its message. */
	readonly report: string;
}

/** What came of it. */
export interface Simulated {
	/** Seeds that were played. */
	readonly seeds: number;
	/** How often each fault that is a step of its own happened in them. */
	readonly faults: Readonly<Record<string, number>>;
	/** The first seed that failed; undefined where none did. */
	readonly failed?: Failure;
}

const stepsDefault = 60;
const shrinkPlaysDefault = 300;
const known = [
	...chainOptions,
	...['seeds', 'from', 'steps', 'start', 'actions', 'faults', 'always', 'finally', 'outside', 'shrinkPlays'],
];

/**
 * Plays an app over faults: one simulated chain a seed, the app on every till, its actions in any order, and machines, lines,
 * disks and clocks that fail meanwhile. In the end all heals, and `finally` must hold. Besides, scarce units must add up at
 * every moment, and tills that can hear of each other must agree in the end: that is our promise and needs no check of yours.
 *
 * Everything is drawn from the seed, as long as the app takes clock, timers and random texts from its `Place` and waits for
 * tills alone. The first seed that fails is made small, played again and answered as `failed`; nothing is thrown for it.
 *
 * What a faulty world does to an action is no failure: `closed`, `storage_full` and `not_reached`, also as the `cause` of
 * another error. Anything else that an action throws is one. A process that dies takes its app along: nothing that it had
 * begun goes on, and the next one begins with `start`.
 *
 * Throws `BadArgument` that names the option. Runs in Node, under any test runner; a seed takes some milliseconds.
 *
 * ```ts
 * const { failed } = await simulate({
 * 	seeds: 100,
 * 	start: (till) => ({ till, tea: till.ledger('stock/sh-1').pool('tea') }),
 * 	actions: {
 * 		receive: ({ till, tea }, pick, { unique }) => till.commit((tx) => tx.mint(tea, 'oolong', 1 + pick(9), unique())),
 * 		sell: ({ till, tea }, pick) => till.commit((tx) => tx.spend(tea, 'oolong', 1 + pick(3))).then(({ ok }) => ok),
 * 	},
 * 	finally: {
 * 		'nobody sold more than came': ({ apps }) => {
 * 			for (const { tea } of apps) if (tea.total('oolong').get().level < 0) throw new Error('oversold');
 * 		},
 * 	},
 * });
 * if (failed) throw new Error(failed.report);
 * ```
 */
export async function simulate<App, Outside = undefined>(options: SimulateOptions<App, Outside>): Promise<Simulated> {
	const { script, planOptions } = checked(options);
	const { seeds, from = 1, steps = stepsDefault, shrinkPlays = shrinkPlaysDefault } = options;
	const single = seedOfEnvironment() ?? options.seed;
	const [first, count] = single === undefined ? [from, seeds] : [single, 1];
	const faults = new Map<string, number>();
	for (let seed = first; seed < first + count; seed++) {
		const plan = planOf(seed, { ...planOptions, steps });
		const stage = await playOn(plan, script);
		for (const [fault, times] of stage.faults) faults.set(fault, (faults.get(fault) ?? 0) + times);
		if (stage.wrong) {
			const failed = await explain(plan, script, stage.wrong, shrinkPlays);
			return { seeds: seed - first + 1, faults: Object.fromEntries(faults), failed };
		}
	}
	return { seeds: count, faults: Object.fromEntries(faults) };
}

async function playOn<App, Outside>(plan: Plan, script: Script<App, Outside>): Promise<Stage<App, Outside>> {
	const stage = new Stage(plan, script);
	await stage.play();
	await realTurn(); // whoever runs the tests may want to say something
	return stage;
}

async function explain<App, Outside>(
	plan: Plan,
	script: Script<App, Outside>,
	wrong: Wrong,
	shrinkPlays: number,
): Promise<Failure> {
	const fails = async (part: Plan) => {
		const again = (await playOn(part, script)).wrong;
		return again?.where === wrong.where && again.error.name === wrong.error.name;
	};
	const repeats = await fails(plan);
	const small = repeats ? await shrink(plan, fails, shrinkPlays) : plan;
	const last = await playOn(small, script);
	const { where, error } = last.wrong ?? wrong;
	const { seed } = plan;
	const replay = `TILLMESH_SEED=${seed} before the same command, or simulate({ ..., seed: ${seed} })`;
	const steps = { needed: small.steps.length, of: plan.steps.length };
	const history = last.history.lines;
	const failure = { seed, where, error, replay, history, steps, repeats };
	return { ...failure, report: reportOf(failure) };
}

const unrepeatable =
	'The same seed did not fail in the same way again: the app uses a clock, timer, file or random number of the real world. ' +
	'Take now, sleep and unique from the place.';

function reportOf({ seed, where, error, replay, history, steps, repeats }: Omit<Failure, 'report'>): string {
	return [
		`Seed ${seed}: ${where}: ${error.message}`,
		...(repeats ? [`${steps.needed} of ${steps.of} steps are enough:`] : [unrepeatable]),
		'',
		...history,
		'',
		`Replay: ${replay}`,
	].join('\n');
}

// ---- what the vendor says ----

function checked<App, Outside>(options: SimulateOptions<App, Outside>) {
	checkKnown(options, known);
	const { seeds, from, seed, steps, start, actions, faults, outside, shrinkPlays } = options;
	checkCount('options.seeds', seeds, 1, Number.MAX_SAFE_INTEGER);
	for (const [option, value, least] of [
		['from', from, 0],
		['seed', seed, 0],
		['steps', steps, 1],
		['shrinkPlays', shrinkPlays, 0],
	] as const)
		if (value !== undefined) checkCount(`options.${option}`, value, least, Number.MAX_SAFE_INTEGER);
	checkFunction('options.start', start);
	if (outside !== undefined) checkFunction('options.outside', outside);
	if (typeof actions !== 'object' || actions === null || Object.keys(actions).length === 0)
		throw new BadArgument('options.actions', 'expected at least one action, by its name.');
	for (const [name, action] of Object.entries(actions)) checkFunction(`options.actions.${name}`, action);
	const chain: ChainOptions = Object.fromEntries(
		chainOptions.flatMap((option) =>
			option === 'seed' || options[option] === undefined ? [] : [[option, options[option]]],
		),
	);
	topologyOf(chain);
	const script: Script<App, Outside> = {
		start,
		actions,
		always: listOf('options.always', options.always),
		finally: listOf('options.finally', options.finally),
		outside: outside ?? (() => undefined as Outside), // without it nothing else can be meant
	};
	const planOptions: Omit<PlanOptions, 'steps'> = { chain, actions: Object.keys(actions), faults: faultsOf(faults) };
	return { script, planOptions };
}

function checkFunction(path: string, value: unknown): void {
	if (typeof value !== 'function') throw new BadArgument(path, `expected a function, got ${typeof value}.`);
}

function faultsOf(faults: SimulateOptions<unknown>['faults']): readonly Fault[] {
	if (faults === undefined) return usualFaults;
	if (faults === 'all') return everyFault;
	if (!Array.isArray(faults)) throw new BadArgument('options.faults', 'expected "all" or a list of faults.');
	for (const [i, fault] of faults.entries())
		if (!everyFault.includes(fault))
			throw new BadArgument(`options.faults[${i}]`, `"${String(fault)}" is none of ${everyFault.join(', ')}.`);
	return everyFault.filter((fault) => faults.includes(fault));
}

function listOf<App, Outside>(path: string, checks: Checks<App, Outside> = []): [string, Check<App, Outside>][] {
	if (typeof checks !== 'object' || checks === null)
		throw new BadArgument(path, 'expected checks, by name or in a list.');
	const named = Object.entries<Check<App, Outside>>(checks as Readonly<Record<string, Check<App, Outside>>>);
	return named.map(([name, check]) => {
		checkFunction(`${path}.${name}`, check);
		return [(Array.isArray(checks) && check.name) || name, check];
	});
}

/** Node's environment, where there is one. */
function seedOfEnvironment(): number | undefined {
	const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } };
	const text = process?.env?.TILLMESH_SEED;
	if (text === undefined || text === '') return undefined;
	const seed = Number(text);
	checkCount('TILLMESH_SEED', seed, 0, Number.MAX_SAFE_INTEGER);
	return seed;
}
