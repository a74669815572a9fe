import { expect, test } from 'vitest';
import { memoryLink } from '../../adapters/link-memory/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { addDays } from '../../src/retail/shop/business-day.js';
import { openTill } from '../../src/till.js';

const open = (store: string, more = {}) =>
	openTill({
		chain: 'tea-house',
		store,
		name: `till of ${store}`,
		storage: memory(),
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		links: [],
		...more,
	});

test('an opened till tells headquarters by itself which price lists it has', async () => {
	await using hq = await open('hq', { keeps: { stores: 'all' }, home: ['*/*'] });
	await using till = await open('sh-1');
	const line = memoryLink();
	hq.replica.addLink(line.a);
	till.replica.addLink(line.b);
	const from = new Date(hq.shop.nowMs()).toISOString();
	const sent = await hq.catalog.publish(
		{ version: 'v1', from, stores: 'all', prices: { TEA: 900 } },
		{ idempotencyKey: 'v1' },
	);
	if (!sent.ok) throw new Error(sent.message);
	await sent.value.reach.when(({ has }) => has === 2, { timeoutMs: 10_000 });
	expect(sent.value.reach.get()).toEqual({ has: 2, of: 2, missing: [] });
	expect(till.catalog.price('TEA')?.amount).toBe(900);
});

test('a store whose name would split a ledger is refused, and nothing is left open', async () => {
	const storage = memory();
	await expect(open('sh/1', { storage })).rejects.toMatchObject({ path: 'store' });
	await using till = await open('sh-1', { storage });
	expect(till.shop.store).toBe('sh-1');
});

test('a till that keeps the orders of three days fetches an older one for whoever brings a receipt, and keeps it', async () => {
	const hqOptions = { keeps: { stores: 'all' }, home: ['*/*'] } as const;
	await using hq = await open('hq', hqOptions);
	await using old = await open('sh-1', { name: 'till 1' });
	const link = (a: typeof hq, b: typeof hq) => {
		const line = memoryLink();
		a.replica.addLink(line.a);
		b.replica.addLink(line.b);
	};
	link(hq, old);
	await hq.catalog.define([{ sku: 'TEA', name: 'Tea', policy: 'none' }]);
	await old.replica.ledger('catalog/chain').cells('sku').at('TEA').value.when(Boolean, { timeoutMs: 10_000 });
	const today = old.shop.today();
	const sell = async (businessDate: string) => {
		const line = { sku: 'TEA', qty: 1, unitPrice: 900 };
		const tenders = [{ kind: 'cash', amount: 900 } as const];
		const sale = await old.checkout({ lines: [line], tenders, businessDate }, { idempotencyKey: businessDate });
		if (!sale.ok) throw new Error(sale.message);
		return sale.value;
	};
	const [before, recent] = [await sell(addDays(today, -9)), await sell(addDays(today, -1))];
	await old.replica.sync.flush({ tier: 'copy', timeoutMs: 10_000 });

	const storage = memory();
	const keeps = { orderDays: 3 };
	const fresh = await open('sh-1', { name: 'till 2', storage, keeps });
	link(hq, fresh);
	await fresh.orders.get(recent.order).when(Boolean, { timeoutMs: 10_000 });
	const days = () => fresh.replica.ledgers().filter((name) => name.startsWith('orders/'));
	expect(days()).toEqual([`orders/sh-1/${recent.businessDate}`]);
	const asked = {
		order: before.order,
		lines: [{ line: 'any', restock: 'no' as const }],
		tenders: [{ kind: 'cash', amount: 900 } as const],
	};
	const unknown = await fresh.refund(asked, { idempotencyKey: 'refund' });
	expect(unknown).toMatchObject({ ok: false, code: 'unknown_order' });
	const sold = { businessDate: before.businessDate };
	const { found: order } = await fresh.orders.find({ ...sold, receiptNo: before.receiptNo });
	expect(order?.id).toBe(before.order);
	const lines = [{ line: order?.lines[0]?.id ?? '', restock: 'no' as const }];
	const refund = await fresh.refund({ ...asked, lines, sold }, { idempotencyKey: 'refund' });
	expect(refund.ok).toBe(true);
	expect(days()).toHaveLength(2);
	await fresh.shutdown();
	// What the till kept it keeps, also where fewer days would do for a new one.
	await using again = await open('sh-1', { name: 'till 2', storage, keeps: { orderDays: 1 } });
	expect(again.orders.get(before.order).get()?.refunds).toHaveLength(1);
	expect(again.orders.get(recent.order).get()?.state).toBe('settled');
	await expect(open('sh-1', { keeps: { orderDays: 0 } })).rejects.toMatchObject({ path: 'keeps.orderDays' });
});
