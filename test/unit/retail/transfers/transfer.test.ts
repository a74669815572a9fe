import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stamped } from '../../../../src/ledger/written.js';
import { foldTransfer, newestFirst, next, type TransferDocument } from '../../../../src/retail/transfers/transfer.js';

const head = { v: 1, date: '2026-02-14' } as const;
const lines = (qty: number) => [{ sku: 'TEA', qty }];

type Said = TransferDocument extends infer D
	? D extends TransferDocument
		? Omit<D, keyof typeof head>
		: never
	: never;

function entry(device: string, value: Said): Stamped<TransferDocument> {
	return { value: { ...head, ...value } as TransferDocument, atMs: 1, device, late: false };
}

const requested = entry('c', { verb: 'transfer.request', from: 'sh-1', to: 'sh-2', lines: lines(10) });
const shipped = entry('a', { verb: 'transfer.ship', from: 'sh-1', to: 'sh-2', lines: lines(10) });
const shippedToo = entry('z', { verb: 'transfer.ship', from: 'sh-1', to: 'sh-2', lines: lines(10) });
const received = (device: string, qty: number) =>
	entry(device, { verb: 'transfer.receive', to: 'sh-2', lines: lines(qty) });
const lost = entry('b', { verb: 'transfer.resolve', as: 'lost', variance: [{ sku: 'TEA', missing: 1 }] });

test.each([
	['a request', [requested], 'requested', [], 0],
	['shipped', [requested, shipped], 'shipped', [], 10],
	['two tills answered one request', [requested, shipped, shippedToo], 'shipped', [], 20],
	['received before the shipment was heard of', [received('c', 9)], 'arrived', [], 0],
	['all of it', [shipped, received('c', 10)], 'received', [], 0],
	['one missing', [shipped, received('c', 9)], 'variance', [['TEA', 1]], 1],
	['one too many', [shipped, received('c', 11)], 'variance', [['TEA', -1]], 0],
	['the same till again', [shipped, received('c', 9), received('c', 9)], 'variance', [['TEA', 1]], 1],
	['two tills took it in', [shipped, received('c', 10), received('d', 10)], 'variance', [['TEA', -10]], 0],
	['resolved', [shipped, received('c', 9), lost], 'closed', [], 0],
	[
		'resolved, and a receipt that nobody knew of',
		[shipped, received('c', 9), lost, received('d', 2)],
		'variance',
		[['TEA', -2]],
		0,
	],
] as const)('%s: the same state in whatever order it is heard of', (_, entries, state, variance, inTransit) => {
	fc.assert(
		fc.property(fc.shuffledSubarray([...entries], { minLength: entries.length }), (order) => {
			const transfer = foldTransfer('t', order);
			expect(transfer?.state).toBe(state);
			expect(transfer?.variance.map(({ sku, missing }) => [sku, missing])).toEqual(variance);
			expect(transfer?.inTransit.get('TEA') ?? 0).toBe(inTransit);
		}),
	);
});

test('what may not happen has no way in the table', () => {
	expect(next('unknown', 'resolve')).toBeUndefined();
	expect(next('shipped', 'ship')).toBeUndefined();
	expect(next('received', 'resolve')).toBeUndefined();
	expect(next('closed', 'receive')).toBeUndefined();
	expect(next('unknown', 'receive')).toBe('arrived');
});

test('transfers of one moment stand in the same order at every till', () => {
	const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, atMs: id === 'c' ? 2 : 1 })) as [never, never, never];
	for (const order of [
		[a, b, c],
		[b, a, c],
		[c, b, a],
	])
		expect([...order].sort(newestFirst)).toEqual([c, a, b]);
});
