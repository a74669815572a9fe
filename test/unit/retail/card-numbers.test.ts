import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memory } from '../../../adapters/storage-memory/index.js';
import type { BadArgument } from '../../../src/base/errors.js';
import { checkNoCards, hasCardNumber } from '../../../src/retail/shop/card-numbers.js';
import { openTill } from '../../../src/till.js';

describe('A card number is found', () => {
	test.each([
		'4111111111111111',
		'4222222222222',
		'5555 5555 5555 4444',
		'2223-0000-4841-0010',
		'378282246310005',
		'3782 822463 10005',
		'30569309025904',
		'6011111111111117',
		'3566002020360505',
		'6200000000000005',
		'6799990100000000019',
		'卡号4111111111111111',
		'４１１１１１１１１１１１１１１１',
		'paid by 4111 1111 1111 1111, thanks',
		'12 pieces 4111–1111–1111–1111',
	])('%s', (text) => expect(hasCardNumber(text)).toBe(true));
});

describe('No card number is', () => {
	test.each([
		['a check digit that does not fit', '4111111111111112'],
		['a phone', '+8613800000001'],
		['a phone', '13800000001'],
		['a phone', '+49 1511 2345678'],
		['a phone behind its plus', '+4111111111111111'],
		['an EAN-13', '4006381333931'],
		['an EAN-13', '6901234567892'],
		['a time', '20260214110322'],
		['a number of another length', '411111111111'],
		['a number of another length', '41111111111111111111'],
		['part of an id', 'ff4111111111111111'],
		['a list of numbers', '4111 111 1111 11111'],
		['a brand nobody has', '9111111111111111'],
		['what a wallet says', '4200001234202602141234567890'],
	])('%s', (_, text) => expect(hasCardNumber(text)).toBe(false));

	test('an EAN, whichever', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^\d{12}$/), (twelve) => {
				const sum = [...twelve].reduce((all, digit, i) => all + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
				expect(hasCardNumber(`${twelve}${(10 - (sum % 10)) % 10}`)).toBe(false);
			}),
		);
	});
});

test('is looked for in what people write, and nowhere else', () => {
	const card = '4111111111111111';
	const path = (given: unknown) => {
		try {
			checkNoCards('', given);
		} catch (error) {
			expect(error).toMatchObject({ code: 'card_number' });
			expect(String(error)).not.toContain('4111');
			return (error as BadArgument).path;
		}
		return undefined;
	};
	expect(path({ lines: [{ sku: 'A' }, { sku: 'B', note: card }] })).toBe('lines[1].note');
	expect(path({ tenders: [{ kind: 'other', name: card }] })).toBe('tenders[0].name');
	expect(path({ ext: { 'pos.pan': { deep: [Number(card)] } } })).toBe('ext.pos.pan.deep[0]');
	expect(path({ sku: card, lot: card, document: card, phone: card, externalId: card })).toBeUndefined();
});

test('nothing is written with one', async () => {
	const storage = memory();
	const till = await openTill({
		chain: 'lily-tea',
		store: 'sh-014',
		name: 'till-1',
		storage,
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		members: { secret: 'at least sixteen bytes' },
	});
	await till.catalog.define([{ sku: 'CUP', name: 'Cup', policy: 'none' }]);
	const sale = (more: object, write: object = {}) =>
		till.checkout(
			{ lines: [{ sku: 'CUP', qty: 1, unitPrice: 100, ...more }], tenders: [{ kind: 'cash', amount: 100 }] },
			{ idempotencyKey: 'cart', ...write },
		);
	const refused = { code: 'card_number', path: expect.any(String) };
	await expect(sale({ note: '4111 1111 1111 1111' })).rejects.toMatchObject({ ...refused, path: 'lines[0].note' });
	await expect(sale({}, { note: '4111111111111111' })).rejects.toMatchObject({ ...refused, path: 'note' });
	await expect(sale({}, { ext: { 'pos.ref': '4111111111111111' } })).rejects.toMatchObject(refused);
	await expect(
		till.members.register({ phone: '13800000001', personal: { card: '4111111111111111' } }, { idempotencyKey: 'm' }),
	).rejects.toMatchObject({ ...refused, path: 'personal.card' });
	expect((await sale({ note: '13800000001' })).ok).toBe(true);
	const stored = await (await storage.copy().open('scan')).read('');
	const text = stored.map(({ value }) => Buffer.from(value).toString('latin1')).join('\n');
	expect(text).toContain('13800000001');
	expect(text).not.toMatch(/4111/);
	await till.shutdown();
});

test('a terminal that tells the whole number is written down without it', async () => {
	const storage = memory();
	const till = await openTill({
		chain: 'lily-tea',
		store: 'sh-014',
		name: 'till-1',
		storage,
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
	});
	await till.catalog.define([{ sku: 'CUP', name: 'Cup', policy: 'none' }]);
	const order = await till.orders.open({ lines: [{ sku: 'CUP', qty: 1, unitPrice: 100 }] }, { idempotencyKey: 'o' });
	if (!order.ok) throw new Error(order.message);
	const answer = { state: 'approved', ref: '4111111111111111', brand: 'visa', last4: '411111******1111' } as const;
	const driver = { name: 'box', charge: async () => answer, query: async () => answer, reverse: async () => {} };
	const paid = await till.payments.run({ order: order.value, amount: 100, driver }, { idempotencyKey: 'p' });
	expect(paid.ok).toBe(true);
	await till.shutdown();
	const stored = await (await storage.open('scan')).read('');
	const text = stored.map(({ value }) => Buffer.from(value).toString('latin1')).join('\n');
	expect(text).toContain('"last4":"1111"');
	expect(text).not.toContain('411111');
});
