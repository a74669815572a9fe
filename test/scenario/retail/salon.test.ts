import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseCsv } from '../../../examples/chain-day/csv.js';
import { addFixed, type Fixed, formatMinor, parseFixed, parseMinor } from '../../../src/retail/shop/money.js';
import { openShops } from './shops.js';

const folder = fileURLToPath(new URL('../../../../shared/data/hair_salon', import.meta.url));
const isHere = existsSync(folder);
if (!isHere) console.warn(`The salon's receipts are not at ${folder}: skipped.`);

interface Row {
	readonly receipt: string;
	readonly day: string;
	readonly sku: string;
	readonly staff: string;
	readonly amount: string;
	readonly gst: string;
	readonly pst: string;
}

function readRows(): Row[] {
	return parseCsv(readFileSync(`${folder}/receipts.csv`, 'utf8'), 'receipts.csv').map((row) => {
		const of = (column: string) => row.get(column) ?? '';
		const [month, day, year] = of('Date').split('/');
		return {
			receipt: of('Receipt'),
			day: `${year}-${month}-${day}`,
			// Some lines of the real data have no description.
			sku: of('Description') || 'unnamed',
			staff: of('Staff'),
			amount: of('Amount'),
			gst: of('GST'),
			pst: of('PST'),
		};
	});
}

test.skipIf(!isHere)(
	'S15 the salon’s taxes of four decimals: the same exact sums on every replica, rounded bill by bill (real data)',
	async () => {
		const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
		const rows = readRows();
		const shops = await openShops({
			settings: { currency: { code: 'CAD', decimals: 2 }, taxes: 'added', zone: 'America/Winnipeg' },
		});
		const skus = [...new Set(rows.map(({ sku }) => sku))];
		await shops.till(0).catalog.define(skus.map((sku) => ({ sku, name: sku, policy: 'none' })));
		await shops.meet();
		const receipts = new Map<string, Row[]>();
		for (const row of rows) {
			const name = `${row.receipt} ${row.day}`;
			receipts.set(name, [...(receipts.get(name) ?? []), row]);
		}
		let rounded = 0;
		for (const [receipt, lines] of receipts) {
			const till = shops.till(receipts.size % 2 === 0 ? Number(receipt.split(' ')[0]) % 2 : 0);
			const taxes = { gst: sum(lines.map(({ gst }) => gst)), pst: sum(lines.map(({ pst }) => pst)) };
			const net = lines.reduce((total, { amount }) => total + parseMinor(amount, 2), 0);
			const tax = [taxes.gst, taxes.pst].reduce((total, of) => total + roundHalfUp(of), 0);
			rounded += tax;
			const sale = await till.checkout(
				{
					lines: lines.map(({ sku, amount, staff, gst, pst }) => ({
						sku,
						qty: 1,
						unitPrice: parseMinor(amount, 2),
						taxes: [
							{ code: 'GST', amount: parseFixed(gst) },
							{ code: 'PST', amount: parseFixed(pst) },
						],
						performers: [{ staff, shareBp: 10_000 }],
					})),
					tenders: [{ kind: 'cash', amount: net + tax }],
					businessDate: lines[0]?.day ?? '',
				},
				{ idempotencyKey: receipt },
			);
			if (!sale.ok) throw new Error(`${receipt}: ${sale.message}`);
		}
		await shops.meet();
		const days = [...new Set(rows.map(({ day }) => day))].sort();
		for (const number of [0, 1]) {
			const { day, totals } = shops.till(number);
			const reports = days.map((businessDate) => day.x({ businessDate }));
			const total = (of: (report: (typeof reports)[number]) => number) =>
				reports.reduce((all, report) => all + of(report), 0);
			const taxed = (code: string) =>
				reports.reduce((all, { taxes }) => addFixed(all, taxes[code] ?? { value: 0, scale: 0 }), {
					value: 0,
					scale: 0,
				} as Fixed);
			expect(
				formatMinor(
					total(({ net }) => net),
					2,
				),
			).toBe(expected.amount);
			expect(formatMinor(taxed('GST').value, taxed('GST').scale)).toBe(expected.gst);
			expect(formatMinor(taxed('PST').value, taxed('PST').scale)).toBe(expected.pst);
			expect(total(({ sales }) => sales)).toBe(receipts.size);
			expect(total(({ tax }) => tax)).toBe(rounded);
			const byStaff = totals.now({ stores: 'all', from: days[0] ?? '', to: days.at(-1) ?? '', by: ['staff'] });
			expect(Object.fromEntries(byStaff.map(({ by, net }) => [by.staff, net]))).toEqual(
				Object.fromEntries(
					Object.entries<string>(expected.amount_by_staff).map(([staff, amount]) => [staff, parseMinor(amount, 2)]),
				),
			);
		}
		expect(receipts.size).toBe(expected.receipts);
	},
	120_000,
);

function sum(texts: readonly string[]): Fixed {
	return texts.reduce((total, text) => addFixed(total, parseFixed(text)), { value: 0, scale: 0 } as Fixed);
}

/** As a bookkeeper would by hand, apart from the code under test. */
function roundHalfUp({ value, scale }: Fixed): number {
	const cents = (Math.abs(value) * 100) / 10 ** scale;
	return Math.sign(value) * Math.floor(cents + 0.5 + 1e-9);
}
