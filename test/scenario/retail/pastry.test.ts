import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Goods, openGoods, yes } from './goods.js';
import { key } from './shops.js';

const file = fileURLToPath(new URL('../../../../shared/data/coffee_chain/pastry_inventory.csv', import.meta.url));
const isThere = existsSync(file);

interface Row {
	readonly outlet: string;
	readonly date: string;
	readonly sku: string;
	readonly start: number;
	readonly sold: number;
	readonly waste: number;
}

const outlets = ['3', '5', '8'];

test.skipIf(!isThere)(
	'S24 the coffee chain’s pastry table (start, sold, waste): 304 of 307 rows balance and 3 are flagged (real data)',
	async () => {
		const rows = readRows();
		const products = [...new Set(rows.map(({ sku }) => sku))];
		const goods = await openGoods(
			products.map((sku) => ({ sku, name: sku, policy: 'soft' })),
			{ stores: outlets.length, tillsPerStore: 2 },
		);
		const flagged: string[] = [];
		for (const rowsOfDay of days(rows)) flagged.push(...(await reconcile(goods, rowsOfDay)));
		const wrong = rows.filter(({ start, sold, waste }) => start !== sold + waste).map(idOf);
		expect([rows.length, wrong.length]).toEqual([307, 3]);
		expect(flagged).toEqual(wrong);
		await goods.shops.meet();
		// Each count put the books right, at every till.
		for (let n = 0; n < 6; n++) for (const sku of products) expect(goods.till(n).store(sku)).toBe(0);
	},
);

/** One shop's day: baked goods come, one till sells, the other throws the rest away and counts an empty shelf. */
async function reconcile(goods: Goods, rows: readonly Row[]): Promise<string[]> {
	const first = rows[0];
	if (!first) return [];
	const shop = 2 * outlets.indexOf(first.outlet);
	const [seller, baker] = [goods.till(shop), goods.till(shop + 1)];
	const linesOf = (qty: (row: Row) => number) =>
		rows.filter((row) => qty(row) > 0).map((row) => ({ sku: row.sku, qty: qty(row) }));
	yes(await seller.stock.receive({ document: `bake ${first.date}`, lines: linesOf(({ start }) => start) }, key()));
	const sold = linesOf((row) => row.sold);
	if (sold.length > 0) yes(await seller.sell(sold));
	const wasted = linesOf(({ waste }) => waste);
	await goods.shops.world.advance(1_000);
	await Promise.all(wasted.map((line) => baker.stock.ensure(line, { timeoutMs: 500 })));
	if (wasted.length > 0) yes(await baker.stock.waste({ reason: 'end of day', lines: wasted }, key()));
	const sheet = baker.stock.count();
	for (const { sku } of rows) sheet.record({ sku, qty: 0 });
	const wrong = new Set(sheet.variances().map(({ sku }) => sku));
	yes(await sheet.post(key()));
	await goods.shops.world.advance(1_000);
	return rows.filter(({ sku }) => wrong.has(sku)).map(idOf);
}

function readRows(): Row[] {
	const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
	return lines.map((line) => {
		const [outlet = '', date = '', sku = '', start, sold, waste] = line.split(',');
		return { outlet, date, sku, start: Number(start), sold: Number(sold), waste: Number(waste) };
	});
}

function days(rows: readonly Row[]): Row[][] {
	const byDay = new Map<string, Row[]>();
	for (const row of rows)
		byDay.set(`${row.outlet} ${row.date}`, [...(byDay.get(`${row.outlet} ${row.date}`) ?? []), row]);
	return [...byDay.values()];
}

const idOf = ({ outlet, date, sku }: Row) => `${outlet} ${date} ${sku}`;
