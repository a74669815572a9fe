/**
 * `npm run bench:guard [-- --accept]`
 *
 * Compares what noise cannot move with bench/guard.json, and fails where something got worse.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildBench } from '../build.js';
import { advice, compare, type Kept, ofEngine } from './compare.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = `${root}bench/guard.json`;
const out = `${root}bench/.data/guard-${process.pid}`;
const node = Number(process.versions.node.split('.')[0]);

/** Nothing is collected while allocations are counted: the young generation has room for all of them. */
const roomMb = 512;

async function measure(): Promise<Record<string, number>> {
	await buildBench(root, 'bench/guard/child.ts', out);
	const flags = ['--expose-gc', `--min-semi-space-size=${roomMb}`, `--max-semi-space-size=${roomMb}`];
	const said = execFileSync(process.execPath, [...flags, `${out}/child.js`], {
		cwd: root,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		timeout: 120_000,
	});
	return JSON.parse(said);
}

/**
 * Syncs are exact. Bytes hold ids drawn by chance, and upkeep that comes once a second may fall among three hundred sales; how often
 * shares move hangs on the order of a whole day; what is allocated, on when code was compiled.
 */
function percentOf(name: string): number {
	if (ofEngine(name) || name.startsWith('shares.')) return 10;
	return name.endsWith('Syncs') ? 0 : 1;
}

function accept(figures: Readonly<Record<string, number>>): void {
	const guarded = Object.entries(figures).map(([name, value]) => [name, { value, percent: percentOf(name) }]);
	const kept = { node, figures: Object.fromEntries(guarded) };
	writeFileSync(file, `${JSON.stringify(kept, undefined, '\t')}\n`);
	execFileSync('node_modules/.bin/biome', ['format', '--write', file], { cwd: root, stdio: 'ignore' });
	console.log(`bench/guard.json keeps ${guarded.length} figures.`);
}

const startMs = performance.now();
try {
	const figures = await measure();
	if (process.argv.includes('--accept')) accept(figures);
	else {
		const { lines, isWorse } = compare(JSON.parse(readFileSync(file, 'utf8')) as Kept, figures, node);
		console.log(lines.join('\n'));
		if (isWorse) {
			console.error(`\n${advice}`);
			process.exitCode = 1;
		}
	}
	console.log(`took ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
} finally {
	rmSync(out, { recursive: true, force: true });
}
