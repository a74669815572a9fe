import { describe, expect, test } from 'vitest';
import type { PromotionRule } from '../../../src/retail/catalog/promotions.js';
import type { Quote } from '../../../src/retail/checkout/quote.js';
import type { NewLine, OrderId } from '../../../src/retail/documents/order.js';
import type { Retail } from '../../../src/retail/retail.js';
import type { Declined } from '../../../src/retail/shop/outcome.js';
import { openOrder } from './orders-settled.js';
import { key, openShops, type Shops, type ShopsOptions } from './shops.js';

const from = '2020-01-01T00:00:00Z';
const buns: PromotionRule = { kind: 'n_for_m', skus: ['BUN'], take: 3, pay: 2, name: '3 for 2' };
const bun = { sku: 'BUN', qty: 1 };

async function openBakeries(rules: readonly PromotionRule[], options: ShopsOptions = {}): Promise<Shops> {
	const shops = await openShops(options);
	const { catalog } = shops.till(0);
	await catalog.define(['BUN', 'TEA', 'CAKE'].map((sku) => ({ sku, name: sku, policy: 'none' })));
	await catalog.publish({ version: 'list', from, stores: 'all', prices: { BUN: 700, TEA: 1800, CAKE: 2500 } }, key());
	await catalog.publish({ version: 'rules', from, stores: 'all', prices: {}, rules }, key());
	await shops.meet();
	return shops;
}

function quoted(quote: Quote | Declined): Quote {
	if (!quote.ok) throw new Error(quote.message);
	return quote;
}

const added = async (till: Retail, order: OrderId, ...lines: NewLine[]) =>
	expect(await till.orders.addLines(order, lines, key())).toMatchObject({ ok: true });
const cash = (amount: number) => [{ kind: 'cash' as const, amount }];

describe('promotions on open orders', () => {
	test('S6 three for two counts over what isolated tills added to one table at different times, and is refunded as paid', async () => {
		const shops = await openBakeries([buns]);
		const [a, b] = [shops.till(0), shops.till(1)];
		const order = await openOrder(a);
		await shops.meet();
		shops.isolate(0);
		shops.isolate(1);
		await added(a, order, bun);
		await shops.world.advance(60_000);
		await added(b, order, { ...bun, qty: 2 });
		expect(quoted(a.quote({ order })).due).toBe(700);
		await shops.meet();
		const quote = quoted(a.quote({ order }));
		expect(quote).toMatchObject({ gross: 2100, discounts: 700, net: 1400, due: 1400 });
		expect(quote.promotions).toEqual([{ version: 'rules', kind: 'n_for_m', name: '3 for 2', off: 700 }]);
		expect(quoted(b.quote({ order }))).toEqual(quote);
		expect(a.orders.get(order).get()?.net).toBe(2100); // until it is settled

		shops.isolate(0);
		expect(await a.checkout({ order, tenders: cash(2100) }, key())).toMatchObject({ ok: false, code: 'wrong_amount' });
		const sale = await a.checkout({ order, tenders: cash(quote.due) }, key());
		expect(sale).toMatchObject({ ok: true, value: { net: 1400 } });
		await shops.meet();
		expect(await b.checkout({ order, tenders: cash(1400) }, key())).toMatchObject({ ok: false, code: 'order_settled' });
		expect(a.quote({ order })).toMatchObject({ ok: false, code: 'order_settled' });
		const settled = b.orders.get(order).get();
		expect(settled?.lines).toEqual(quote.lines);
		expect(settled?.lines.map(({ net }) => net).sort()).toEqual([1400, 0].sort());

		// The free one costs nothing back, the paid two what was paid for them.
		for (const { id, net } of settled?.lines ?? []) {
			const back = { order, lines: [{ line: id, restock: 'no' as const }] };
			expect(await b.refund({ ...back, tenders: cash(net + 1) }, key())).toMatchObject({ ok: false });
			expect(await b.refund({ ...back, tenders: cash(net) }, key())).toMatchObject({ ok: true, value: { net } });
		}
		await shops.meet();
		expect(a.day.x()).toMatchObject({ gross: 2100, discounts: 700, refunds: 1400, net: 0 });
	});

	test('S34 lines keep their price, a promotion that began meanwhile counts, and a price set by hand is left alone', async () => {
		const shops = await openBakeries([]);
		const till = shops.till(0);
		const order = await openOrder(till);
		await added(till, order, bun, { sku: 'TEA', qty: 2, unitPrice: 1000 }, { sku: 'CAKE', qty: 1, discount: 500 });
		const now = new Date(till.shop.nowMs()).toISOString();
		const rules = [{ kind: 'percent', offBp: 1000 }] as const;
		await till.catalog.publish({ version: 'half', from: now, stores: 'all', prices: { BUN: 350 }, rules }, key());
		await added(till, order, bun);
		const quote = quoted(till.quote({ order }));
		expect(quote.lines.map(({ sku, unitPrice, net }) => [sku, unitPrice, net])).toEqual([
			['BUN', 700, 630],
			['TEA', 1000, 2000],
			['CAKE', 2500, 1800],
			['BUN', 350, 315],
		]);
		expect(quote.promotions).toEqual([{ version: 'half', kind: 'percent', off: 70 + 200 + 35 }]);
		await till.catalog.withdraw('half', key());
		expect(quoted(till.quote({ order })).discounts).toBe(500);
		const due = 700 + 2000 + 2000 + 350;
		expect(await till.checkout({ order, tenders: cash(due) }, key())).toMatchObject({ ok: true, value: { due } });
	});

	test('S7 what comes late is worth its price, what comes to less is worth what was paid', async () => {
		const shops = await openBakeries([buns]);
		const [a, b] = [shops.till(0), shops.till(1)];
		const order = await openOrder(a);
		await added(a, order, { ...bun, qty: 3 }, bun);
		await shops.meet();
		shops.isolate(0);
		shops.isolate(1);
		const [three = '', one = ''] = b.orders.linesOf(order).map(({ id }) => id);
		expect(await a.checkout({ order, tenders: cash(2100) }, key())).toMatchObject({ ok: true });
		await b.orders.changeLine(order, three, { qty: 2 });
		await b.orders.changeLine(order, one, { qty: 3 });
		await shops.meet();
		const late = a.orders.get(order).get()?.late;
		expect(late?.map(({ line, qty, net }) => [line, qty, net])).toEqual([
			[three, -1, -467], // of 1400 for three
			[one, 2, 1400],
		]);
		const followUp = await a.orders.followUp(order, key());
		expect(quoted(a.quote({ order: followUp.ok ? followUp.value : '' })).net).toBe(1400);
	});

	test('S1 an order that is settled five times again with one key is one sale, whatever promotions begin meanwhile', async () => {
		const shops = await openBakeries([buns]);
		const till = shops.till(0);
		const order = await openOrder(till);
		await added(till, order, { ...bun, qty: 3 });
		const once = key();
		const first = await till.checkout({ order, tenders: cash(1400) }, once);
		const rules = [{ kind: 'percent', offBp: 5000 }] as const;
		await till.catalog.publish({ version: 'half', from, stores: 'all', prices: {}, rules }, key());
		for (let i = 0; i < 5; i++)
			expect(await till.checkout({ order, tenders: cash(1400) }, once)).toMatchObject({
				replayed: true,
				value: first.ok && first.value,
			});
		expect(till.day.x()).toMatchObject({ sales: 1, net: 1400 });
	});
});

