import { describe, expect, test } from 'vitest';
import type { OrderId } from '../../../src/retail/documents/order.js';
import type { Retail } from '../../../src/retail/retail.js';
import { FakeTerminal } from './fake-terminal.js';
import { openExceptions, openTeaShops, settle, tea } from './orders-settled.js';
import { key, type Shops } from './shops.js';

const named = { channel: 'meituan', externalId: 'M-77' };
const day = 24 * 3_600_000;
const stateOf = (till: Retail, order: OrderId) => till.orders.get(order).get();
const cash = (amount: number) => [{ kind: 'cash' as const, amount }];

/** Two tills that hear nothing of each other accept the same order, the second one on the next business day. */
async function acceptedOnTwoDays(wrongByMs = 0): Promise<{ shops: Shops; order: OrderId }> {
	const shops = await openTeaShops();
	shops.world.jumpClock(1, wrongByMs);
	await shops.world.advance(60_000); // the relay's heartbeat tells the till
	shops.till(1).shop.today();
	shops.isolate(0);
	shops.isolate(1);
	const accept = (n: number) => shops.till(n).orders.open({ ...named, lines: [tea, tea] }, key());
	const first = await accept(1); // not the till whose name comes first
	await shops.world.advance(day);
	const second = await accept(0);
	if (!first.ok || !second.ok) throw new Error('refused');
	expect(second.value).toBe(first.value);
	return { shops, order: first.value };
}

