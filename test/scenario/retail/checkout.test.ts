import { describe, expect, test } from 'vitest';
import type { Retail } from '../../../src/retail/retail.js';
import { key, openShops, type Shops } from './shops.js';

const skus = [
	{ sku: 'LATTE', name: 'Latte' },
	{ sku: 'BEANS', name: 'Beans', scale: 3 },
	{ sku: 'HAIRCUT', name: 'Haircut', policy: 'none' },
] as const;
const secret = 'a secret of sixteen bytes';

async function opened(options: Parameters<typeof openShops>[0] = {}): Promise<Shops> {
	const shops = await openShops({ retail: () => ({ members: { secret, floor: { perSale: 5000 } } }), ...options });
	const till = shops.till(0);
	await till.catalog.define(skus);
	await till.stock.receive(
		{
			document: 'PO-1',
			lines: [
				{ sku: 'LATTE', qty: 100 },
				{ sku: 'BEANS', qty: 5000 },
			],
		},
		key(),
	);
	await shops.meet();
	return shops;
}

const latte = (qty: number, extra = {}) => ({ sku: 'LATTE', qty, unitPrice: 1800, ...extra });
const cash = (amount: number, given = amount) => ({ kind: 'cash', amount, given }) as const;
const sum = (till: Retail) => till.day.x();