describe('a quote', () => {
	test('S17 shows promotions, taxes and the rounding of cash while goods are scanned, and writes nothing', async () => {
		const rules: PromotionRule[] = [
			{ kind: 'percent', offBp: 1000, skus: ['BUN'] },
			{ kind: 'member_price', prices: { TEA: 1500 }, name: 'members' },
		];
		const currency = { code: 'CHF', decimals: 2, cashStep: 5 } as const;
		const shops = await openBakeries(rules, { settings: { currency, taxes: 'added' } });
		const till = shops.till(0);
		await till.members.register({ id: 'm-1' }, key());
		const vat = { code: 'vat', amount: { value: 5051, scale: 4 } }; // of 7.00, before promotions
		const lines = [
			{ ...bun, taxes: [vat] },
			{ sku: 'TEA', qty: 2 },
		];
		const before = till.shop.host.ledgers();
		expect(quoted(till.quote({ lines: [] }))).toMatchObject({ lines: [], gross: 0, due: 0, cash: { due: 0 } });
		const quote = quoted(till.quote({ lines }));
		expect(quote).toMatchObject({ gross: 4300, discounts: 70, net: 4230, tax: 45, due: 4275 });
		expect(quote.taxes).toEqual([{ code: 'vat', amount: { value: 4546, scale: 4 } }]);
		const member = quoted(till.quote({ lines, member: 'm-1' }));
		expect(member.promotions).toEqual([
			{ version: 'rules', kind: 'percent', off: 70 },
			{ version: 'rules', kind: 'member_price', name: 'members', off: 600 },
		]);
		const priced = [{ ...bun, unitPrice: 703 }];
		expect(quoted(till.quote({ lines: priced }))).toMatchObject({ due: 703, cash: { rounding: 2, due: 705 } });
		expect(await till.checkout({ lines: priced, tenders: cash(705) }, key())).toMatchObject({ ok: true });

		for (const [input, code] of [
			[{ lines: [{ sku: 'NONE', qty: 1 }] }, 'unknown_sku'],
			[{ lines: [{ ...bun, priceVersion: 'old' }] }, 'stale_price'],
			[{ lines, member: 'm-2' }, 'unknown_member'],
			[{ lines, currency: 'USD' }, 'foreign_currency'],
			[{ order: 'none' }, 'unknown_order'],
		] as const)
			expect(till.quote(input)).toMatchObject({ ok: false, code });
		expect(() => till.quote({ lines: [{ sku: 'BUN', qty: 0.5 }] })).toThrow(
			expect.objectContaining({ path: 'lines[0].qty' }),
		);
		expect(till.orders.list().get()).toHaveLength(1);
		expect(till.shop.host.ledgers().length).toBe(before.length + 1); // of the one sale
	});

	test('S34 prices and promotions of a channel are for its orders alone', async () => {
		const shops = await openBakeries([]);
		const till = shops.till(0);
		const rules = [{ kind: 'amount', off: 100 }] as const;
		const list = { version: 'app', from, stores: 'all', channel: 'app', prices: { BUN: 600 }, rules } as const;
		await till.catalog.publish(list, key());
		const order = await till.orders.open({ channel: 'app', lines: [bun] }, key());
		expect(quoted(till.quote({ order: order.ok ? order.value : '' })).due).toBe(500);
		expect(quoted(till.quote({ lines: [bun] })).due).toBe(700);
		expect(quoted(till.quote({ lines: [bun], channel: 'app' })).due).toBe(500);
	});

	test("a vendor's engine is asked over the whole order, and what it does not explain is told as `other`", async () => {
		const shops = await openBakeries([buns]);
		const till = shops.till(0);
		till.catalog.pricing = (lines) => lines.map((line) => ({ ...line, discount: 50 * lines.length }));
		const order = await openOrder(till);
		await added(till, order, bun, bun);
		const quote = quoted(till.quote({ order, lines: [bun] }));
		expect(quote).toMatchObject({ net: 2100 - 450, promotions: [{ kind: 'other', off: 450 }] });
	});
});
