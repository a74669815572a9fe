import { describe, expect, test } from 'vitest';
import { ledgerOf } from '../../../src/retail/members/purses.js';
import { cash, codeOf, done, expectSound, openMemberShops } from './member-shops.js';
import { key } from './shops.js';

const day = 86_400_000;

describe('members of a chain', () => {
	test('S28 points held as shares and redeemed in two isolated shops are never overspent', async () => {
		const chain = await openMemberShops({ stores: 2, tillsPerStore: 1 });
		const { shops, members } = chain;
		const ada = done(await members(0).register({ phone: '13800000001' }, key())).value;
		done(await members(0).earn({ member: ada, points: 100, source: 'opening' }, key()));
		await shops.meet();
		const there = await members(1).checkIn(ada, { expect: { points: 40 } });
		expect(there.account.get()?.purses.points).toEqual({ total: 100, here: 40, debt: 0 });
		shops.isolate(0);
		shops.isolate(1);
		const redeem = (till: number, amount: number) =>
			members(till).redeem({ member: ada, purse: 'points', amount, reason: 'gift' }, key());
		const codes = [codeOf(await redeem(0, 80)), codeOf(await redeem(1, 80))];
		expect(codes).toEqual(['insufficient_points', 'insufficient_points']);
		expect(codeOf(await redeem(0, 60))).toBe('ok');
		expect(codeOf(await redeem(1, 40))).toBe('ok');
		expect(codeOf(await redeem(1, 1))).toBe('insufficient_points');
		await shops.world.crash(0);
		await shops.meet();
		for (const till of [0, 1]) expect(members(till).accountNow(ada)?.purses.points?.total).toBe(0);
		await shops.meet();
		expectSound(chain);
	});

	test('S30 one coupon that two isolated shops try is honoured once', async () => {
		const chain = await openMemberShops({ stores: 2, tillsPerStore: 1 });
		const { shops, members } = chain;
		const now = shops.till(0).shop.nowMs();
		const instant = (ms: number) => new Date(ms).toISOString();
		const campaign = { campaign: 'spring', count: 3, value: { off: 500 } };
		const issued = await members(0).issueCoupons({ ...campaign, from: instant(now), until: instant(now + day) }, key());
		const [coupon = '', other = '', late = ''] = done(issued).value;
		await shops.meet();
		expect(await members(1).fetchCoupon(coupon)).toBe(true);
		shops.isolate(0);
		shops.isolate(1);
		const use = (till: number, id: string) => {
			const { shop } = shops.till(till);
			return shop.writeKeyed('order.settle', { id }, key(), (w) => members(till).useCoupon(w, id));
		};
		const both = await Promise.all([use(0, coupon), use(1, coupon)]);
		expect(both.map(codeOf)).toEqual(['coupon_not_here', 'ok']);
		expect(codeOf(await use(1, coupon))).toBe('coupon_used');
		expect(codeOf(await use(0, other))).toBe('ok');
		expect(codeOf(await use(0, `${other.slice(0, -1)}x`))).toBe('unknown_coupon');
		await shops.world.crash(1);
		await shops.meet();
		expect(codeOf(await use(0, coupon))).toBe('coupon_used');
		expect(await members(1).fetchCoupon(other)).toBe(false);
		await shops.world.advance(day);
		expect(codeOf(await use(0, late))).toBe('coupon_expired');
		await shops.meet();
		expectSound(chain);
	});

	test('S29 stored value without a line goes up to the floor limit, and what is beyond becomes a debt', async () => {
		const chain = await openMemberShops({ stores: 2, tillsPerStore: 2, members: { floor: { perSale: 3_000 } } });
		const { shops, members } = chain;
		const ada = done(await members(0).register({ phone: '13800000001' }, key())).value;
		done(await members(2).grantRisk({ amount: 5_000 }, key()));
		done(await members(0).topUp({ member: ada, paid: 10_000, tenders: cash(10_000) }, key()));
		await shops.meet();
		await members(2).checkIn(ada, { expect: 2_000 });
		for (const till of [2, 3]) shops.isolate(till);
		const pay = (till: number, units: number, lend = true) => {
			const { shop } = shops.till(till);
			const order = shop.id();
			return shop.writeKeyed('order.settle', { order }, key(), (w) =>
				members(till).pay(w, ada, 'stored', units, { lend, for: order }),
			);
		};
		expect(members(2).floorLimit().get()).toEqual({ perSale: 3_000, leftHere: 5_000, leftStore: 5_000 });
		expect(codeOf(await pay(2, 4_000, false))).toBe('insufficient_balance');
		expect(codeOf(await pay(2, 5_001))).toBe('over_floor_limit'); // 2,000 here, 3,000 a sale
		const lent = done(await pay(2, 5_000));
		expect(lent.warnings).toEqual([{ code: 'lent', subject: ada }]);
		expect(codeOf(await pay(2, 2_500))).toBe('over_floor_limit'); // 2,000 of the risk is left
		expect(codeOf(await pay(3, 1))).toBe('over_floor_limit'); // the risk is at the other till
		expect(codeOf(await pay(2, 1_500))).toBe('ok');
		expect(members(2).floorLimit().get()).toEqual({ perSale: 3_000, leftHere: 500, leftStore: 500 });
		expect(members(2).accountNow(ada)?.purses.stored).toEqual({ total: 8_000, here: 0, debt: 4_500 });
		await shops.world.crash(2);
		await shops.meet();
		for (const till of [0, 1, 2, 3]) {
			expect(members(till).accountNow(ada)?.purses.stored).toMatchObject({ total: 8_000, debt: 4_500 });
			const debts = [...shops.till(till).shop.exceptions].flatMap((source) => source.exceptions.get());
			expect(debts.map(({ kind, store, amount, state }) => ({ kind, store, amount, state }))).toEqual([
				{ kind: 'debt', store: 'sh-2', amount: 3_000, state: 'open' },
				{ kind: 'debt', store: 'sh-2', amount: 1_500, state: 'open' },
			]);
		}
		// What is owed is nobody's to spend; a top-up pays it back first.
		await members(0).checkIn(ada, { expect: 8_000 });
		expect(codeOf(await pay(0, 3_501, false))).toBe('insufficient_balance');
		expect(codeOf(await pay(0, 3_500, false))).toBe('ok');
		const topUp = done(await members(0).topUp({ member: ada, paid: 4_000, bonus: 400, tenders: cash(4_000) }, key()));
		expect(topUp.value.purses).toMatchObject({ stored: { total: 4_500, debt: 500 }, bonus: { total: 400 } });
		done(await members(0).repay({ member: ada, amount: 300 }, key()));
		expect(members(0).accountNow(ada)?.purses.stored).toMatchObject({ total: 4_200, debt: 200 });
		await shops.meet();
		const source = [...shops.till(3).shop.exceptions].find(({ exceptions }) =>
			exceptions.get().some(({ kind }) => kind === 'debt'),
		);
		const open = source?.exceptions.get().filter(({ state }) => state === 'open') ?? [];
		expect(open.length).toBe(1);
		done((await source?.resolve(open[0]?.id ?? '', 'lost', key())) as never);
		expect(codeOf((await source?.resolve(open[0]?.id ?? '', 'lost', key())) as never)).toBe('already_resolved');
		await shops.meet();
		expect(members(0).accountNow(ada)?.purses.stored).toMatchObject({ total: 4_200, debt: 0 });
		await shops.meet();
		expectSound(chain);
	});

	test('S31 a redemption before the shop’s midnight is valid, however late it arrives', async () => {
		const chain = await openMemberShops({ stores: 2, tillsPerStore: 1, settings: { dayCut: '04:00' } });
		const { shops, members } = chain;
		const ada = done(await members(0).register({ card: '908-424-2890' }, key())).value;
		const { shop } = shops.till(0);
		const local = new Date(shop.nowMs() + 8 * 3_600_000).toISOString();
		const today = local.slice(0, 10);
		const toMidnight = day - (Date.parse(`1970-01-01T${local.slice(11)}`) % day);
		done(await members(0).earn({ member: ada, points: 100, source: 'a', expiresOn: today }, key()));
		done(await members(0).earn({ member: ada, points: 10, source: 'b' }, key()));
		await shops.meet();
		expect(members(1).accountNow(ada)).toMatchObject({
			purses: { points: { total: 110 } },
			expiring: [{ purse: 'points', amount: 100, on: today }],
		});
		await members(1).checkIn(ada, { expect: { points: 60 } });
		shops.isolate(1);
		await shops.world.advance(toMidnight - 60_000);
		const redeem = (till: number, amount: number) =>
			members(till).redeem({ member: ada, purse: 'points', amount, reason: 'gift' }, key());
		expect(codeOf(await redeem(1, 50))).toBe('ok');
		await shops.world.advance(120_000);
		const watched = members(0).account(ada);
		expect(watched.get()?.purses.points).toMatchObject({ total: 10 });
		expect(codeOf(await redeem(1, 10))).toBe('insufficient_points'); // they have expired in its hand
		await shops.meet();
		for (const till of [0, 1])
			expect(members(till).accountNow(ada)).toMatchObject({ purses: { points: { total: 10 } }, expiring: [] });
		expect(watched.get()).toBe(watched.get());
		await members(0).checkIn(ada, { expect: { points: 10 } });
		expect(codeOf(await redeem(0, 10))).toBe('ok');
		await shops.meet();
		expectSound(chain);
	});

	test('S32 one phone registered twice without a line is one member and its alias, and points add up', async () => {
		const chain = await openMemberShops({ stores: 2, tillsPerStore: 1 });
		const { shops, members, personal } = chain;
		for (const till of [0, 1]) shops.isolate(till);
		expect(await members(1).find({ phone: '138 0000 0001' })).toEqual({ found: null, sure: false });
		const register = (till: number, phone: string, name: string) =>
			members(till).register({ phone, personal: { name, phone } }, key());
		const first = done(await register(0, '13800000001', 'Ada')).value;
		await shops.world.advance(1_000);
		const second = done(await register(1, '138-0000-0001', 'Ada L.')).value;
		for (const [till, member, points] of [
			[0, first, 30],
			[1, second, 12],
		] as const)
			done(await members(till).earn({ member, points, source: `sale-${till}` }, key()));
		const before = [first, second].map((id) => shops.till(1).shop.ledger(ledgerOf(id)).logs('member').entries(id));
		await shops.world.crash(1);
		await shops.meet();
		for (const till of [0, 1]) {
			expect(members(till).accountNow(second)).toMatchObject({ id: second, aliasOf: first });
			expect(members(till).accountNow(first)?.aliasOf).toBeUndefined();
			for (const id of [first, second]) expect(members(till).accountNow(id)?.purses.points?.total).toBe(42);
			const { found } = await members(till).find({ phone: '13800000001' });
			expect(found?.id).toBe(first);
		}
		const after = [first, second].map((id) => shops.till(1).shop.ledger(ledgerOf(id)).logs('member').entries(id));
		expect(after[1]).toEqual(before[1]); // nothing is rewritten
		// Both ids spend of one balance, wherever it lies.
		await members(0).checkIn(second, { expect: { points: 42 } });
		done(await members(0).redeem({ member: second, purse: 'points', amount: 42, reason: 'gift' }, key()));
		expect(codeOf(await register(0, '13800000001', 'Ada'))).toBe('member_exists');
		expect(await personal(0).get(first)).toEqual({ name: 'Ada', phone: '13800000001' });
		for (const ledger of shops.world.till(0).ledgers()) {
			const written = shops.world.till(0).ledger(ledger);
			for (const family of ['member', 'contact'])
				for (const id of written.logs(family).keys())
					expect(JSON.stringify([id, written.logs(family).entries(id)])).not.toMatch(/Ada|13800000001/);
		}
		await shops.meet();
		expectSound(chain);
	});

	test.each([
		['and is switched on again', true],
		['and hears of it', false],
	])('S33 after an erasure no old till that comes back %s brings personal data, and totals stay', async (_, isCrash) => {
		const chain = await openMemberShops({ stores: 2, tillsPerStore: 1 });
		const { shops, members, personal } = chain;
		const phone = '13800000001';
		const ada = done(await members(0).register({ phone, personal: { name: 'Ada' } }, key())).value;
		done(await members(0).topUp({ member: ada, paid: 1_000, tenders: cash(1_000) }, key()));
		done(await members(0).earn({ member: ada, points: 70, source: 'sale' }, key()));
		await shops.meet();
		const guest = done(await members(0).register({}, key())).value; // known by no phone
		await shops.meet();
		for (const id of [ada, guest]) await personal(1).put(id, { name: 'Ada' });
		await members(1).checkIn(ada, { expect: { points: 20 } });
		shops.isolate(1);
		// The old till does not know, and goes on with her: data, points, another card.
		const twin = done(await members(1).register({ personal: { name: 'Ada L.' } }, key())).value;
		done(await members(1).alias({ from: twin, to: ada }, key()));
		done(await members(1).register({ id: ada, personal: { name: 'Ada Lovelace' } }, key()));
		done(await members(1).redeem({ member: ada, purse: 'points', amount: 20, reason: 'gift' }, key()));
		for (const id of [ada, guest]) done(await members(0).erase(id, key()));
		expect(await personal(0).get(ada)).toBeUndefined();
		expect(codeOf(await members(0).erase(ada, key()))).toBe('member_erased');
		expect(codeOf(await members(0).register({ id: ada, personal: { name: 'Ada' } }, key()))).toBe('member_erased');
		expect(await members(0).find({ phone })).toEqual({ found: null, sure: true });
		if (isCrash) await shops.world.crash(1);
		await shops.meet();
		for (const till of [0, 1]) {
			for (const id of [ada, twin]) {
				expect(await members(till).personal(id)).toBeUndefined();
				expect(await personal(till).get(id)).toBeUndefined();
				expect(members(till).accountNow(id)).toMatchObject({
					purses: { stored: { total: 1_000 }, points: { total: 50 } },
					isErased: true,
				});
			}
			expect((await members(till).find({ phone })).found).toBeNull();
		}
		expect(await personal(1).get(guest)).toBeUndefined();
		// Whoever comes with the phone after that is somebody else.
		const next = done(await members(1).register({ phone }, key())).value;
		expect(members(1).accountNow(next)).toMatchObject({ id: next, purses: {} });
		expect(members(1).accountNow(next)?.aliasOf).toBeUndefined();
		await members(0).checkIn(ada, { expect: 1_000 });
		expect(codeOf(await members(0).refundStored({ member: ada, amount: 1_000, tenders: cash(1_000) }, key()))).toBe(
			'ok',
		);
		await shops.meet();
		expectSound(chain);
	});
});
