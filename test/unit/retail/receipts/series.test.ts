import { expect, test } from 'vitest';
import type { Stamped } from '../../../../src/ledger/written.js';
import type { SeriesDocument } from '../../../../src/retail/documents/series.js';
import { foldSeries, numberText } from '../../../../src/retail/receipts/series.js';

const head = { v: 1, date: '2026-02-14' } as const;
const open = { ...head, verb: 'series.open', prefix: 'A', from: 1, size: 10, ranges: 2, digits: 4 } as const;
const lease = { ...head, verb: 'series.lease', range: 1 } as const;

const by = (device: string, atMs: number, value: SeriesDocument): Stamped<SeriesDocument> => ({
	value,
	atMs,
	device,
	late: false,
});

test('a series is its ranges in order, whose they are, and which have ended', () => {
	const entries = [
		by('b', 3, { ...head, verb: 'series.skip', device: 'a', ranges: [1], why: 'lost' }),
		by('a', 4, { ...head, verb: 'series.skip', device: 'a', ranges: [1], why: 'returned' }),
		by('a', 2, lease),
		by('m', 1, { ...open, from: 21, ranges: 1, prefix: 'B' }),
		by('m', 0, open),
	];
	const series = foldSeries('receipt', entries);
	expect(series).toEqual({
		name: 'receipt',
		prefix: 'A',
		digits: 4,
		ranges: [
			{ from: 1, to: 10, device: 'a', ended: 'lost' },
			{ from: 11, to: 20, device: undefined, ended: undefined },
			{ from: 21, to: 30, device: undefined, ended: undefined },
		],
	});
	expect(foldSeries('receipt', [...entries].reverse())).toEqual(series);
	expect(series && numberText(series, 7)).toBe('A0007');
});

test('of two leases the first stands; a series that nobody opened is none', () => {
	expect(foldSeries('receipt', [by('a', 1, lease)])).toBeUndefined();
	const twice = [by('m', 0, open), by('b', 5, lease), by('a', 5, lease)];
	expect(foldSeries('receipt', twice)?.ranges[0]?.device).toBe('a');
});
