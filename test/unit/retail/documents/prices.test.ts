import { describe, expect, test } from 'vitest';
import { BadArgument } from '../../../../src/base/errors.js';
import type { NewLine } from '../../../../src/retail/documents/order.js';
import { checkLine, netOf, scaleTaxes } from '../../../../src/retail/documents/prices.js';

describe('what a line comes to', () => {
	const weighed = {
		products: { sku: () => ({ sku: 'HAM', name: 'Ham', scale: 3 as const }) },
		rounding: 'half-up' as const,
	};

	test('price times quantity at its scale, less the discount', () => {
		expect(netOf({ sku: 'HAM', qty: 1_500, unitPrice: 1_990 }, weighed)).toBe(2_985);
		expect(netOf({ sku: 'HAM', qty: 333, unitPrice: 1_990, discount: 3 }, weighed)).toBe(660);
		expect(netOf({ sku: 'TEA', qty: 2, unitPrice: 1_800 }, { rounding: 'down' })).toBe(3_600);
	});

	test('never below nothing', () => {
		const line = { sku: 'TEA', qty: 1, unitPrice: 100, discount: 101 };
		expect(() => netOf(line, { rounding: 'half-up' })).toThrow(BadArgument);
	});

	test('taxes go with the quantity at their own scale', () => {
		const taxes = [{ code: 'vat', amount: { value: 41_005, scale: 4 } }];
		expect(scaleTaxes(taxes, 2, 3, 'half-up')).toEqual([{ code: 'vat', amount: { value: 61_508, scale: 4 } }]);
	});
});

test('what is no line is told with its path', () => {
	const tea: NewLine = { sku: 'TEA', qty: 1 };
	const bad: readonly [string, unknown][] = [
		['lines[0]', null],
		['lines[0].sku', { ...tea, sku: '' }],
		['lines[0].qty', { ...tea, qty: 0 }],
		['lines[0].unitPrice', { ...tea, unitPrice: 0.5 }],
		['lines[0].discount', { ...tea, discount: -1 }],
		['lines[0].lot', { ...tea, lot: 7 }],
		['lines[0].taxes[0].amount.value', { ...tea, taxes: [{ code: 'vat', amount: { value: 0.1, scale: 2 } }] }],
		['lines[0].taxes[0].amount.scale', { ...tea, taxes: [{ code: 'vat', amount: { value: 1, scale: 9 } }] }],
		['lines[0].performers[0].shareBp', { ...tea, performers: [{ staff: 'ada', shareBp: -1 }] }],
	];
	for (const [path, line] of bad) expect(() => checkLine('lines[0]', line as NewLine)).toThrow(path);
	checkLine('lines[0]', tea);
});
