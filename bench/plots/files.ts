import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { plotsOf, type Tables } from './plots.js';
import { toSvg } from './svg.js';

export const folder = 'docs/plots/';

/** File and text of every plot, from what is kept. From the repository's root. */
export function drawAll(): Map<string, string> {
	const tables = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Tables;
	return new Map(plotsOf(tables).map((plot) => [`${folder}${plot.name}.svg`, toSvg(plot)]));
}

export function writePlots(): number {
	mkdirSync(folder, { recursive: true });
	const drawn = drawAll();
	for (const [file, svg] of drawn) writeFileSync(file, svg);
	return drawn.size;
}