describe('checkout', () => {
	test('S2 what was confirmed is there after the power was lost: order, tender, stock, points, number', async () => {
		const shops = await opened();
		const till = shops.till(0).as('ada');
		await till.members.register({ id: 'm-1' }, key());
		const sale = await till.checkout(
			{
				lines: [latte(2), { sku: 'BEANS', qty: 250, unitPrice: 9000 }],
				member: 'm-1',
				earn: 58,
				tenders: [cash(5850, 6000)],
			},
			key(),
		);
		if (!sale.ok) throw new Error(sale.message);
		expect(sale.value).toMatchObject({ net: 5850, due: 5850, change: 150, tax: 0, rounding: 0 });
		await shops.world.crash(0, { at: 'after-ack' });
		const again = shops.till(0);
		expect(await again.orders.find({ receiptNo: sale.value.receiptNo })).toMatchObject({
			found: { state: 'settled', net: 5850 },
		});
		expect(again.stock.level({ sku: 'LATTE' }).get().store).toBe(98);
		expect(again.members.accountNow('m-1')?.purses.points?.total).toBe(58);
		expect(sum(again)).toMatchObject({ sales: 1, net: 5850, tenders: { cash: 5850 }, byStaff: { ada: 5850 } });
	});

	test('S1 S3 an order that is sent five times, and by two windows of one turn, is one sale', async () => {
		const shops = await opened();
		const till = shops.till(0);
		const input = { lines: [latte(1)], tenders: [cash(1800)] };
		const once = await Promise.all(Array.from({ length: 5 }, () => till.checkout(input, { idempotencyKey: 'cart-1' })));
		expect(new Set(once.map((o) => o.ok && o.value.receiptNo)).size).toBe(1);
		await shops.world.crash(0, { at: 'after-ack' });
		const after = await shops.till(0).checkout(input, { idempotencyKey: 'cart-1' });
		expect(after).toMatchObject({ ok: true, replayed: true });
		expect(sum(shops.till(0))).toMatchObject({ sales: 1, net: 1800 });
		await expect(shops.till(0).checkout({ ...input, visitors: 2 }, { idempotencyKey: 'cart-1' })).rejects.toMatchObject(
			{
				code: 'key_reused',
			},
		);
		await expect(shops.till(0).checkout(input, {} as never)).rejects.toMatchObject({ path: 'idempotencyKey' });
	});

	test('what a part refuses leaves nothing behind, and canCheckout says it beforehand', async () => {
		const shops = await opened();
		const till = shops.till(0);
		const before = JSON.stringify([till.stock.level({ sku: 'LATTE' }).get().store, sum(till)]);
		const cases = [
			[{ lines: [latte(1)], tenders: [cash(1700)] }, 'wrong_amount'],
			[{ lines: [latte(101)], tenders: [cash(181_800)] }, 'out_of_stock'],
			[{ lines: [{ sku: 'NONE', qty: 1, unitPrice: 1 }], tenders: [cash(1)] }, 'unknown_sku'],
			[{ lines: [{ sku: 'LATTE', qty: 1 }], tenders: [cash(1800)] }, 'unknown_price'],
			[{ lines: [latte(1)], tenders: [cash(1800)], member: 'm-9' }, 'unknown_member'],
			[{ order: 'o-9', tenders: [] }, 'unknown_order'],
			[{ lines: [latte(1)], tenders: [{ kind: 'card', amount: 1800, payment: 'p-9' }] }, 'payment_unknown'],
			[{ lines: [latte(1)], tenders: [cash(1800)], currency: 'USD' }, 'foreign_currency'],
			[{ lines: [latte(1)], tenders: [cash(1800)], coupons: ['c-9'] }, 'unknown_coupon'],
		] as const;
		for (const [input, code] of cases) {
			expect(till.canCheckout(input), code).toMatchObject({ ok: false, code });
			expect(await till.checkout(input, key()), code).toMatchObject({ ok: false, code });
		}
		const wrong = [
			[{ lines: [latte(1.5)], tenders: [] }, 'lines[0].qty'],
			[{ lines: [latte(-1)], tenders: [] }, 'lines[0].qty'],
			[{ lines: [], tenders: [] }, 'lines'],
			[{ lines: [latte(1)], tenders: [{ kind: 'cash', amount: 18.5 }] }, 'tenders[0].amount'],
			[{ lines: [latte(1)], tenders: [cash(1800, 1700)] }, 'tenders[0].given'],
			[{ lines: [latte(1)], tenders: [{ kind: 'purse', purse: 'points', amount: 1800 }] }, 'member'],
			[{ lines: [latte(1)], tenders: [cash(1800)], businessDate: '2026-02-30' }, 'businessDate'],
		] as const;
		for (const [input, path] of wrong) await expect(till.checkout(input, key()), path).rejects.toMatchObject({ path });
		expect(JSON.stringify([till.stock.level({ sku: 'LATTE' }).get().store, sum(till)])).toBe(before);
		expect(till.canCheckout({ lines: [latte(1)], tenders: [cash(1800)] })).toEqual({ ok: true });
	});

	test.each([
		['JPY', 0, undefined, 1200, 1200, 0],
		['CNY', 2, 10, 1804, 1800, -4],
		['BHD', 3, 5, 1203, 1205, 2],
	] as const)('S17 cash in %s is paid and refunded in minor units; coins are rounded on a line of their own', async (code, decimals, cashStep, price, due, rounding) => {
		const currency = { code, decimals, ...(cashStep && { cashStep }) };
		const shops = await opened({ settings: { currency } });
		const till = shops.till(0);
		const sale = await till.checkout({ lines: [latte(1, { unitPrice: price })], tenders: [cash(due)] }, key());
		if (!sale.ok) throw new Error(sale.message);
		expect(sale.value).toMatchObject({ net: price, rounding, due });
		const [line] = till.orders.linesOf(sale.value.order);
		const back = await till.refund(
			{ order: sale.value.order, lines: [{ line: line?.id ?? '', restock: 'sell' }], tenders: [cash(due)] },
			key(),
		);
		expect(back).toMatchObject({ ok: true, value: { net: price, rounding, due } });
		expect(sum(till)).toMatchObject({ net: 0, rounding: 0, due: 0, tenders: { cash: 0 } });
		expect(till.stock.level({ sku: 'LATTE' }).get().store).toBe(100);
	});

	test('S13 one line refunded in two isolated shops: one of them may', async () => {
		const shops = await opened({ stores: 2, tillsPerStore: 1, keeps: ['orders/*'] });
		const [a, b] = [shops.till(0), shops.till(1)];
		const sale = await a.checkout({ lines: [latte(2)], tenders: [cash(3600)] }, key());
		if (!sale.ok) throw new Error(sale.message);
		await shops.meet();
		const [line] = a.orders.linesOf(sale.value.order);
		const one = {
			order: sale.value.order,
			lines: [{ line: line?.id ?? '', qty: 2, restock: 'no' }],
			tenders: [cash(3600)],
		} as const;
		shops.isolate(0);
		shops.isolate(1);
		const both = await Promise.all([a.refund(one, key()), b.refund(one, key())]);
		expect(both.filter(({ ok }) => ok)).toHaveLength(1);
		expect(both.find(({ ok }) => !ok)).toMatchObject({ code: 'refund_not_here', retry: 'when-online' });
		await shops.meet();
		for (const till of [a, b])
			expect(await till.refund(one, key())).toMatchObject({ ok: false, code: 'already_refunded' });
		expect(a.totals.now({ stores: 'all', from: sale.value.businessDate })[0]).toMatchObject({ net: 0, sales: 1 });
	});

	test('S13 a line that comes back in pieces comes back whole: to the cent, with its tax and its goods', async () => {
		const shops = await opened();
		const till = shops.till(0);
		const taxes = [{ code: 'vat', amount: { value: 10_005, scale: 4 } }];
		const beans = { sku: 'BEANS', qty: 4, unitPrice: 500, taxes }; // 4 g: two cents
		const sale = await till.checkout({ lines: [beans], tenders: [cash(2)] }, key());
		if (!sale.ok) throw new Error(sale.message);
		expect(sale.value).toMatchObject({ net: 2, due: 2 });
		const [line] = till.orders.linesOf(sale.value.order);
		const back: number[] = [];
		for (const _ of [1, 2, 3, 4]) {
			const left = till.orders.refundable(sale.value.order, line?.id ?? '').amount;
			const one = { line: line?.id ?? '', qty: 1, restock: 'sell' as const };
			const of = { order: sale.value.order, lines: [one] };
			const refused = await till.refund({ ...of, tenders: [] }, key());
			const due = refused.ok ? 0 : Number(refused.subject?.split(' / ')[1]);
			if (!refused.ok) expect(await till.refund({ ...of, tenders: [cash(due)] }, key())).toMatchObject({ ok: true });
			back.push(left - till.orders.refundable(sale.value.order, line?.id ?? '').amount);
		}
		expect(back).toEqual([1, 0, 1, 0]);
		expect(sum(till)).toMatchObject({ net: 0, tax: 0, due: 0, tenders: { cash: 0 } });
		expect(till.stock.level({ sku: 'BEANS' }).get().store).toBe(5000);
	});

	test('S16 a sale that comes after the close is a late adjustment, and the Z stays as it was', async () => {
		const shops = await opened();
		const [a, b] = [shops.till(0), shops.till(1)];
		await a.day.openShift({ float: 10_000 }, key());
		await a.checkout({ lines: [latte(1)], tenders: [cash(1800)] }, key());
		await b.stock.ensure({ sku: 'LATTE', qty: 2 });
		await shops.meet();
		shops.isolate(1);
		expect(await b.checkout({ lines: [latte(2)], tenders: [cash(3600)] }, key())).toMatchObject({ ok: true });
		const date = a.shop.today();
		const z = await a.day.z({ businessDate: date, counted: 11_700, scope: 'store' }, key());
		if (!z.ok) throw new Error(z.message);
		expect(z.value).toMatchObject({ no: 1, net: 1800, expected: 11_800, difference: -100 });
		expect(await a.checkout({ lines: [latte(1)], tenders: [cash(1800)] }, key())).toMatchObject({ code: 'day_closed' });
		await shops.meet();
		for (const till of [a, b]) {
			const [frozen] = till.day.list().get();
			expect(frozen).toEqual(z.value);
			if (!frozen) throw new TypeError('no Z');
			expect(till.day.isSound(frozen)).toBe(true);
			expect(till.day.isSound({ ...frozen, net: 1 })).toBe(false);
			expect(
				till.day
					.late(frozen)
					.get()
					.map(({ net }) => net),
			).toEqual([3600]);
			expect(till.day.x().net).toBe(5400);
			expect(await till.day.z({ businessDate: date, counted: 0, scope: 'store' }, key())).toMatchObject({
				code: 'day_closed',
			});
		}
	});

	test('S41 headquarters’ screen moves with each sale, by store and in sum, and equals a recount', async () => {
		const shops = await opened({ stores: 2, tillsPerStore: 1, keeps: ['orders/*'] });
		const [a, b] = [shops.till(0), shops.till(1)];
		await b.stock.receive({ document: 'PO-2', lines: [{ sku: 'LATTE', qty: 10 }] }, key());
		const date = a.shop.today();
		const query = { stores: 'all', from: date, by: ['store', 'sku'], top: 5 } as const;
		const live = a.totals.live(query);
		const seen: number[] = [];
		live.on((rows) => seen.push(rows.reduce((total, { net }) => total + net, 0)));
		const sale = await b.checkout(
			{ lines: [latte(2), { sku: 'HAIRCUT', qty: 1, unitPrice: 9000 }], tenders: [cash(12_600)], visitors: 2 },
			key(),
		);
		if (!sale.ok) throw new Error(sale.message);
		await a.checkout({ lines: [latte(1)], tenders: [cash(1800)] }, key());
		await shops.meet();
		const [line] = b.orders.linesOf(sale.value.order);
		await b.refund(
			{ order: sale.value.order, lines: [{ line: line?.id ?? '', qty: 1, restock: 'waste' }], tenders: [cash(1800)] },
			key(),
		);
		await shops.meet();
		expect(live.get()).toEqual(a.totals.now(query));
		expect(live.get().map(({ by, net, qty, visitors }) => [by.store, by.sku, net, qty, visitors])).toEqual([
			['sh-2', 'HAIRCUT', 9000, 1, 2],
			['sh-1', 'LATTE', 1800, 1, 1],
			['sh-2', 'LATTE', 1800, 1, 2],
		]);
		expect(seen.at(-1)).toBe(12_600);
		expect(b.totals.now({ stores: ['sh-2'], from: date, by: ['staff', 'hour'] })[0]).toMatchObject({
			net: 10_800,
			sales: 1,
		});
	});
});
