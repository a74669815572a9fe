import { describe, expect, test } from 'vitest';
import type { MoneyRow } from '../../../src/retail/totals/money.js';
import { FakeTerminal } from './fake-terminal.js';
import { done } from './member-shops.js';
import { key, openShops, type Shops } from './shops.js';

const cash = (amount: number) => ({ kind: 'cash', amount }) as const;
const stored = (amount: number) => ({ kind: 'purse', purse: 'stored', amount }) as const;
const cut = { sku: 'CUT', qty: 1, unitPrice: 8_000 };
const member = 'm-1';
const slot = (from: string, to: string) => ({
	resource: 'JJ',
	from: `2026-03-02T${from}:00Z`,
	to: `2026-03-02T${to}:00Z`,
});

async function openSalon(options: Parameters<typeof openShops>[0] = {}): Promise<Shops> {
	const retail = () => ({ members: { floor: { perSale: 5_000 } } });
	const shops = await openShops({ tillsPerStore: 2, retail, ...options });
	const till = shops.till(0);
	await till.catalog.define([{ sku: 'CUT', name: 'Cut', policy: 'none' }]);
	await till.members.register({ id: member }, key());
	await till.members.grantRisk({ amount: 50_000 }, key());
	await till.appointments.offer(slot('01:00', '05:00'));
	await shops.meet();
	return shops;
}

async function cardPayment(shops: Shops, amount: number): Promise<string> {
	const till = shops.till(0);
	const driver = new FakeTerminal({ timers: till.shop.platform.timers });
	const order = done(await till.orders.open({}, key())).value;
	return done(await till.payments.run({ order, amount, driver }, key())).value;
}

