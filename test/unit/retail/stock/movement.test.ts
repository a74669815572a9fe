import { expect, test } from 'vitest';
import type { Stamped } from '../../../../src/ledger/written.js';
import { foldMoves, type Moved } from '../../../../src/retail/stock/movement.js';

const head = { v: 1, date: '2026-02-14' } as const;
const reading = { counted: 5, expected: 6, seenMoves: 6, seenSold: 0 };

function entry(atMs: number, device: string, value: Omit<Moved, keyof typeof head>): Stamped<Moved> {
	return { value: { ...head, ...value }, atMs, device, late: false };
}

test('a delivery that a till booked twice before it saw its own document is told once; that of another till is one more', () => {
	const came = { verb: 'stock.receive', id: 'PO-1', qty: 6, document: 'PO-1' } as const;
	const state = foldMoves('TEA', [entry(1, 'a', came), entry(2, 'a', came), entry(3, 'b', came)]);
	expect(state?.moves.map(({ device, qty }) => [device, qty])).toEqual([
		['a', 6],
		['b', 6],
	]);
	expect(state?.lastReceipt).toBe('PO-1 b');
});

test('a lot keeps the earliest day that anybody said, and is consigned once somebody said so', () => {
	const came = { verb: 'stock.receive', qty: 6, lot: 'L', supplier: 'Dairy' } as const;
	const state = foldMoves('MILK', [
		entry(1, 'a', { ...came, id: 'PO-1', expiresOn: '2026-03-02' }),
		entry(2, 'b', { ...came, id: 'PO-2', expiresOn: '2026-03-01', consigned: true, unitCost: 80 }),
		entry(3, 'b', { verb: 'stock.count', id: 'C', qty: 1, lot: 'L', count: 'C', reading: { ...reading, atMs: 3 } }),
	]);
	expect(state?.lots.get('L')).toEqual({
		lot: 'L',
		expiresOn: '2026-03-01',
		supplier: 'Dairy',
		unitCost: 80,
		consigned: true,
	});
});

test('S23 the newest count of a pool stands, with what was corrected under it; a correction is true when its count was', () => {
	const counted = (count: string, atMs: number, qty: number) =>
		entry(atMs + 50, count, { verb: 'stock.count', id: count, qty, count, reading: { ...reading, atMs } });
	const corrected = (count: string, atMs: number, countedMs: number, n: number, qty: number) =>
		entry(atMs, count, { verb: 'stock.correct', id: `${count}#${n}`, qty, count, countedMs, covered: 1 });
	const entries = [
		counted('early', 100, -1),
		counted('late', 200, -2),
		corrected('early', 300, 100, 1, 3),
		corrected('late', 310, 200, 1, 4),
		corrected('late', 320, 200, 2, -1),
	];
	const state = foldMoves('TEA', entries);
	expect(state?.counts.get('TEA')).toMatchObject({ count: 'late', atMs: 200, corrected: 1, corrections: 3 });
	expect(state?.moves.map(({ atMs }) => atMs)).toEqual([100, 200, 100, 200, 200]);
	expect(state?.covered.get('TEA')).toBe(3);
	// The order that they came in does not matter to which stands.
	expect(foldMoves('TEA', [...entries].reverse())?.counts).toEqual(state?.counts);
});
