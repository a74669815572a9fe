import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PromotionRule } from '../../src/retail/catalog/promotions.js';
import type { Retail } from '../../src/retail/retail.js';
import { openOrder } from '../scenario/retail/orders-settled.js';
import { key, openShops } from '../scenario/retail/shops.js';

const skus = ['BUN', 'TEA', 'OIL'] as const; // oil is weighed
const prices = { BUN: 700, TEA: 1799, OIL: 9001 };
const sku = fc.constantFrom(...skus);
const scope = fc.record({ skus: fc.uniqueArray(sku, { minLength: 1 }) });
const rule: fc.Arbitrary<PromotionRule> = fc
	.oneof(
		fc.record({ kind: fc.constant('percent' as const), offBp: fc.integer({ min: 1, max: 10_000 }) }),
		fc.record({ kind: fc.constant('amount' as const), off: fc.integer({ min: 1, max: 5_000 }) }),
		fc.record({ kind: fc.constant('n_for_m' as const), take: fc.integer({ min: 2, max: 4 }), pay: fc.constant(1) }),
	)
	.chain((of) => scope.map((narrow) => ({ ...of, ...narrow })));
const line = fc.record({
	till: fc.nat(1),
	sku,
	qty: fc.integer({ min: 1, max: 5 }),
	byHand: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined, freq: 3 }),
	discount: fc.constantFrom(0, 0, 1),
	tax: fc.constantFrom(0, 10_005),
	change: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined, freq: 3 }),
});

const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);

test('money balances: what was quoted is what is paid, promotions over all tills, and pieces refund exactly it', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(rule, { maxLength: 3 }),
			fc.array(line, { minLength: 1, maxLength: 6 }),
			fc.constantFrom('included' as const, 'added' as const),
			fc.constantFrom(1, 5),
			async (rules, lines, taxes, cashStep) => {
				const currency = { code: 'CHF', decimals: 2, cashStep } as const;
				const shops = await openShops({ settings: { currency, taxes } });
				const tills: readonly [Retail, Retail] = [shops.till(0), shops.till(1)];
				const [a, b] = tills;
				await a.catalog.define(
					skus.map((name) => ({ sku: name, name, policy: 'none', ...(name === 'OIL' && { scale: 1 as const }) })),
				);
				const list = { version: 'v1', from: '2020-01-01T00:00:00Z', stores: 'all', prices, rules } as const;
				await a.catalog.publish(list, key());
				const order = await openOrder(a);
				await shops.meet();
				shops.isolate(0);
				shops.isolate(1);
				for (const { till, byHand, discount, tax, change, ...of } of lines) {
					const asked = {
						...of,
						...(byHand !== undefined && { unitPrice: byHand }),
						...(discount && { discount }),
						...(tax && { taxes: [{ code: 'vat', amount: { value: tax, scale: 2 } }] }),
					};
					const added = await tills[till as 0 | 1].orders.addLine(order, asked, key()).catch(() => undefined); // a discount above the price
					if (added?.ok && change)
						await tills[till as 0 | 1].orders.changeLine(order, added.value, { qty: change }).catch(() => {});
				}
				await shops.meet();
				const quote = a.quote({ order });
				if (!quote.ok || quote.lines.length === 0) return;
				expect(b.quote({ order })).toEqual(quote);
				for (const one of quote.lines) {
					const off = sum((one.promotions ?? []).map((promotion) => promotion.off));
					expect(one.net).toBeGreaterThanOrEqual(0);
					expect(off).toBeLessThanOrEqual(one.discount ?? 0);
					if (!one.listed) expect(off).toBe(0);
				}
				expect(quote.net).toBe(quote.gross - quote.discounts);
				const tenders = [{ kind: 'cash' as const, amount: quote.cash.due }];
				const both = await Promise.all([
					a.checkout({ order, tenders }, key()),
					b.checkout({ order, tenders }, key()),
					a.checkout({ order, tenders }, key()),
				]);
				await shops.meet();
				expect(both.filter(({ ok }) => ok)).toHaveLength(1);
				const settled = b.orders.get(order).get()?.settled;
				expect(settled).toMatchObject({ lines: quote.lines, net: quote.net, taxes: quote.taxes, due: quote.cash.due });
				expect(quote.net + quote.tax + quote.cash.rounding).toBe(quote.cash.due);

				// Back again in single units: to the last cent what was paid for each line.
				for (const { id, qty, net } of quote.lines) {
					let back = 0;
					for (let unit = 0; unit < qty; unit++) {
						const before = a.orders.refundable(order, id).amount;
						const input = { order, lines: [{ line: id, qty: 1, restock: 'no' as const }], tenders: [] };
						const refused = await a.refund(input, key());
						const [, due = ''] = refused.ok ? ['', '0'] : (refused.subject ?? '').split(' / ');
						if (!refused.ok) {
							const named = { ...input, tenders: [{ kind: 'other' as const, name: 'voucher', amount: Number(due) }] };
							expect(await a.refund(named, key())).toMatchObject({ ok: true });
						}
						back += before - a.orders.refundable(order, id).amount;
					}
					expect(back).toBe(net);
					expect(a.orders.refundable(order, id)).toEqual({ qty: 0, amount: 0 });
				}
				expect(a.day.x().net).toBe(0);
				await shops.meet();
				expect(shops.world.problems()).toEqual([]);
			},
		),
		{ numRuns: 25 },
	);
}, 60_000);
