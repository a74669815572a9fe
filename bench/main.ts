/**
 * `npm run bench [-- NAME...] [--quick] [--json] [--write]`
 * `npm run bench -- NAME --profile [--memory] [--of FUNCTION] [--flame]`: where its time goes, or what it allocates, and no
 *   figures; `--flame` draws it into docs/flames, for each process that the bench starts
 * `npm run bench -- NAME --node=--max-semi-space-size=64`: by another flag of Node, which is never written
 *
 * Prints the figures, and writes RESULTS.md and results.json where all of them but the long ones, which run where they
 * are named, ran in full; or with `--write`. Figures of
 * `--quick` are never written. Each bench runs in a process of its own, as built code: what a transpiling loader adds is
 * not ours.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { barsOf } from './bars.js';
import { benches, names, parts } from './benches.js';
import { buildBench } from './build.js';
import { machine } from './machine.js';
import { writeFlame, writePlots } from './plots/files.js';
import { keepProfile, memoryEnv, profilesEnv, profilesIn, profileTable } from './profile.js';
import { type Results, write } from './results.js';
import { type Table, toText } from './table.js';

// In the built copy this points elsewhere; the process of a bench gets the root as its working folder.
const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}bench/.data/build-${process.pid}`;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		quick: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
		profile: { type: 'boolean', default: false },
		memory: { type: 'boolean', default: false },
		flame: { type: 'boolean', default: false },
		of: { type: 'string' },
		node: { type: 'string', multiple: true, default: [] },
		write: { type: 'boolean', default: false },
		/** This is the process of one bench, whose last line is the table, or of a part of one. */
		child: { type: 'boolean', default: false },
	},
});

/** How much longer than its budget a bench may take before it is ended. */
const patience = 3;

function run(name: string): Table {
	const flags = values.quick ? ['--quick'] : [];
	const timeout = (benches[name]?.budgetSeconds ?? 0) * patience * 1000;
	const said = execFileSync(
		process.execPath,
		['--expose-gc', '--max-old-space-size=12000', ...values.node, `${out}/main.js`, name, '--child', ...flags],
		{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26, timeout },
	);
	return JSON.parse(said.trimEnd().split('\n').pop() ?? '') as Table;
}

interface Ran {
	readonly table: Table;
	readonly seconds: number;
}

/** One bench that fails takes nothing from the others; the run fails at its end. */
function attempt(name: string): Ran | undefined {
	const startMs = performance.now();
	const seconds = () => Math.round((performance.now() - startMs) / 1000);
	try {
		const table = run(name);
		return { table, seconds: seconds() };
	} catch (error) {
		console.error(`${name} failed after ${seconds()} s: ${String(error)}`);
		process.exitCode = 1;
		return undefined;
	}
}

function print(name: string, { table, seconds }: Ran): void {
	console.log(`\n${toText(table)}`);
	for (const { bar, measured, verdict } of barsOf(name, table.figures))
		if (measured !== undefined) console.log(`${verdict.replaceAll('*', '')}. ${bar}: ${measured}`);
	console.log(`took ${seconds} s of a budget of ${benches[name]?.budgetSeconds} s`);
}

function showProfiles(bench: string, folder: string): void {
	for (const [name, profile] of profilesIn(folder)) {
		const table = profileTable(name, profile, values.of);
		console.log(`\n${toText(table)}`);
		if (values.flame) writeFlame(`${bench}-${name}`, `${bench}, ${table.title}`, profile);
	}
}

async function main(): Promise<void> {
	const wanted = positionals.length > 0 ? positionals : [...names].filter((name) => !benches[name]?.isLong);
	const unknown = wanted.find((name) => !names.has(name));
	if (unknown !== undefined) throw new Error(`no bench "${unknown}"; there are ${[...names].join(', ')}.`);
	if ((values.profile || values.node.length > 0) && (positionals.length === 0 || values.write))
		throw new Error('--profile and --node are for benches that are named, and their figures are not written.');
	if (values.quick && values.write)
		throw new Error('--quick is to see that a bench runs: its figures are not written.');
	await buildBench(root, 'bench/main.ts', out);
	const profiles = `${out}/profiles`;
	if (values.profile) process.env[profilesEnv] = profiles;
	if (values.memory) process.env[memoryEnv] = 'yes';
	const at = machine();
	const tables: Record<string, Table> = {};
	const seconds: Record<string, number> = {};
	for (const name of wanted) {
		process.stderr.write(`${name} ...\n`);
		const ran = attempt(name);
		if (!ran) continue;
		if (values.profile) {
			showProfiles(name, profiles);
			rmSync(profiles, { recursive: true });
			continue;
		}
		tables[name] = ran.table;
		seconds[name] = ran.seconds;
		print(name, ran);
	}
	const total = Object.values(seconds).reduce((sum, one) => sum + one, 0);
	if (wanted.length > 1) console.log(`\n${wanted.length} benches took ${(total / 60).toFixed(1)} minutes`);
	const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
	const results: Results = { command, date: new Date().toISOString().slice(0, 10), machine: at, tables, seconds };
	if (values.write || (positionals.length === 0 && !values.quick)) {
		write(`${root}bench/`, results);
		writePlots();
	}
	if (values.json)
		console.log(JSON.stringify({ ...results, bars: wanted.flatMap((n) => barsOf(n, tables[n]?.figures ?? {})) }));
}

if (values.child) {
	const [name = ''] = positionals;
	const bench = benches[name]?.load ?? parts[name];
	if (!bench) throw new Error(`no bench "${name}".`);
	keepProfile(name);
	console.log(JSON.stringify(await (await bench())(values, positionals.slice(1))));
	process.exit(0);
} else {
	process.chdir(root);
	try {
		await main();
	} finally {
		rmSync(out, { recursive: true, force: true });
	}
}
