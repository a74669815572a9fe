/** What a till of a large chain keeps: 20,000 products with stock and prices, 100,000 members; with all of them, and with none. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openTill, type Till } from '../src/till.js';
import { round } from './rounds.js';
import type { Opened } from './sizing-open.js';
import type { BenchOptions, Table } from './table.js';

const tillOf = (file: string, members: 'all' | 'none') =>
	openTill({
		chain: 'bench',
		store: 'sh-014',
		name: 'till-1',
		storage: sqlite(file),
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		members: { secret: 'sixteen bytes or more' },
		keeps: { members },
	});

const sku = (i: number) => `SKU-${String(i).padStart(6, '0')}`;

async function stock(till: Till, skus: number): Promise<void> {
	for (let at = 0; at < skus; at += 1_000)
		await till.catalog.define(
			Array.from({ length: 1_000 }, (_, i) => ({ sku: sku(at + i), name: `product ${at + i}` })),
		);
	const prices = Object.fromEntries(Array.from({ length: skus }, (_, i) => [sku(i), 1_000 + i]));
	const from = new Date(till.shop.nowMs()).toISOString();
	await till.catalog.publish({ version: 'v1', from, stores: 'all', prices }, { idempotencyKey: 'v1' });
	for (let at = 0; at < skus; at += 50) {
		const lines = Array.from({ length: 50 }, (_, i) => ({ sku: sku(at + i), qty: 40 }));
		await till.stock.receive({ document: `PO-${at}`, lines }, { idempotencyKey: `PO-${at}` });
	}
}

async function enrol(till: Till, members: number): Promise<void> {
	for (let at = 0; at < members; at += 500)
		await Promise.all(
			Array.from({ length: 500 }, async (_, i) => {
				const id = `m-${at + i}`;
				await till.members.register({ id, phone: `1${String(at + i).padStart(10, '0')}` }, { idempotencyKey: id });
				await till.members.earn({ member: id, points: 100, source: 'opening' }, { idempotencyKey: `${id} points` });
			}),
		);
}

function openElsewhere(file: string, members: string): Opened {
	const main = process.argv[1] ?? '';
	const said = execFileSync(process.execPath, ['--expose-gc', main, 'sizing-open', file, members, '--child'], {
		encoding: 'utf8',
	});
	return JSON.parse(said.trimEnd().split('\n').pop() ?? '') as Opened; // what `sizingOpen` gave
}

export async function sizing({ quick = false }: BenchOptions): Promise<Table> {
	const [skus, members] = quick ? [2_000, 5_000] : [20_000, 100_000];
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/sizing-');
	const goods = await tillOf(`${folder}/goods.db`, 'none');
	await stock(goods, skus);
	await goods.shutdown();
	cpSync(`${folder}/goods.db`, `${folder}/all.db`);
	const all = await tillOf(`${folder}/all.db`, 'all');
	await enrol(all, members);
	await all.shutdown();
	const figures: Record<string, number> = {};
	const rows: (string | number)[][] = [];
	for (const [key, file, keeps, what] of [
		['none', 'goods', 'none', `${skus.toLocaleString('en')} products, no members`],
		['all', 'all', 'all', `the same, and ${members.toLocaleString('en')} members with points`],
	] as const) {
		const opened = openElsewhere(`${folder}/${file}.db`, keeps);
		figures[`${key}Mb`] = round(opened.bytes / 2 ** 20, 1);
		figures[`${key}OpenMs`] = round(opened.openMs, 0);
		figures[`${key}HeapMb`] = round(opened.heapBytes / 2 ** 20, 0);
		rows.push([what, figures[`${key}Mb`] ?? 0, figures[`${key}OpenMs`] ?? 0, figures[`${key}HeapMb`] ?? 0]);
	}
	rmSync(folder, { recursive: true, force: true });
	return {
		title: 'sizing: what a till of a large chain keeps',
		note: [
			'A till on SQLite, opened anew in a process of its own: bytes of its storage, milliseconds until it can sell, heap after',
			'a collection. Each product has a definition, a price and a delivery of 40; each member a phone and 100 points. All of it',
			'was written on this till and no checkpoint has covered it: the most that it can weigh.',
		].join(' '),
		columns: ['what', 'MB on disk', 'open, ms', 'heap, MB'],
		rows,
		figures,
	};
}
