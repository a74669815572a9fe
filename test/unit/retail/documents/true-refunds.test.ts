import { expect, test } from 'vitest';
import type { Refunded } from '../../../../src/retail/documents/order.js';
import { judgeRefunds } from '../../../../src/retail/documents/true-refunds.js';

const line = { line: 'l-1', sku: 'GOWN', qty: 1, amount: 30_000, restock: 'no' } as const;
const tenders = [{ kind: 'cash', amount: 31_500 }] as const;
const input = { order: 'o-1', lines: [{ line: 'l-1', restock: 'no' }], tenders };
const text = (of: object = {}) => JSON.stringify(['order.refund', { ...input, ...of }]);
const refund: Refunded = {
	verb: 'order.refund',
	v: 1,
	date: '2026-03-02',
	approval: 'q-1',
	asked: 31_500,
	consent: { input: text(), signed: 'a gate looked at it' },
	store: 'sh-1',
	refund: 'r-1',
	receiptNo: 'R-1',
	lines: [line],
	net: 30_000,
	taxes: [],
	tax: 1_500,
	rounding: 0,
	due: 31_500,
	tenders,
};
const judge = (...all: readonly unknown[]) => {
	const entries = (all as readonly Refunded[]).map((value, i) => ({ value, atMs: i, device: 'd', late: false }));
	const { counted, refused } = judgeRefunds('o-1', entries);
	return [counted.length, refused.length];
};
const agreed = (to: string) => ({ ...refund, consent: { input: to, signed: '' } });

test('a refund that does what it says counts; one without a limit is not held to anything', () => {
	expect(judge(refund)).toEqual([1, 0]);
	expect(judge({ ...refund, consent: undefined })).toEqual([1, 0]);
	expect(judge(agreed(text({ lines: [{ line: 'l-1', qty: 1, amount: 30_000, restock: 'no' }] })))).toEqual([1, 0]);
	expect(judge({ ...refund, asked: undefined, consent: undefined, due: 1 })).toEqual([1, 0]);
});

test.each<[string, unknown]>([
	['says less than it gives', { ...refund, asked: 1 }],
	['gives other than its sum', { ...refund, asked: 1, due: 1 }],
	['has lines that come to something else', { ...refund, lines: [{ ...line, amount: 1 }] }],
	['has tenders that come to something else', { ...refund, tenders: [{ kind: 'cash', amount: 1 }] }],
	[
		'hides one tender behind another',
		{
			...refund,
			consent: undefined,
			tenders: [
				{ kind: 'cash', amount: 40_000 },
				{ kind: 'card', amount: -8_500 },
			],
		},
	],
	['was agreed to for another order', agreed(text({ order: 'o-2' }))],
	['was agreed to for another line', agreed(text({ lines: [{ line: 'l-2', restock: 'no' }] }))],
	['was agreed to for fewer pieces', agreed(text({ lines: [{ line: 'l-1', qty: 2, restock: 'no' }] }))],
	['was agreed to for less', agreed(text({ lines: [{ line: 'l-1', amount: 1, restock: 'no' }] }))],
	['was agreed to with the goods back', agreed(text({ lines: [{ line: 'l-1', restock: 'sell' }] }))],
	['was agreed to for nothing', agreed(text({ lines: [] }))],
	['was agreed to for other money', agreed(text({ tenders: [{ kind: 'card', amount: 31_500 }] }))],
	['was agreed to as another verb', agreed(text().replace('order.refund', 'order.void'))],
	['was agreed to in no words at all', agreed('{')],
	['lacks what every refund has', { verb: 'order.refund', asked: 1 }],
])('a refund that %s counts nowhere', (_, document) => {
	expect(judge(document)).toEqual([0, 1]);
});

test('a yes is used once, by the first; one that counts for nothing uses it not', () => {
	expect(judge(refund, refund, { ...refund, approval: 'q-2' })).toEqual([2, 1]);
	expect(judge({ ...refund, asked: 1 }, refund)).toEqual([1, 1]);
});
