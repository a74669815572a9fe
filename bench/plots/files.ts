import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { keptPage } from '../results.js';
import { filled } from './fill.js';
import { plotsOf, type Tables } from './plots.js';
import { toSvg } from './svg.js';

export const folder = 'docs/plots/';

/** Pages with figures in their prose. */
const pages = ['docs/BENCHMARKS.md', 'docs/zh-CN/BENCHMARKS.md', 'docs/sizing.md'];

/** File and text of every plot, and of every page with figures, from what is kept. From the repository's root. */
export function drawAll(): Map<string, string> {
	const tables = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Tables;
	const plots = plotsOf(tables).map((plot) => [`${folder}${plot.name}.svg`, toSvg(plot)] as const);
	const prose = pages.map((page) => [page, filled(readFileSync(page, 'utf8'), tables)] as const);
	return new Map([...plots, ...prose, ['bench/RESULTS.md', keptPage('bench/')]]);
}

export function writePlots(): void {
	mkdirSync(folder, { recursive: true });
	for (const [file, svg] of drawAll()) writeFileSync(file, svg);
}
