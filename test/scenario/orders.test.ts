import type { Replica } from 'tillmesh';
import { describe, expect, test } from 'vitest';
import { connect, openDevice, untilEqual } from './devices.js';

const keeps = ['orders/*', 'stock/1'];
type Order = { readonly order: string; readonly lines: readonly { sku: string; quantity: number }[] };

const ordersOf = (replica: Replica) => replica.ledger('orders/today').log<Order>('orders');
const tendersOf = (replica: Replica) => replica.ledger('orders/today').counter('tenderMinor');
const booked = (replica: Replica) =>
	ordersOf(replica)
		.all()
		.get()
		.map(({ value }) => value);

const order = (name: string, sku = 'CUP'): Order => ({ order: name, lines: [{ sku, quantity: 1 }] });

function pay(replica: Replica, what: Order, totalMinor: number) {
	return replica.commit(
		(tx) => {
			tx.append(ordersOf(replica), what);
			tx.add(tendersOf(replica), totalMinor);
		},
		{ idempotencyKey: `pay ${what.order}` },
	);
}

describe('orders', () => {
	test('S1 a paid order whose acknowledgement was lost and is sent again five times is one order and one charge', async () => {
		const till = await openDevice({ name: 'till', keeps });
		const home = await openDevice({ name: 'home', keeps, home: ['orders/*'] });
		const first = await pay(till.replica, order('A-1'), 350);
		for (let i = 0; i < 5; i++) {
			if (i === 2) await till.restart();
			const again = await pay(till.replica, order('A-1'), 350);
			expect(again).toMatchObject({ ok: true, replayed: true, commit: first.ok && first.commit });
		}
		connect(till.replica, home.replica);
		await untilEqual('orders/today', [till.replica, home.replica]);
		expect(booked(home.replica)).toEqual([order('A-1')]);
		expect(tendersOf(home.replica).value.get()).toBe(350);
	});

	test('S1 five taps in one turn, before the first is on disk, are one order too', async () => {
		const till = await openDevice({ name: 'till', keeps });
		const taps = await Promise.all(Array.from({ length: 5 }, () => pay(till.replica, order('A-2'), 350)));
		expect(taps.filter((tap) => tap.ok && !tap.replayed)).toHaveLength(1);
		expect(booked(till.replica)).toEqual([order('A-2')]);
	});

	test('S2 order and tender are there after the power goes right after "paid"', async () => {
		const till = await openDevice({ name: 'till', keeps });
		for (let i = 0; i < 20; i++) {
			expect(await pay(till.replica, order(`B-${i}`), 100)).toMatchObject({ ok: true, replayed: false });
			await till.restart();
			expect(booked(till.replica)).toHaveLength(i + 1);
			expect(tendersOf(till.replica).value.get()).toBe(100 * (i + 1));
		}
	});

	test('S2 of an order that was never confirmed all is there or nothing, and sent again it is there once', async () => {
		const till = await openDevice({ name: 'till', keeps });
		const paid = pay(till.replica, order('C-1'), 100);
		const answer = paid.then(
			() => 'confirmed',
			() => 'no answer',
		);
		await till.restart();
		expect(await answer).toBe('no answer');
		expect(booked(till.replica)).toHaveLength(tendersOf(till.replica).value.get() / 100);
		await pay(till.replica, order('C-1'), 100);
		expect(booked(till.replica)).toEqual([order('C-1')]);
		expect(tendersOf(till.replica).value.get()).toBe(100);
	});

	test('S5 identical lines both remain, of one commit and of two tills', async () => {
		const tills = [await openDevice({ name: 'till-1', keeps }), await openDevice({ name: 'till-2', keeps })];
		const line = { order: 'D-1', lines: [{ sku: 'TEA', quantity: 1 }] };
		for (const { replica } of tills)
			await replica.commit((tx) => {
				tx.append(ordersOf(replica), line);
				tx.append(ordersOf(replica), line);
			});
		const replicas = tills.map(({ replica }) => replica);
		connect(tills[0]?.replica as Replica, tills[1]?.replica as Replica); // two were opened
		await untilEqual('orders/today', replicas);
		for (const replica of replicas) expect(booked(replica)).toEqual([line, line, line, line]);
	});
});