describe('money that is no sale', () => {
	test('S17 top-ups, packs, deposits, repayments and what is given back are in X, in the drawer and in Z, apart from sales', async () => {
		const shops = await openSalon();
		const till = shops.till(0).as('ada');
		const { members, appointments, day } = till;
		done(await day.openShift({ float: 20_000 }, key()));
		const sale = { member, lines: [cut], tenders: [stored(8_000)], lend: true };
		expect(await till.checkout(sale, key())).toMatchObject({ code: 'over_floor_limit' });
		done(await members.topUp({ member, paid: 4_000, tenders: [cash(4_000)] }, key()));
		done(await till.checkout(sale, key())); // 4,000 of it lent
		done(await members.repay({ member, amount: 1_000, tenders: [cash(1_000)] }, key()));
		// 3,000 of it pays back what was lent.
		done(
			await members.topUp(
				{ member, paid: 10_000, bonus: 500, tenders: [cash(6_000), { kind: 'other', name: 'voucher', amount: 4_000 }] },
				key(),
			),
		);
		const payment = await cardPayment(shops, 9_800);
		done(
			await members.sellPack(
				{ member, pack: 'wash', visits: 10, price: 9_800, tenders: [{ kind: 'card', amount: 9_800, payment }] },
				key(),
			),
		);
		done(await members.sellPack({ member, pack: 'gift', visits: 1, price: 0, tenders: [] }, key()));
		const deposit = [cash(2_000), stored(1_000)];
		const booked = done(
			await appointments.book({ slots: [slot('02:00', '03:00')], service: 'CUT', member, deposit }, key()),
		).value;
		const kept = done(
			await appointments.book(
				{ slots: [slot('03:00', '04:00')], service: 'CUT', member, deposit: [cash(3_000)] },
				key(),
			),
		).value;
		done(await appointments.cancel(booked.id, { ...key(), giveBack: deposit }));
		done(await members.refundStored({ member, amount: 2_500, tenders: [cash(2_500)] }, key()));
		done(
			await till.checkout(
				{ lines: [cut], tenders: [{ kind: 'deposit', appointment: kept.id, amount: 3_000 }, cash(5_000)] },
				key(),
			),
		);
		done(await day.cash({ kind: 'drop', amount: 5_000, reason: 'into the safe' }, key()));

		const drawer = 20_000 + 4_000 + 1_000 + 6_000 + 2_000 + 3_000 - 2_000 - 2_500 + 5_000 - 5_000;
		const x = {
			sales: 2,
			net: 16_000,
			due: 16_000,
			onAccount: {
				top_up: 11_000,
				repayment: 4_000,
				pack: 9_800,
				deposit: 6_000,
				deposit_refund: -3_000,
				stored_refund: -2_500,
			},
			taken: 41_300,
			tenders: { card: 9_800, cash: drawer - 15_000, deposit: 3_000, stored: 8_000, voucher: 4_000 },
		};
		await shops.world.crash(0, { at: 'after-ack' });
		await shops.meet();
		for (const number of [0, 1]) {
			const { device } = shops.till(0).shop;
			expect(shops.till(number).day.x()).toMatchObject(x);
			expect(shops.till(number).day.x({ staff: 'ada', device })).toMatchObject(x);
			expect(shops.till(number).day.x({ staff: 'bea' })).toMatchObject({ taken: 0, tenders: {} });
			expect(shops.till(number).day.drawer(undefined, device)).toBe(drawer);
		}
		const businessDate = till.shop.today();
		const again = shops.till(0);
		const z = done(await again.day.z({ businessDate, counted: drawer, scope: 'device' }, key())).value;
		expect(z).toMatchObject({ ...x, expected: drawer, difference: 0, onAccountByDevice: { [again.shop.device]: 8 } });
		expect(z.drawer).toEqual({ float: 20_000, in: 0, out: 0, drop: 5_000 });

		// What was counted stays counted: no money comes into a drawer whose day is closed.
		const closed = { ok: false, code: 'day_closed' };
		expect(await again.members.topUp({ member, paid: 1, tenders: [cash(1)] }, key())).toMatchObject(closed);
		expect(await again.members.refundStored({ member, amount: 1, tenders: [cash(1)] }, key())).toMatchObject(closed);
		const later = { slots: [slot('04:00', '05:00')], service: 'CUT' };
		expect(await again.appointments.book({ ...later, deposit: [cash(1)] }, key())).toMatchObject(closed);
		expect(await again.appointments.book(later, key())).toMatchObject({ ok: true });
	});

	test('S16 a top-up that comes after the close is a late adjustment, and the Z stays as it was', async () => {
		const shops = await openSalon();
		const [a, b] = [shops.till(0), shops.till(1)];
		done(await b.members.topUp({ member, paid: 1_000, tenders: [cash(1_000)] }, key()));
		await shops.meet();
		shops.isolate(1);
		done(await b.members.topUp({ member, paid: 2_000, tenders: [cash(2_000)] }, key()));
		const businessDate = a.shop.today();
		const z = done(await a.day.z({ businessDate, counted: 1_000, scope: 'store' }, key())).value;
		expect(z).toMatchObject({ expected: 1_000, difference: 0, onAccount: { top_up: 1_000 }, unseen: [] });
		const live = a.day.live();
		const seen: number[] = [];
		live.on(({ taken }) => seen.push(taken));
		await shops.meet();
		for (const { day } of [a, b]) {
			expect(day.list().get()).toEqual([z]);
			expect(day.late(z).get()).toMatchObject([{ kind: 'on_account', receiptNo: '', net: 0, taken: 2_000 }]);
			expect(day.x()).toMatchObject({ onAccount: { top_up: 3_000 }, tenders: { cash: 3_000 } });
		}
		expect(seen.at(-1)).toBe(3_000);
	});

	test('S41 headquarters sees the money of all stores by tender, live, and it equals a recount', async () => {
		const shops = await openSalon({ stores: 2, tillsPerStore: 1, keeps: ['orders/*'] });
		const [a, b] = [shops.till(0), shops.till(1)];
		const query = { stores: 'all', from: a.shop.today(), by: ['store'] } as const;
		const live = a.totals.money(query);
		let last: readonly MoneyRow[] = [];
		const stop = live.on((rows) => {
			last = rows;
		});
		done(await b.members.topUp({ member, paid: 3_000, tenders: [cash(3_000)] }, key()));
		done(await b.checkout({ lines: [cut], tenders: [cash(8_000)] }, key()));
		done(await a.checkout({ lines: [cut], tenders: [cash(8_000)] }, key()));
		done(await b.members.refundStored({ member, amount: 500, tenders: [cash(500)] }, key()));
		await shops.meet();
		const rows = [
			{ by: { store: 'sh-1' }, due: 8_000, onAccount: {}, taken: 8_000, tenders: { cash: 8_000 } },
			{
				by: { store: 'sh-2' },
				due: 8_000,
				onAccount: { stored_refund: -500, top_up: 3_000 },
				taken: 10_500,
				tenders: { cash: 10_500 },
			},
		];
		expect(last).toMatchObject(rows);
		expect(last).toEqual(a.totals.money({ ...query }).get());
		expect(a.totals.money({ ...query, stores: ['sh-2'], by: [] }).get()).toMatchObject([{ taken: 10_500 }]);
		stop();
	});

	test('a till that only takes top-ups is not silent', async () => {
		const shops = await openSalon();
		const [a, b] = [shops.till(0), shops.till(1)];
		const from = a.shop.today();
		const silent = () => a.totals.now({ stores: 'all', from })[0]?.silentTills;
		done(await b.checkout({ lines: [cut], tenders: [cash(8_000)] }, key()));
		await shops.world.advance(31 * 60_000);
		await shops.meet();
		expect(silent()).toBe(1);
		done(await b.members.topUp({ member, paid: 1_000, tenders: [cash(1_000)] }, key()));
		await shops.meet();
		expect(silent()).toBe(0);
	});
});

describe('closing a store', () => {
	test('S16 a till that has closed itself closes the store too, once; nobody closes anything after that', async () => {
		const shops = await openSalon();
		const [a, b] = [shops.till(0), shops.till(1)];
		done(await a.day.openShift({ float: 1_000 }, key()));
		done(await b.day.openShift({ float: 500 }, key())); // and sells nothing
		done(await a.checkout({ lines: [cut], tenders: [cash(8_000)] }, key()));
		await shops.meet();
		const businessDate = a.shop.today();
		const own = { businessDate, counted: 9_000, scope: 'device' } as const;
		const all = { businessDate, counted: 9_400, scope: 'store' } as const;
		expect(await a.day.z(own, key())).toMatchObject({ ok: true, value: { no: 1, expected: 9_000, difference: 0 } });
		expect(await a.day.z(own, key())).toMatchObject({ ok: false, code: 'day_closed' });
		const once = key();
		const closed = { no: 1, scope: 'store', expected: 9_500, difference: -100, drawer: { float: 1_500 } };
		expect(await a.day.z(all, once)).toMatchObject({ ok: true, value: closed });
		expect(await a.day.z(all, once)).toMatchObject({ ok: true, replayed: true });
		await shops.meet();
		for (const till of [a, b])
			for (const close of [own, all])
				expect(await till.day.z(close, key())).toMatchObject({ ok: false, code: 'day_closed' });
		expect(
			b.day
				.list()
				.get()
				.map(({ scope }) => scope)
				.sort(),
		).toEqual(['device', 'store']);
	});
});
