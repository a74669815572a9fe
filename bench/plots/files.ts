import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { keptPage } from '../results.js';
import { plotsOf, type Tables } from './plots.js';
import { toSvg } from './svg.js';

export const folder = 'docs/plots/';

/** File and text of every plot, and of the page of figures, from what is kept. From the repository's root. */
export function drawAll(): Map<string, string> {
	const tables = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Tables;
	const plots = plotsOf(tables).map((plot) => [`${folder}${plot.name}.svg`, toSvg(plot)] as const);
	return new Map([...plots, ['bench/RESULTS.md', keptPage('bench/')]]);
}

export function writePlots(): void {
	mkdirSync(folder, { recursive: true });
	for (const [file, svg] of drawAll()) writeFileSync(file, svg);
}
