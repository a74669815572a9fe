import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agreementOf, agreementTable } from '../../../bench/agreement.js';
import { barsOf } from '../../../bench/bars.js';

const barOf = (name: string, figures: Record<string, number>, text: string) =>
	barsOf(name, figures).find(({ bar }) => bar.includes(text));

test('a bar is met on its very edge', () => {
	expect(barOf('gate', { parseUs: 1 }, 'parse')).toMatchObject({ holds: true, verdict: 'met' });
	expect(barOf('hot-sku', { 'tillmesh.oversold': 0 }, 'oversold')).toMatchObject({ holds: true, verdict: 'met' });
});

test('a bar that is missed says by how much, who wins, and where the reason is', () => {
	const bar = barOf('spend', { tillmeshUs: 6, loroUs: 2 }, 'loro-crdt, no bytes');
	expect(bar?.holds).toBe(false);
	expect(bar?.verdict).toMatch(/^\*\*missed\*\*: 2\.73 times the bar; loro-crdt.* wins; why: \[0024\]/);
	expect(barOf('hot-sku', { 'tillmesh.perSecond': 40, 'postgres.perSecond': 10 }, 'Postgres UPDATE')?.verdict).toMatch(
		/missed\*\*: 0\.2 of the bar/,
	);
	expect(barOf('hot-sku', { 'tillmesh.oversold': 3 }, 'oversold')?.verdict).toMatch(
		/the bar is none; not explained yet/,
	);
});

test('a peer that is behind is not said to win', () => {
	const figures = { 'tillmesh.64x1.perSecond': 9, 'y-websocket.64x1.perSecond': 3, 'hocuspocus.64x1.perSecond': 30 };
	const bars = barsOf('fanout', figures).filter(({ measured, bar }) => measured && bar.includes('ahead'));
	expect(bars.map(({ holds, verdict }) => [holds, verdict.includes('Hocuspocus')])).toEqual([
		[true, false],
		[false, true],
	]);
});

test('what was not measured says how it would be', () => {
	expect(barOf('growth-10m', {}, '10M spends: opens')).toMatchObject({
		holds: false,
		measured: undefined,
		verdict: 'not measured: `npm run bench -- growth-10m --write`',
	});
});

test('every page that a miss names is there', () => {
	const page = readFileSync('bench/RESULTS.md', 'utf8');
	const links = [...page.matchAll(/why: \[\w+\]\(\.\.\/(.+?)\)/g)].map(([, path = '']) => path);
	expect(links.length).toBeGreaterThan(0);
	for (const path of links) expect(existsSync(path), path).toBe(true);
});

test('two runs agree by their ratios, however fast the machine was', () => {
	const [slow, fast] = [
		{ durableP99Ms: 8, bareP99Ms: 4, memoryP50Ms: 3 },
		{ durableP99Ms: 2.2, bareP99Ms: 1, memoryP50Ms: 1 },
	];
	const [only, ...others] = agreementOf('checkout', slow, fast);
	expect(others).toEqual([]);
	expect(only).toMatchObject({ ratio: 2, before: 2.2 });
	expect(only?.apartPercent).toBeCloseTo(10);
	const apart = agreementOf('checkout', slow, { ...fast, durableP99Ms: 3 });
	expect(agreementTable(apart).join()).toContain('0 of 1 are at most 20 % apart');
	expect(agreementTable(apart).join()).toContain('| 2.00 | 3.00 | **50 %** |');
	expect(agreementOf('checkout', slow, {})).toEqual([]);
	expect(agreementTable([])).toEqual([]);
});