describe('one order with a name outside in two ledgers', () => {
	test('S10 accepted on both sides of the business-day cut, it is cooked once and settled once, by one owner', async () => {
		const { shops, order } = await acceptedOnTwoDays();
		const [a, b] = [shops.till(0), shops.till(1)];
		expect(stateOf(a, order)?.ledger).not.toBe(stateOf(b, order)?.ledger);
		await a.orders.addLine(order, tea, key());
		const driver = new FakeTerminal({ timers: a.shop.platform.timers });
		driver.script.push('decline');
		expect(await a.payments.run({ order, amount: 1800, driver }, key())).toMatchObject({ code: 'payment_declined' });
		await shops.meet();
		for (const till of [a, b]) {
			expect(till.orders.list({ state: 'open' }).get()).toHaveLength(1);
			expect(stateOf(till, order)?.lines).toHaveLength(3); // the two that came with it once, and what was added
			expect(stateOf(till, order)).toEqual(stateOf(a, order));
			expect(till.orders.owner(order)).toBe(b.shop.device);
			expect(stateOf(till, order)?.openedBy).toBe(b.shop.device);
			expect(till.payments.attempts(order).get()).toHaveLength(1);
		}
		// Apart again: the right of the first opening alone counts.
		shops.isolate(0);
		shops.isolate(1);
		expect(await settle(a, order)).toMatchObject({ ok: false, code: 'not_owner', subject: order });
		expect(await settle(b, order)).toMatchObject({ ok: true });
		await shops.meet();
		expect(await settle(a, order)).toMatchObject({ ok: false, code: 'order_settled' });
		for (const till of [a, b]) {
			expect(till.orders.list().get()).toHaveLength(1);
			expect(stateOf(till, order)?.settlements).toHaveLength(1);
			expect(openExceptions(till)).toEqual([]);
		}
		await shops.world.crash(0);
		await shops.meet();
		expect(stateOf(shops.till(0), order)).toEqual(stateOf(b, order)); // whatever is read first
		expect(shops.world.problems()).toEqual([]);
	});

	test('S10 accepted at two isolated tills on one day, only one of them settles it once both have heard of it', async () => {
		const shops = await openTeaShops();
		for (const n of [0, 1]) shops.isolate(n);
		const opened = await shops.till(1).orders.open({ ...named, lines: [tea] }, key());
		await shops.world.advance(1_000);
		await shops.till(0).orders.open({ ...named, lines: [tea] }, key());
		await shops.meet();
		const order = opened.ok ? opened.value : '';
		for (const n of [0, 1]) shops.isolate(n);
		const both = [await settle(shops.till(0), order), await settle(shops.till(1), order)];
		expect(both.map(({ ok }) => ok)).toEqual([false, true]);
		await shops.meet();
		expect(stateOf(shops.till(0), order)?.settlements).toHaveLength(1);
	});

	test('S10 S35 the earlier business day counts, though its clock was three days ahead', async () => {
		const { shops, order } = await acceptedOnTwoDays(3 * day);
		const [a, b] = [shops.till(0), shops.till(1)];
		await shops.meet();
		for (const till of [a, b]) expect(till.orders.owner(order)).toBe(b.shop.device);
		for (const n of [0, 1]) shops.isolate(n);
		expect(await settle(a, order)).toMatchObject({ ok: false, code: 'not_owner' });
		expect(await settle(b, order)).toMatchObject({ ok: true });
	});

	test('S10 settled in the later ledger it is settled everywhere, and refunded from there', async () => {
		const { shops, order } = await acceptedOnTwoDays();
		const [a, b] = [shops.till(0), shops.till(1)];
		expect(await a.checkout({ order, tenders: cash(3600) }, key())).toMatchObject({ ok: true });
		await shops.meet();
		for (const till of [a, b]) {
			expect(till.orders.list({ state: 'open' }).get()).toEqual([]);
			expect(till.orders.list({ state: 'settled' }).get()).toHaveLength(1);
		}
		expect(await b.checkout({ order, tenders: cash(3600) }, key())).toMatchObject({ ok: false, code: 'order_settled' });
		const [line] = b.orders.linesOf(order);
		expect(line?.refundable).toEqual({ qty: 1, amount: 1800 });
		const back = { order, lines: [{ line: line?.id ?? '', restock: 'no' as const }], tenders: cash(1800) };
		const both = await Promise.all([b.refund(back, key()), a.refund(back, key())]);
		expect(both.filter(({ ok }) => ok)).toHaveLength(1);
		await shops.meet();
		expect(await a.refund(back, key())).toMatchObject({ ok: false, code: 'already_refunded' });
	});

	test('S10 settled in both ledgers before they met, both count, and one person is asked to look, once', async () => {
		const { shops, order } = await acceptedOnTwoDays();
		const [a, b] = [shops.till(0), shops.till(1)];
		expect(await settle(a, order)).toMatchObject({ ok: true });
		await shops.world.advance(1_000);
		expect(await settle(b, order)).toMatchObject({ ok: true });
		await shops.meet();
		for (const till of [a, b]) {
			expect(stateOf(till, order)?.settlements).toHaveLength(2);
			expect(openExceptions(till)).toMatchObject([{ kind: 'double_settle', subject: order, amount: 3600 }]);
		}
		const [found] = openExceptions(a);
		expect(await a.tasks.resolve(found?.id ?? '', { outcome: 'paid back' }, key())).toMatchObject({ ok: true });
		await shops.meet();
		expect(openExceptions(b)).toEqual([]);
		expect(await b.tasks.resolve(found?.id ?? '', { outcome: 'again' }, key())).toMatchObject({ ok: false });
	});

	test('S10 accepted in two stores it is an order of each; each till speaks of its own, headquarters sees both', async () => {
		const shops = await openTeaShops({ stores: 2, tillsPerStore: 1, keeps: ['orders/*'] });
		for (const n of [0, 1]) shops.isolate(n);
		const ids = new Set<string>();
		for (const n of [1, 0]) {
			const opened = await shops.till(n).orders.open({ ...named, lines: [tea] }, key());
			if (opened.ok) ids.add(opened.value);
		}
		await shops.meet();
		const [order = ''] = ids;
		expect(ids.size).toBe(1);
		for (const n of [0, 1]) {
			const till = shops.till(n);
			expect(stateOf(till, order)?.store).toBe(till.shop.store);
			expect(
				till.orders
					.list()
					.get()
					.map(({ store }) => store)
					.sort(),
			).toEqual(['sh-1', 'sh-2']);
		}
	});
});
