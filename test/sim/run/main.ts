/**
 * `npm run sim`: plays the simulated chain of shops. `npm run sim -- --help` says how.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { bundleSim } from './bundle.js';
import { sim } from './sim.js';

process.chdir(fileURLToPath(new URL('../../../', import.meta.url)));

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
// Whoever reads has seen enough, as `head` has.
process.stdout.on('error', () => stop.abort());

process.exitCode = await sim(process.argv.slice(2), {
	env: process.env,
	print: (line) => process.stdout.write(`${line}\n`),
	progress: { isTerminal: process.stderr.isTTY === true, write: (text) => process.stderr.write(text) },
	bundle: () => bundleSim(),
	nowMs: () => performance.now(),
	signal: stop.signal,
});
