/**
 * `npm run bench [-- NAME...] [--quick] [--ten] [--json] [--write]`
 *
 * Prints the figures, and writes RESULTS.md and results.json where all of them ran in full, or with `--write`. Each
 * bench runs in a process of its own, as built code: what a transpiling loader adds is not ours.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { barsOf } from './bars.js';
import { benches, names, parts } from './benches.js';
import { machine } from './machine.js';
import { type Results, write } from './results.js';
import { type Table, toText } from './table.js';

// In the built copy this points elsewhere; the process of a bench gets the root as its working folder.
const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}bench/.data/build-${process.pid}`;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		quick: { type: 'boolean', default: false },
		ten: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
		write: { type: 'boolean', default: false },
		/** This is the process of one bench, whose last line is the table, or of a part of one. */
		child: { type: 'boolean', default: false },
	},
});

async function buildSelf(): Promise<void> {
	const { build } = await import('esbuild');
	await build({
		entryPoints: [`${root}bench/main.ts`],
		outdir: out,
		bundle: true,
		splitting: true,
		format: 'esm',
		target: 'node20',
		platform: 'node',
		packages: 'external',
		logLevel: 'warning',
		tsconfig: `${root}tsconfig.json`,
	});
}

function run(name: string): Table {
	const flags = [...(values.quick ? ['--quick'] : []), ...(values.ten ? ['--ten'] : [])];
	const said = execFileSync(
		process.execPath,
		['--expose-gc', '--max-old-space-size=12000', `${out}/main.js`, name, '--child', ...flags],
		{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 },
	);
	return JSON.parse(said.trimEnd().split('\n').pop() ?? '') as Table;
}

/** One bench that fails takes nothing from the others; the run fails at its end. */
function attempt(name: string): Table | undefined {
	try {
		return run(name);
	} catch (error) {
		console.error(`${name} failed: ${String(error)}`);
		process.exitCode = 1;
		return undefined;
	}
}

async function main(): Promise<void> {
	const wanted = positionals.length > 0 ? positionals : [...names];
	const unknown = wanted.find((name) => !names.has(name));
	if (unknown !== undefined) throw new Error(`no bench "${unknown}"; there are ${[...names].join(', ')}.`);
	await buildSelf();
	const at = machine();
	const tables: Record<string, Table> = {};
	for (const name of wanted) {
		process.stderr.write(`${name} ...\n`);
		const table = attempt(name);
		if (!table) continue;
		tables[name] = table;
		console.log(`\n${toText(table)}`);
		for (const { bar, measured, holds } of barsOf(name, table.figures))
			if (measured !== undefined) console.log(`${holds ? 'holds ' : 'MISSED'}  ${bar}: ${measured}`);
	}
	const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
	const results: Results = { command, date: new Date().toISOString().slice(0, 10), machine: at, tables };
	if (values.write || (wanted.length === names.size && !values.quick)) write(`${root}bench/`, results);
	if (values.json)
		console.log(JSON.stringify({ ...results, bars: wanted.flatMap((n) => barsOf(n, tables[n]?.figures ?? {})) }));
}

if (values.child) {
	const bench = benches[positionals[0] ?? ''] ?? parts[positionals[0] ?? ''];
	if (!bench) throw new Error(`no bench "${positionals[0]}".`);
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
