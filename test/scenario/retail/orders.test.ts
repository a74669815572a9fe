import { describe, expect, test } from 'vitest';
import type { OrderId } from '../../../src/retail/documents/order.js';
import type { Retail } from '../../../src/retail/retail.js';
import { cake, openExceptions, openOrder, openTeaShops, refund, settle, tea } from './orders-settled.js';
import { key } from './shops.js';

const stateOf = (till: Retail, order: OrderId) => till.orders.get(order).get();
describe('orders', () => {
	test('S1 a paid order that is sent five times again is one order and one settlement', async () => {
		const shops = await openTeaShops();
		const till = shops.till(0);
		const order = await openOrder(till, tea);
		const options = key();
		const first = await settle(till, order, options);
		expect(first).toMatchObject({ ok: true, replayed: false });
		for (let i = 0; i < 5; i++) {
			const again = await settle(till, order, options);
			expect(again).toMatchObject({ ok: true, replayed: true, value: first.ok && first.value });
		}
		await shops.meet();
		for (const n of [0, 1]) {
			expect(stateOf(shops.till(n), order)?.settlements).toHaveLength(1);
			expect(shops.till(n).orders.list({ state: 'settled' }).get()).toHaveLength(1);
		}
		expect(await settle(shops.till(1), order)).toMatchObject({ ok: false, code: 'order_settled' });
	});

	test('S5 two equal lines of one order both remain', async () => {
		const shops = await openTeaShops();
		const order = await openOrder(shops.till(0), tea);
		await shops.meet();
		shops.isolate(0);
		shops.isolate(1);
		await shops.till(0).orders.addLine(order, tea, key());
		await shops.till(1).orders.addLine(order, tea, key());
		await shops.meet();
		for (const n of [0, 1])
			expect(stateOf(shops.till(n), order)?.lines.map(({ sku }) => sku)).toEqual(['TEA', 'TEA', 'TEA']);
	});

	test('S6 what two isolated waiters add to one table all remains', async () => {
		const shops = await openTeaShops();
		const order = await openOrder(shops.till(0), tea);
		await shops.meet();
		shops.isolate(0);
		shops.isolate(1);
		await shops.till(0).orders.addLines(order, [cake, tea], key());
		await shops.till(1).orders.addLines(order, [{ ...cake, qty: 2 }], key());
		await shops.meet();
		const [one, other] = [0, 1].map((n) => stateOf(shops.till(n), order));
		expect(one).toEqual(other);
		expect(one?.net).toBe(1800 + 2500 + 1800 + 5000);
	});

	test('S7 an order that is settled here and edited there stays settled once, and the edits become a follow-up', async () => {
		const shops = await openTeaShops();
		const [a, b] = [shops.till(0), shops.till(1)];
		const order = await openOrder(a, tea, cake);
		await shops.meet();
		shops.isolate(0);
		shops.isolate(1);
		expect(await settle(a, order)).toMatchObject({ ok: true });
		const [first, second] = stateOf(b, order)?.lines ?? [];
		await b.orders.addLine(order, cake, key());
		await b.orders.changeLine(order, first?.id ?? '', { qty: 3 });
		await b.orders.voidLine(order, second?.id ?? '', { reason: 'cold' });
		await shops.meet();
		for (const till of [a, b]) {
			expect(stateOf(till, order)).toMatchObject({ state: 'settled', net: 4300 });
			expect(stateOf(till, order)?.settlements).toHaveLength(1);
			expect(openExceptions(till)).toMatchObject([{ kind: 'late_change', subject: order }]);
		}
		const followUp = await b.orders.followUp(order, key());
		expect(followUp).toMatchObject({ ok: true });
		await shops.meet();
		const extra = stateOf(a, followUp.ok ? followUp.value : '');
		expect(extra).toMatchObject({ state: 'open', followUpOf: order, net: 2500 + 3600 });
		expect(stateOf(a, order)?.late).toMatchObject([{ kind: 'changed', sku: 'CAKE', qty: -1 }]);
		const [rest] = openExceptions(a);
		expect(await a.tasks.resolve(rest?.id ?? '', { outcome: 'refunded' }, key())).toMatchObject({ ok: true });
		await shops.meet();
		expect(openExceptions(b)).toEqual([]);
	});

	test('S8 a void and a payment at once: the payment stands and a refund request opens, resolved once', async () => {
		const shops = await openTeaShops();
		const [a, b] = [shops.till(0), shops.till(1)];
		const order = await openOrder(a, tea);
		await shops.meet();
		shops.isolate(0);
		shops.isolate(1);
		expect(await settle(a, order)).toMatchObject({ ok: true });
		expect(await b.orders.void(order, { reason: 'left' })).toMatchObject({ ok: true });
		await shops.meet();
		for (const till of [a, b]) {
			expect(stateOf(till, order)?.state).toBe('settled');
			expect(openExceptions(till)).toMatchObject([{ kind: 'refund_request', amount: 1800 }]);
		}
		shops.isolate(0);
		shops.isolate(1);
		const resolve = (till: Retail) => till.tasks.resolve(`refund_request:${order}`, { outcome: 'refunded' }, key());
		const outcomes = [resolve(a), resolve(b)].map(async (asked) => (await asked)?.ok);
		expect((await Promise.all(outcomes)).filter(Boolean)).toHaveLength(1);
		await shops.meet();
		for (const till of [a, b]) expect(openExceptions(till)).toEqual([]);
	});

	test('S9 an order parked on one till and recalled on another has one owner', async () => {
		const shops = await openTeaShops();
		const [a, b] = [shops.till(0), shops.till(1)];
		const order = await openOrder(a, tea);
		await a.orders.park(order);
		await shops.meet();
		expect(stateOf(b, order)?.state).toBe('parked');
		expect(await b.orders.recall(order, key())).toMatchObject({ ok: true, value: { state: 'open' } });
		await shops.meet();
		expect(a.orders.owner(order)).toBe(b.shop.device);
		expect(b.orders.owner(order)).toBe(b.shop.device);
		shops.isolate(0);
		shops.isolate(1);
		const recalled = await a.orders.recall(order, { ...key(), timeoutMs: 500 });
		expect(recalled).toMatchObject({
			ok: false,
			code: 'not_owner',
			short: [{ elsewhere: [{ device: b.shop.device }] }],
		});
		expect(await settle(a, order)).toMatchObject({ ok: false, code: 'not_owner' });
		expect(await settle(b, order)).toMatchObject({ ok: true });
	});

	test('S10 a webhook sent three times to two isolated gateways is one order', async () => {
		const shops = await openTeaShops();
		shops.isolate(0);
		shops.isolate(1);
		const ids = new Set<string>();
		for (const n of [0, 1, 0, 1, 0, 1]) {
			const opened = await shops
				.till(n)
				.orders.open({ channel: 'meituan', externalId: 'M-77', lines: [tea, tea, cake] }, key());
			ids.add(opened.ok ? opened.value : 'refused');
		}
		expect(ids.size).toBe(1);
		await shops.meet();
		for (const n of [0, 1]) {
			const till = shops.till(n);
			expect(till.orders.list().get()).toHaveLength(1);
			expect(
				till.orders
					.list()
					.get()[0]
					?.lines.map(({ sku }) => sku),
			).toEqual(['TEA', 'TEA', 'CAKE']);
			expect((await till.orders.find({ channel: 'meituan', externalId: 'M-77' })).found?.id).toBe([...ids][0]);
			expect(openExceptions(till)).toEqual([]);
			const [ledger = 'x/y'] = till.shop.host.ledgers().filter((name) => name.startsWith('orders/'));
			expect(till.shop.ledger(ledger).exceptions()).toEqual([]);
		}
		const [order = ''] = ids;
		expect(await settle(shops.till(0), order)).toMatchObject({ ok: true });
		await shops.meet();
		expect(await settle(shops.till(1), order)).toMatchObject({ ok: false, code: 'order_settled' });
	});

	test('an order named outside that is paid at two isolated tills counts twice, and one person is asked to look', async () => {
		const shops = await openTeaShops();
		shops.isolate(0);
		shops.isolate(1);
		const named = { channel: 'meituan', externalId: 'M-78' };
		const paid: string[] = [];
		for (const n of [0, 1]) {
			const opened = await shops.till(n).orders.open(named, key());
			await shops.till(n).orders.addLine(opened.ok ? opened.value : '', tea, key());
			const sold = await settle(shops.till(n), opened.ok ? opened.value : '');
			paid.push(sold.ok ? sold.value : '');
		}
		await shops.meet();
		for (const n of [0, 1]) {
			const till = shops.till(n);
			const { found: order } = await till.orders.find(named);
			expect(order?.settlements.map(({ value }) => value.receiptNo).sort()).toEqual([...paid].sort());
			const kinds = openExceptions(till).map(({ kind, amount }) => ({ kind, amount }));
			expect(kinds).toContainEqual({ kind: 'double_settle', amount: 1800 });
			for (const receiptNo of paid) expect((await till.orders.find({ receiptNo })).found?.id).toBe(order?.id);
		}
		const found = openExceptions(shops.till(1)).find(({ kind }) => kind === 'double_settle');
		const source = [...shops.till(1).shop.exceptions].find((s) =>
			s.exceptions.get().some(({ id }) => id === found?.id),
		);
		expect(await source?.resolve(found?.id ?? '', 'both eaten', key())).toMatchObject({ ok: true });
		expect(await source?.resolve(found?.id ?? '', 'again', key())).toMatchObject({
			ok: false,
			code: 'already_resolved',
		});
		await shops.meet();
		expect(openExceptions(shops.till(0)).some(({ kind }) => kind === 'double_settle')).toBe(false);
	});

	test('S13 an order of another store that this till does not keep: it is not found, and the till says that it cannot know', async () => {
		const shops = await openTeaShops({ stores: 2 });
		const [a, b, other] = [shops.till(0), shops.till(1), shops.till(2)];
		const receiptNo = await settle(a, await openOrder(a, tea)).then((sold) => (sold.ok ? sold.value : ''));
		await shops.meet();
		expect((await b.orders.find({ receiptNo })).found?.net).toBe(1800);
		expect(await b.orders.find({ receiptNo: 'none' })).toEqual({ found: null, sure: true });
		expect(await other.orders.find({ receiptNo })).toEqual({ found: null, sure: true }); // not of its own store
		expect(await other.orders.find({ receiptNo, store: 'sh-1' })).toEqual({ found: null, sure: false });
		expect(await b.orders.find({ channel: 'meituan', externalId: 'M-1' })).toEqual({ found: null, sure: true });
		shops.isolate(1);
		expect(await b.orders.find({ receiptNo: 'none' })).toEqual({ found: null, sure: false });
		expect((await b.orders.find({ receiptNo, store: 'sh-9' })).found?.net).toBe(1800); // wherever it is from
	});

	test('S13 one line refunded in two isolated shops: one is accepted, the other refused', async () => {
		const shops = await openTeaShops({ stores: 2, keeps: ['orders/*'] });
		const [a, b] = [shops.till(0), shops.till(2)];
		const order = await openOrder(a, { ...tea, qty: 2 });
		expect(await settle(a, order)).toMatchObject({ ok: true });
		await shops.meet();
		const line = stateOf(b, order)?.lines[0]?.id ?? '';
		expect(a.shop.store).not.toBe(b.shop.store);
		expect(await b.orders.fetchRefundable(order, [{ line, qty: 2 }])).toBe(true);
		await shops.meet();
		for (const n of [0, 1, 2, 3]) shops.isolate(n);
		expect(await a.orders.fetchRefundable(order, [{ line, qty: 2 }], { timeoutMs: 200 })).toBe(false);
		expect(await refund(a, order, line, 2)).toMatchObject({ ok: false, code: 'refund_not_here' });
		expect(await refund(b, order, line, 2)).toMatchObject({ ok: true });
		await shops.meet();
		expect(a.orders.refundable(order, line)).toEqual({ qty: 0, amount: 0 });
		expect(await refund(a, order, line, 1)).toMatchObject({ ok: false, code: 'already_refunded' });
		expect(await refund(a, order, 'no-line', 1)).toMatchObject({ ok: false, code: 'unknown_line' });
	});

	test('S13 of two refunds in one turn one is accepted', async () => {
		const shops = await openTeaShops();
		const till = shops.till(0);
		const order = await openOrder(till, tea);
		await settle(till, order);
		const line = stateOf(till, order)?.lines[0]?.id ?? '';
		const both = await Promise.all([refund(till, order, line, 1), refund(till, order, line, 1)]);
		expect(both.map(({ ok }) => ok)).toEqual([true, false]);
	});

	test('S3 a till whose disk is open in another tab is refused, and the order is settled once', async () => {
		const shops = await openTeaShops();
		const till = shops.till(0);
		const order = await openOrder(till, tea);
		expect(await shops.world.machine(0).openAgain()).toBeInstanceOf(Error);
		const both = await Promise.all([settle(till, order), settle(till, order)]);
		expect(both.map(({ ok }) => ok)).toEqual([true, false]);
	});

	test('an open order stays with the till that serves it for hours; a parked one goes to rest', async () => {
		const shops = await openTeaShops();
		const till = shops.till(1);
		const [open, parked] = [await openOrder(till, tea), await openOrder(till, tea)];
		await till.orders.park(parked);
		await shops.world.advance(3_600_000);
		await shops.world.crash(1);
		await shops.world.advance(3_600_000);
		shops.isolate(1);
		expect(await settle(shops.till(1), open)).toMatchObject({ ok: true });
		expect(await settle(shops.till(1), parked)).toMatchObject({ ok: false, code: 'not_owner' });
	});

	test('a split moves lines to orders of their own, each settled once', async () => {
		const shops = await openTeaShops();
		const till = shops.till(0);
		const order = await openOrder(till, tea, cake, tea);
		const lines = stateOf(till, order)?.lines.map(({ id }) => id) ?? [];
		const [one = '', two = '', three = ''] = lines;
		expect(await till.orders.split(order, [[one], ['x']], key())).toMatchObject({ ok: false, code: 'unknown_line' });
		const made = await till.orders.split(order, [[one], [two]], key());
		const [first = '', second = ''] = made.ok ? made.value : [];
		await shops.meet();
		const other = shops.till(1);
		expect([first, second, order].map((id) => stateOf(other, id)?.lines.map((line) => line.id))).toEqual([
			[one],
			[two],
			[three],
		]);
		expect(await other.orders.split(order, [[three]], key())).toMatchObject({ ok: false, code: 'not_owner' });
		for (const id of [first, second, order]) expect(await settle(till, id)).toMatchObject({ ok: true });
	});

	test('what is no order, no line and no quantity writes nothing', async () => {
		const shops = await openTeaShops();
		const { orders } = shops.till(0);
		const order = await openOrder(shops.till(0), tea);
		const bad = [
			() => orders.addLine(order, { ...tea, qty: 1.5 }, key()),
			() => orders.addLine(order, { ...tea, qty: -1 }, key()),
			() => orders.addLine(order, { ...tea, unitPrice: 1.5 }, key()),
			() => orders.addLine(order, { ...tea, discount: 1801 }, key()),
			() => orders.addLine(order, { ...tea, qty: 2 ** 53 - 1, unitPrice: 2 ** 40 }, key()),
			() => orders.addLines(order, [], key()),
			() => orders.open({ externalId: 'M-1' }, key()),
			() => orders.void(order, { reason: '' }),
			() => orders.addLine(order, tea, {} as { idempotencyKey: string }),
		];
		for (const call of bad) await expect((async () => call())()).rejects.toThrow();
		expect(await orders.addLine('no-order', tea, key())).toMatchObject({ ok: false, code: 'unknown_order' });
		expect(await orders.addLine(order, { sku: 'TEA', qty: 1 }, key())).toMatchObject({
			ok: false,
			code: 'unknown_price',
		});
		expect(await orders.changeLine(order, 'x', { qty: 2 })).toMatchObject({ ok: false, code: 'unknown_line' });
		expect(stateOf(shops.till(0), order)?.lines).toHaveLength(1);
	});
});
