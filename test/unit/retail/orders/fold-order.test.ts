import { describe, expect, test } from 'vitest';
import type { Stamped } from '../../../../src/ledger/written.js';
import type { OrderDocument, PricedLine } from '../../../../src/retail/documents/order.js';
import { foldOrder } from '../../../../src/retail/orders/fold-order.js';
import { orderMoves, refusalOf } from '../../../../src/retail/orders/order-events.js';
import { settledBy } from '../../../scenario/retail/orders-settled.js';

const head = { v: 1, date: '2026-02-14' } as const;
const open = { ...head, verb: 'order.open', table: 'T1' } as const;
const line = (id: string, qty = 1): PricedLine => ({ id, sku: 'TEA', qty, unitPrice: 100, net: qty * 100 });
const add = (...lines: PricedLine[]) => ({ ...head, verb: 'order.add', lines }) as const;
const settled = (...lines: PricedLine[]) => ({ ...head, verb: 'order.settle', ...settledBy(lines, 'R-1') }) as const;

function fold(...documents: readonly OrderDocument[]) {
	const entries = documents.map((value, i): Stamped<OrderDocument> => ({ value, atMs: i, device: 'a', late: false }));
	return foldOrder('o-1', entries, 'orders/sh-1/2026-02-14');
}

describe('what documents of an order come to', () => {
	test('nothing of nothing, and an order of whatever came first', () => {
		expect(fold()).toBeUndefined();
		expect(fold(settled(line('l-1')))).toMatchObject({ state: 'settled', openedBy: undefined, net: 100 });
		expect(fold(open)).toMatchObject({ state: 'open', store: 'sh-1', businessDate: '2026-02-14', table: 'T1', net: 0 });
	});

	test('of two changes the one that had seen more stands, quantity and note each for itself', () => {
		const change = { ...head, verb: 'order.change', line: 'l-1' } as const;
		const state = fold(
			open,
			add(line('l-1')),
			{ ...change, n: 2, qty: 5, net: 500, taxes: [{ code: 'vat', amount: { value: 5, scale: 2 } }] },
			{ ...change, n: 1, qty: 3, net: 300 },
			{ ...change, n: 1, text: 'hot' },
		);
		expect(state?.lines).toMatchObject([{ qty: 5, net: 500, note: 'hot', taxes: [{ code: 'vat' }] }]);
		expect(state?.changes.get('l-1')).toBe(2);
	});

	test('a recall that had seen the parking stands over it, whatever the clocks say', () => {
		const recall = { ...head, verb: 'order.recall', n: 2 } as const;
		expect(fold(open, recall, { ...head, verb: 'order.park', n: 1 })?.state).toBe('open');
		expect(fold(open, recall, { ...head, verb: 'order.park', n: 3 })?.state).toBe('parked');
	});

	test('what was dealt with of a late change is late no more; what came after it is', () => {
		const late = [open, settled(line('l-1')), add(line('l-1', 4), line('l-2'))];
		expect(fold(...late)?.late).toMatchObject([
			{ kind: 'changed', line: 'l-1', qty: 3, net: 300 },
			{ kind: 'added', line: 'l-2', qty: 1, net: 100 },
		]);
		const dealt = {
			...head,
			verb: 'order.resolve',
			exception: 'late_change:o-1',
			kind: 'late_change',
			outcome: 'follow_up',
			amount: 300,
			lines: [
				{ line: 'l-1', qty: 2, net: 200 },
				{ line: 'l-2', qty: 1, net: 100 },
			],
			followUp: 'o-2',
		} as const;
		const state = fold(...late, dealt);
		expect(state?.late).toMatchObject([{ line: 'l-1', qty: 1, net: 100 }]);
		expect(state?.matters).toMatchObject([{ kind: 'late_change', amount: 100 }]);
		expect(state?.followUps).toEqual(['o-2']);
	});

	test('a document of a later version says nothing here', () => {
		const strange = { ...head, verb: 'order.sing' } as unknown as OrderDocument;
		expect(fold(open, strange)).toMatchObject({ state: 'open' });
	});
});

test('what may be done to an order: everything leads to a phase or is refused for a reason', () => {
	for (const [phase, moves] of Object.entries(orderMoves))
		for (const next of Object.values(moves))
			expect(next === undefined ? refusalOf[phase as keyof typeof refusalOf] : orderMoves[next]).toBeDefined();
});
