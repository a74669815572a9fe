/**
 * What a till keeps: 20,000 products with stock and prices; with the 100,000 members of a chain, with the 200 of them who came,
 * and with none; and the month of one store of a coffee chain.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { openTill } from '../src/till.js';
import { median, round } from './rounds.js';
import type { Opened } from './sizing-open.js';
import { enrol, type Kept, month, optionsOf, receive, sell, sku, stock } from './sizing-tills.js';
import type { BenchOptions, Table } from './table.js';

/** Processes that open each; the median counts. */
const openings = 5;

interface Row {
	readonly key: string;
	readonly what: string;
	readonly keeps: Kept;
	readonly store: string;
	readonly name: string;
	/** Something that it can sell. */
	readonly sku: string;
}

function openElsewhere(file: string, { keeps, store, name, sku: sold }: Row): Opened {
	const main = process.argv[1] ?? '';
	const args = ['--expose-gc', main, 'sizing-open', file, keeps, store, name, sold, '--child'];
	const all = Array.from({ length: openings }, (): Opened => {
		const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
		return JSON.parse(said.trimEnd().split('\n').pop() ?? '') as Opened; // what `sizingOpen` gave
	});
	const middle = (key: keyof Opened) => median(all.map((one) => one[key]));
	return { bytes: middle('bytes'), openMs: middle('openMs'), heapBytes: middle('heapBytes') };
}

const shown = (n: number) => n.toLocaleString('en');

async function chainRows(folder: string, quick: boolean): Promise<Row[]> {
	const [skus, members, visitors] = quick ? [2_000, 5_000, 20] : [20_000, 100_000, 200];
	const goods = await openTill(optionsOf(`${folder}/none.db`, 'none'));
	await stock(goods, skus);
	await goods.shutdown();
	cpSync(`${folder}/none.db`, `${folder}/all.db`);
	const all = await openTill(optionsOf(`${folder}/all.db`, 'all'));
	await enrol(all, members);
	await receive(`${folder}/visited.db`, all, visitors, members);
	await all.shutdown();
	const of = { store: 'sh-014', name: 'till-1', sku: sku(1) };
	return [
		{ ...of, key: 'none', keeps: 'none', what: `${shown(skus)} products, no members` },
		{ ...of, key: 'all', keeps: 'all', what: `the same, and ${shown(members)} members with points` },
		{
			...of,
			key: 'visited',
			keeps: 'visited',
			name: 'till-2',
			what: `the same products, and of these members the ${shown(visitors)} who came`,
		},
	];
}

async function monthRow(folder: string, quick: boolean): Promise<Row> {
	const input = month(quick);
	const [store = ''] = input.outlets;
	const till = await openTill(optionsOf(`${folder}/month.db`, 'none', store));
	const count = await sell(till, input, store);
	const sold = till.catalog.skus()[0] ?? '';
	await till.shutdown();
	const what = `${shown(count)} orders of one store in ${input.days.length} days`;
	return { key: 'month', keeps: 'none', store, name: 'till-1', sku: sold, what };
}

export async function sizing({ quick = false }: BenchOptions): Promise<Table> {
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/sizing-');
	const all = [...(await chainRows(folder, quick)), await monthRow(folder, quick)];
	const figures: Record<string, number> = {};
	const rows: (string | number)[][] = [];
	for (const row of all) {
		const opened = openElsewhere(`${folder}/${row.key}.db`, row);
		const [mb, ms, heap] = [opened.bytes / 2 ** 20, opened.openMs, opened.heapBytes / 2 ** 20];
		figures[`${row.key}Mb`] = round(mb, 1);
		figures[`${row.key}OpenMs`] = round(ms, 0);
		figures[`${row.key}HeapMb`] = round(heap, 0);
		rows.push([row.what, round(mb, 1), round(ms, 0), round(heap, 0)]);
	}
	rmSync(folder, { recursive: true, force: true });
	return {
		title: 'sizing: what a till keeps',
		note: [
			'A till on SQLite, opened anew in a process of its own: bytes of its storage, milliseconds until it can sell, heap after',
			`a collection; medians of ${openings}. Each product has a definition, a price and a delivery of 40; each member a phone and 100 points. All of it`,
			'was written on one till and no checkpoint has covered it: the most that it can weigh. The members who came were asked for',
			'by phone at a second till, which fetched their ledgers. The month is that of a coffee chain, sold at one till.',
		].join(' '),
		columns: ['what', 'MB on disk', 'open, ms', 'heap, MB'],
		rows,
		figures,
	};
}
