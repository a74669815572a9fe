/**
 * `npm run bench:plots [-- --check]`
 *
 * Draws docs/plots/*.svg, writes bench/RESULTS.md and fills figures into docs from bench/results.json; with `--check` fails where they differ from what is there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { drawAll, folder, writePlots } from './files.js';

if (process.argv.includes('--check')) {
	const stale = [...drawAll()].filter(([file, svg]) => !existsSync(file) || readFileSync(file, 'utf8') !== svg);
	for (const [file] of stale)
		console.error(`${file} is not what bench/results.json says: npm run bench:plots draws it anew.`);
	process.exitCode = stale.length > 0 ? 1 : 0;
} else {
	writePlots();
	console.log(`${folder}*.svg, bench/RESULTS.md and the figures in docs are what bench/results.json says.`);
}
