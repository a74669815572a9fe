import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plotsOf, type Tables } from '../../../bench/plots/plots.js';

const kept = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Tables;
const table = (figures: Record<string, number>, rows: (string | number)[][] = []) => ({
	table: { title: '', columns: [], rows, figures },
});
const named = (tables: Tables, name: string) => plotsOf(tables).find((plot) => plot.name === name);

test('what was never measured says which bench would', () => {
	const plots = plotsOf({});
	expect(plots.length).toBeGreaterThanOrEqual(9);
	for (const plot of plots) expect(plot.kind).toBe('missing');
	expect(named({}, 'skus')).toMatchObject({ bench: 'sizing' });
});

test('a line has a point for each size that was measured, in order', () => {
	const figures = { '8.p99Ms': 3, '64.p99Ms': 9, '1.p99Ms': 2, '64.p50Ms': 1, '8.cpuPercent': Number.NaN };
	const plot = named({ stores: table(figures) }, 'stores');
	if (plot?.kind !== 'lines') throw new Error('stores are lines');
	const byName = new Map(plot.series.map(({ name, points }) => [name, points]));
	expect(byName.get('p99, ms')).toEqual([
		[1, 2],
		[8, 3],
		[64, 9],
	]);
	expect(byName.get("relay's CPU, % of a core")).toEqual([]);
});

test('products and members come from one table, each from its own figures', () => {
	const sizing = table({ 'skus.100.mb': 1, 'members.1000.mb': 7, 'skus.100.openMs': 2, allMb: 5 });
	const plots = ['skus', 'members'].map((name) => named({ sizing }, name));
	const points = plots.map((plot) => plot?.kind === 'lines' && plot.series[0]?.points);
	expect(points).toEqual([[[100, 1]], [[1000, 7]]]);
});

test('customers not served at once are read off the rows of the days', () => {
	const rows = [
		['0 % offline, static split', 85, 0, 15, 0],
		['5 % offline, at rest in the store', 3, 90, 7, 1],
		['20 % offline, by demand, and ahead of it', 98.5, 1, 0.5, 0.2],
	];
	const plot = named({ shares: table({}, rows) }, 'shares');
	if (plot?.kind !== 'bars') throw new Error('shares are bars');
	expect(plot.bars.map(({ group, name, value }) => [group, name, value])).toEqual([
		['0 % offline', 'static split', 15],
		['20 % offline', 'by demand, and ahead of it', 1.5],
	]);
});

test('a fan-out has a bar for each server and load', () => {
	const plot = named(kept, 'fanout');
	if (plot?.kind !== 'bars') throw new Error('fanout is bars');
	expect(new Set(plot.bars.map(({ group }) => group)).size).toBe(4);
	expect(plot.bars.length).toBe(20);
});

test('every plot lies in docs/plots', () => {
	for (const { name } of plotsOf(kept)) expect(existsSync(`docs/plots/${name}.svg`), name).toBe(true);
});
