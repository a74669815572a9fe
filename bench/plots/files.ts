import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profile } from '../profile.js';
import { keptPage } from '../results.js';
import { filled } from './fill.js';
import { flame } from './flame.js';
import { plotsOf, type Tables } from './plots.js';
import { toSvg } from './svg.js';

export const folder = 'docs/plots/';
const flames = 'docs/flames/';

/** Pages with figures in their prose. */
const pages = ['docs/BENCHMARKS.md', 'docs/zh-CN/BENCHMARKS.md', 'docs/sizing.md'];

/** File and text of every plot, and of every page with figures, from what is kept. From the repository's root. */
export function drawAll(): Map<string, string> {
	const tables = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Tables;
	const plots = plotsOf(tables).map((plot) => [`${folder}${plot.name}.svg`, toSvg(plot)] as const);
	const prose = pages.map((page) => [page, filled(readFileSync(page, 'utf8'), tables)] as const);
	return new Map([...plots, ...prose, ['bench/RESULTS.md', keptPage('bench/')]]);
}

/** A flame graph, which no figure is read from. */
export function writeFlame(name: string, title: string, profile: Profile): void {
	mkdirSync(flames, { recursive: true });
	writeFileSync(`${flames}${name}.svg`, flame(title, profile));
}

export function writePlots(): void {
	mkdirSync(folder, { recursive: true });
	for (const [file, svg] of drawAll()) writeFileSync(file, svg);
}
