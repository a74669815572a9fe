/**
 * What a till keeps: ever more products with stock and prices; with ever more members of a chain, and with those of them who came;
 * and the month of one store of a coffee chain.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { openTill } from '../src/till.js';
import { median, progress, round } from './rounds.js';
import type { Opened } from './sizing-open.js';
import { enrol, type Kept, month, optionsOf, receive, sell, sku, stock } from './sizing-tills.js';
import type { BenchOptions, Table } from './table.js';

/** Processes that open each; the median counts. */
const openings = 5;
interface Row {
	/** Before the names of its figures. */
	readonly key: string;
	readonly what: string;
	readonly file: string;
	readonly keeps: Kept;
	readonly store: string;
	readonly name: string;
	/** Something that it can sell. */
	readonly sku: string;
}

interface Sizes {
	/** Each is a row. */
	readonly skus: readonly number[];
	/** Of these, so many are at the till that members come to. */
	readonly beside: number;
	readonly members: readonly number[];
	/** Of the most of these members so many come to a second till. */
	readonly visitors: number;
}

const quickly: Sizes = { skus: [100, 1_000, 2_000], beside: 1_000, members: [500, 1_000], visitors: 10 };
const usual: Sizes = {
	skus: [100, 1_000, 5_000, 20_000, 50_000],
	beside: 20_000,
	members: [1_000, 10_000, 100_000],
	visitors: 200,
};
/** What takes longer than all other benches together. */
const million: Sizes = { skus: [20_000], beside: 20_000, members: [1_000_000], visitors: 0 };

function openElsewhere({ file, keeps, store, name, sku: sold }: Row): Opened {
	const main = process.argv[1] ?? '';
	const args = [
		'--expose-gc',
		'--max-old-space-size=12000',
		main,
		'sizing-open',
		file,
		keeps,
		store,
		name,
		sold,
		'--child',
	];
	const all = Array.from({ length: openings }, (): Opened => {
		const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
		return JSON.parse(said.trimEnd().split('\n').pop() ?? '') as Opened; // what `sizingOpen` gave
	});
	const middle = (key: keyof Opened) => median(all.map((one) => one[key]));
	return { bytes: middle('bytes'), openMs: middle('openMs'), heapBytes: middle('heapBytes') };
}

const shown = (n: number) => n.toLocaleString('en');

/** What a till of the shop can sell, and who it is. */
const till1 = { store: 'sh-014', name: 'till-1', sku: sku(1) };

/** Stocks one till step by step; a copy of its file stays from each step. */
async function skuRows(folder: string, { skus }: Sizes): Promise<Row[]> {
	const file = `${folder}/goods.db`;
	const rows: Row[] = [];
	let stocked = 0;
	for (const count of skus) {
		progress(`${shown(count)} products`);
		const till = await openTill(optionsOf(file, 'none'));
		await stock(till, stocked, count);
		await till.shutdown();
		stocked = count;
		cpSync(file, `${folder}/skus-${count}.db`);
		const what = `${shown(count)} products, no members`;
		rows.push({ ...till1, key: `skus.${count}.`, keeps: 'none', what, file: `${folder}/skus-${count}.db` });
	}
	return rows;
}

/** Enrols members step by step at a till with products; and opens a second one that some of them visit. */
async function memberRows(folder: string, { beside: products, members, visitors }: Sizes): Promise<Row[]> {
	const file = `${folder}/members.db`;
	cpSync(`${folder}/skus-${products}.db`, file);
	const rows: Row[] = [];
	let enrolled = 0;
	for (const count of members) {
		progress(`${shown(count)} members`);
		const till = await openTill(optionsOf(file, 'all'));
		await enrol(till, enrolled, count);
		enrolled = count;
		if (visitors > 0 && count === members.at(-1)) {
			await receive(`${folder}/visited.db`, till, visitors, count);
			const what = `${shown(products)} products, and of ${shown(count)} members the ${shown(visitors)} who came`;
			const second = { ...till1, name: 'till-2' };
			rows.push({ ...second, key: 'visited.', keeps: 'visited', what, file: `${folder}/visited.db` });
		}
		await till.shutdown();
		cpSync(file, `${folder}/members-${count}.db`);
		const what = `${shown(products)} products, and ${shown(count)} members with points`;
		rows.push({ ...till1, key: `members.${count}.`, keeps: 'all', what, file: `${folder}/members-${count}.db` });
	}
	return rows;
}

async function monthRow(folder: string, quick: boolean): Promise<Row> {
	const input = month(quick);
	const [store = ''] = input.outlets;
	const till = await openTill(optionsOf(`${folder}/month.db`, 'none', store));
	const count = await sell(till, input, store);
	const sold = till.catalog.skus()[0] ?? '';
	await till.shutdown();
	const what = `${shown(count)} orders of one store in ${input.days.length} days`;
	return { key: 'month.', keeps: 'none', store, name: 'till-1', sku: sold, what, file: `${folder}/month.db` };
}

export const sizing = ({ quick = false }: BenchOptions): Promise<Table> =>
	sized('sizing: what a till keeps', [...about, ...others], async (folder) => {
		const sizes = quick ? quickly : usual;
		return [...(await skuRows(folder, sizes)), ...(await memberRows(folder, sizes)), await monthRow(folder, quick)];
	});

export const members1m = ({ quick = false }: BenchOptions): Promise<Table> =>
	sized('members-1m: a till that keeps a million members', about, async (folder) => {
		const sizes = quick ? { ...quickly, visitors: 0 } : million;
		await skuRows(folder, sizes);
		return memberRows(folder, sizes);
	});

const about = [
	'A till on SQLite, opened anew in a process of its own: bytes of its storage, milliseconds until it can sell, heap after',
	`a collection; medians of ${openings}. Each product has a definition, a price and a delivery of 40; each member a phone and 100 points. All of it`,
	'was written on one till and no checkpoint has covered it: the most that it can weigh.',
];
const others = [
	'The members who came were asked for by phone at a second till, which fetched their ledgers. The month is that of a coffee',
	'chain, sold at one till.',
];

async function sized(
	title: string,
	note: readonly string[],
	fill: (folder: string) => Promise<readonly Row[]>,
): Promise<Table> {
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/sizing-');
	const all = await fill(folder);
	const figures: Record<string, number> = {};
	const rows: (string | number)[][] = [];
	for (const row of all) {
		const opened = openElsewhere(row);
		const [mb, ms, heap] = [opened.bytes / 2 ** 20, opened.openMs, opened.heapBytes / 2 ** 20];
		figures[`${row.key}mb`] = round(mb, 2);
		figures[`${row.key}openMs`] = round(ms, 0);
		figures[`${row.key}heapMb`] = round(heap, 1);
		progress(`${row.what}: ${ms.toFixed(0)} ms`);
		rows.push([row.what, round(mb, 1), round(ms, 0), round(heap, 0)]);
	}
	rmSync(folder, { recursive: true, force: true });
	return {
		title,
		note: note.join(' '),
		columns: ['what', 'MB on disk', 'open, ms', 'heap, MB'],
		rows,
		figures,
	};
}
