import { expect, test } from 'vitest';
import { filled } from '../../bench/plots/fill.js';
import { plotsOf, type Tables } from '../../bench/plots/plots.js';
import { type CutEpoch, encodeContent } from '../../src/journal/checkpoint.js';
import { readDoc } from './blocks.js';

/** Bytes of a checkpoint of one device with so many epochs, each going on after the one before it. */
function contentBytes(epochs: number, entriesEach: number): number {
	const idOf = (i: number): number => 2 ** 52 + i;
	const cut = new Map<number, CutEpoch>();
	for (let i = 0; i < epochs; i++) {
		const prev = i === 0 ? null : { epoch: idOf(i - 1), count: entriesEach };
		const hash = i === epochs - 1 ? new Uint8Array(32) : undefined;
		cut.set(idOf(i), { epoch: idOf(i), count: entriesEach, device: 'd'.repeat(22), prev, hash });
	}
	const content = { ledger: 'stock/sh-014', cut, needs: new Map(), fences: [], figures: new Uint8Array() };
	return encodeContent(content, (epoch) => epoch).length;
}

test('JRN11 an epoch of a cut costs what decision 0004 says', () => {
	const page = readDoc('docs/decisions/0004-checkpoints-list-every-epoch.md');
	const [, short, long, newestShort, newestLong] =
		/(\d+) bytes for each such epoch, (\d+) from 128 entries on .* and (\d+) or (\d+) for the newest/s.exec(page) ?? [];
	for (const [entries, each, newest] of [
		[127, short, newestShort],
		[128, long, newestLong],
	] as const) {
		// Between 20 and 120 epochs the counts before the lists take the same bytes.
		expect((contentBytes(120, entries) - contentBytes(20, entries)) / 100).toBe(Number(each));
		expect(contentBytes(1, entries) - contentBytes(0, entries)).toBe(Number(newest) + 'd'.repeat(22).length + 2);
	}
});

const kept = JSON.parse(readDoc('bench/results.json')) as Tables;
const benchmarks = ['docs/BENCHMARKS.md', 'docs/zh-CN/BENCHMARKS.md'];

test('figures in prose are those that bench/results.json keeps', () => {
	for (const page of [...benchmarks, 'docs/sizing.md']) expect(filled(readDoc(page), kept), page).toBe(readDoc(page));
});

test('a figure in prose keeps its decimals, and a ratio is one', () => {
	const tables = { fan: { table: { title: '', columns: [], rows: [], figures: { 'a.kb': 12345.678, b: 10 } } } };
	const of = (text: string) => filled(text, tables);
	expect(of('9,999<!-- fan a.kb --> KB, or 1.0<!-- fan b -->')).toBe(
		'12,346<!-- fan a.kb --> KB, or 10.0<!-- fan b -->',
	);
	expect(of('1.00<!-- fan a.kb / b --> times')).toBe('1,234.57<!-- fan a.kb / b --> times');
	expect(of('7<!-- fan gone --> and 8 <!-- fan b -->')).toBe('7<!-- fan gone --> and 8 <!-- fan b -->');
});

test('English and Chinese show every plot, with the same figures', () => {
	const [english = '', chinese = ''] = benchmarks.map(readDoc);
	for (const { name } of plotsOf(kept)) {
		expect(english, name).toContain(`](plots/${name}.svg)`);
		expect(chinese, name).toContain(`](../plots/${name}.svg)`);
	}
	const figures = (page: string) => page.match(/[\d.,]+<!-- .*? -->/g);
	expect(figures(chinese)).toEqual(figures(english));
	expect(figures(english)?.length).toBeGreaterThan(5);
});
