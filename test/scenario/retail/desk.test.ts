import { describe, expect, test } from 'vitest';
import { key, openShops } from './shops.js';

const cash = (amount: number) => ({ kind: 'cash', amount }) as const;
const slots = [{ resource: 'JJ', from: '2026-03-02T01:00:00Z', to: '2026-03-02T02:00:00Z' }];

describe('the desk of a store, over all capabilities', () => {
	test('S37 a refund above the cashier’s limit goes through after a yes, with the same key', async () => {
		const shops = await openShops({ tillsPerStore: 2 });
		const [till, manager] = [shops.till(0).as('cass'), shops.till(1).as('mia')];
		await till.catalog.define([{ sku: 'GOWN', name: 'Gown', policy: 'none' }]);
		await till.approvals.setLimits('cashier', { 'order.refund': 10_000 });
		await till.approvals.setRole('cass', 'cashier');
		const sale = await till.checkout(
			{ lines: [{ sku: 'GOWN', qty: 1, unitPrice: 80_000 }], tenders: [cash(80_000)] },
			key(),
		);
		if (!sale.ok) throw new TypeError(sale.message);
		const { order } = sale.value;
		const line = till.orders.get(order).get()?.settled?.lines[0]?.id ?? '';
		const refund = { order, lines: [{ line, restock: 'no' }], tenders: [cash(80_000)] } as const;
		const once = key();
		const refused = await till.refund(refund, once);
		if (refused.ok || !refused.approval) throw new TypeError('expected a question');
		expect(refused).toMatchObject({ code: 'needs_approval', approval: { limit: 10_000, asked: 80_000 } });
		const asking = till.approvals.ask(refused.approval, { timeoutMs: 10_000 });
		await shops.world.advance(400);
		const [pending] = manager.approvals.pending().get();
		expect(await manager.approvals.decide(pending?.id ?? '', true, key())).toMatchObject({ ok: true });
		await shops.world.advance(400);
		const yes = await asking;
		const approval = yes.ok ? yes.value : '';
		expect(await till.refund(refund, { ...once, approval })).toMatchObject({ ok: true, value: { due: 80_000 } });
		expect(await till.refund(refund, { ...once, approval })).toMatchObject({ ok: true, replayed: true });
		await shops.meet();
		expect(manager.approvals.list().get()).toMatchObject([{ state: 'used', by: 'cass', decided: [{ by: 'mia' }] }]);
	});

	test('S42 what stock, refunds and tasks find is raised by itself, once', async () => {
		const shops = await openShops({ tillsPerStore: 3, retail: () => ({ alerts: { largeRefund: 50_000 } }) });
		const [a, b, c] = [shops.till(0), shops.till(1), shops.till(2)];
		await a.catalog.define([{ sku: 'CUP', name: 'Cup', reorder: { below: 6, upTo: 20 } }]);
		await a.stock.receive({ document: 'PO-1', lines: [{ sku: 'CUP', qty: 8 }] }, key());
		await shops.meet();
		const line = { sku: 'CUP', qty: 4, unitPrice: 20_000 };
		const sale = await a.checkout({ lines: [line], tenders: [cash(80_000)] }, key());
		if (!sale.ok) throw new TypeError(sale.message);
		const { order } = sale.value;
		const id = a.orders.get(order).get()?.settled?.lines[0]?.id ?? '';
		await a.refund({ order, lines: [{ line: id, restock: 'waste' }], tenders: [cash(80_000)] }, key());
		await b.tasks.open({ kind: 'reviews.bad', summary: 'Cold coffee' }, key());
		await shops.world.advance(5_000);
		await shops.meet();
		for (const till of [a, b, c])
			expect(
				till.alerts
					.recent()
					.get()
					.map(({ kind, subject, amount }) => [kind, subject, amount])
					.sort(),
			).toEqual([
				['large-refund', expect.any(String), 80_000],
				['low-stock', 'CUP', expect.any(Number)],
				['task', 'reviews.bad', undefined],
			]);
		for (const alert of c.alerts.recent().get()) expect(c.shop.desk.logs('alert').entries(alert.id)).toHaveLength(1);
	});

	test('S39 a deposit out of a purse pays at the checkout of the order that arriving opened, once', async () => {
		const shops = await openShops({ tillsPerStore: 2 });
		const [a, b] = [shops.till(0), shops.till(1)];
		await a.catalog.define([{ sku: 'CUT', name: 'Cut', policy: 'none' }]);
		await a.members.register({ id: 'm-1' }, key());
		await a.members.topUp({ member: 'm-1', paid: 5_000, tenders: [cash(5_000)] }, key());
		for (const slot of slots) await a.appointments.offer(slot);
		const deposit = [{ kind: 'purse', purse: 'stored', amount: 2_000 }, cash(1_000)] as const;
		const booked = await a.appointments.book({ slots, service: 'CUT', member: 'm-1', deposit }, key());
		if (!booked.ok) throw new TypeError(booked.message);
		expect(a.members.accountNow('m-1')?.purses.stored?.total).toBe(3_000);
		await shops.meet();
		const arrived = await b.appointments.arrive(booked.value.id, key());
		const order = arrived.ok ? arrived.value : '';
		const pay = (amount: number) =>
			b.checkout(
				{
					order,
					lines: [{ sku: 'CUT', qty: 1, unitPrice: 8_000 }],
					tenders: [{ kind: 'deposit', appointment: booked.value.id, amount }, cash(8_000 - amount)],
				},
				key(),
			);
		expect(await pay(3_001)).toMatchObject({ ok: false, code: 'deposit_not_here' });
		expect(await pay(3_000)).toMatchObject({ ok: true, value: { order, due: 8_000 } });
		const other = await b.checkout(
			{
				lines: [{ sku: 'CUT', qty: 1, unitPrice: 1 }],
				tenders: [{ kind: 'deposit', appointment: booked.value.id, amount: 1 }],
			},
			key(),
		);
		expect(other).toMatchObject({ ok: false, code: 'deposit_not_here' });

		// What was paid out of the purse goes back into it where it is cancelled.
		const [slot] = slots;
		if (!slot) throw new TypeError('one slot');
		const later = [{ ...slot, from: '2026-03-02T03:00:00Z', to: '2026-03-02T04:00:00Z' }];
		for (const slot of later) await b.appointments.offer(slot);
		await shops.meet();
		const second = await a.appointments.book({ slots: later, service: 'CUT', member: 'm-1', deposit }, key());
		expect(a.members.accountNow('m-1')?.purses.stored?.total).toBe(1_000);
		const back = second.ok && (await a.appointments.cancel(second.value.id, { ...key(), giveBack: deposit }));
		expect(back).toMatchObject({ ok: true });
		expect(a.members.accountNow('m-1')?.purses.stored?.total).toBe(3_000);
	});
});
