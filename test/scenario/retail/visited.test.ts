import { describe, expect, test } from 'vitest';
import { ledgerOf } from '../../../src/retail/members/purses.js';
import { cash, codeOf, done, expectSound, openMemberShops } from './member-shops.js';
import { key } from './shops.js';

/** Two stores under headquarters, a till each: the first keeps all members, the second only those who come. */
const chainOf = () => openMemberShops({ stores: 2, tillsPerStore: 1, visited: [1] });
const phoneOf = (i: number) => `1380000${String(i).padStart(4, '0')}`;
const cup = { sku: 'CUP', qty: 1, unitPrice: 1_000 };

describe('a till that keeps the members who come', () => {
	test('S28 fetches who is asked for, lets them spend here, and keeps them over a crash and without a line', async () => {
		const chain = await chainOf();
		const { shops, members } = chain;
		const ids: string[] = [];
		for (let i = 0; i < 30; i++) {
			const id = done(await members(0).register({ phone: phoneOf(i) }, key())).value;
			done(await members(0).earn({ member: id, points: 100, source: 'opening' }, key()));
			ids.push(id);
		}
		await shops.meet();
		const ada = ids[7] ?? '';
		expect(
			shops
				.till(1)
				.replica.ledgers()
				.filter((name) => name.startsWith('members/')),
		).toEqual([]);
		const found = await members(1).find({ phone: phoneOf(7) });
		expect(found.found).toMatchObject({ id: ada, purses: { points: { total: 100 } } });
		const kept = shops
			.till(1)
			.replica.ledgers()
			.filter((name) => name.startsWith('members/'));
		expect(kept, 'an id lies beside the phone that it was given for').toEqual([ledgerOf(ada)]);
		expect(await members(1).find({ phone: phoneOf(9_999) })).toEqual({ found: null, sure: true });

		const there = await members(1).checkIn(ada, { expect: { points: 40 } });
		expect(there.reachable).toBe(true);
		shops.isolate(1);
		expect(await members(1).find({ phone: phoneOf(8) }), 'nobody can be asked').toEqual({ found: null, sure: false });
		await shops.world.crash(1);
		shops.isolate(1);
		const redeemed = await members(1).redeem({ member: ada, purse: 'points', amount: 40, reason: 'gift' }, key());
		expect(codeOf(redeemed)).toBe('ok');
		expect(codeOf(await members(1).earn({ member: ids[8] ?? '', points: 1, source: 'x' }, key()))).toBe(
			'member_not_here',
		);
		await shops.meet();
		expect(members(0).accountNow(ada)?.purses.points?.total).toBe(60);
		expect(members(1).accountNow(ada)?.purses.points?.total).toBe(60);
		expectSound(chain);
	});

	test('sells without a member as ever, and to a member who does not come says so, with the line down', async () => {
		const chain = await chainOf();
		const { shops, members } = chain;
		const [shop, other] = [shops.till(0), shops.till(1)];
		await shop.catalog.define([{ sku: 'CUP', name: 'Cup', policy: 'none' }]);
		const ada = done(await members(0).register({ phone: phoneOf(1) }, key())).value;
		const bob = done(await members(0).register({ phone: phoneOf(2) }, key())).value;
		for (const member of [ada, bob]) done(await members(0).topUp({ member, paid: 5_000, tenders: cash(5_000) }, key()));
		await shops.meet();
		// The line is there: whoever the sale is for is fetched before it is decided.
		const sale = { lines: [cup], member: ada, tenders: cash(1_000), earn: 10 };
		done(await other.checkout(sale, key()));
		shops.isolate(1);
		done(await other.checkout(sale, key()));
		done(await other.checkout({ lines: [cup], tenders: cash(1_000) }, key()));
		const once = key();
		expect(codeOf(await other.checkout({ ...sale, member: bob }, once))).toBe('member_not_here');
		expect(other.canCheckout({ ...sale, member: bob })).toMatchObject({
			code: 'member_not_here',
			retry: 'when-online',
		});
		await shops.meet();
		done(await other.checkout({ ...sale, member: bob }, once));
		await shops.meet();
		expect(members(0).accountNow(ada)?.purses.points?.total).toBe(20);
		expect(members(0).accountNow(bob)?.purses.points?.total).toBe(10);
		expectSound(chain);
	});

	test('S32 whoever is one person comes as one: by an alias that was made elsewhere, by a phone registered twice', async () => {
		const chain = await chainOf();
		const { shops, members } = chain;
		for (const id of ['ada', 'ada-2', 'bob', 'bob-2'])
			done(await members(0).register({ id, ...(id.startsWith('bob') ? {} : { card: id }) }, key()));
		for (const id of ['ada', 'ada-2']) done(await members(0).earn({ member: id, points: 5, source: 'x' }, key()));
		done(await members(0).alias({ from: 'ada-2', to: 'ada' }, key()));
		await shops.meet();
		const found = await members(1).find({ id: 'ada' });
		expect(found.found?.purses.points?.total).toBe(10);
		expect((await members(1).find({ card: 'ada-2' })).found).toMatchObject({
			id: 'ada',
			purses: { points: { total: 10 } },
		});
		// A phone that is somebody's already is known to be so, though this till has never seen them.
		done(await members(0).register({ id: 'cleo', phone: phoneOf(5) }, key()));
		await shops.meet();
		expect(codeOf(await members(1).register({ phone: phoneOf(5) }, key()))).toBe('member_exists');
		const dan = done(await members(1).register({ phone: phoneOf(6) }, key())).value;
		await shops.meet();
		expect((await members(0).find({ phone: phoneOf(6) })).found?.id).toBe(dan);
		shops.isolate(1);
		expect(codeOf(await members(1).register({ phone: phoneOf(77) }, key()))).toBe('member_not_here');
		await shops.meet();
		expectSound(chain);
	});

	test('S30 a coupon is fetched with the ledger that its code names', async () => {
		const chain = await chainOf();
		const { shops, members } = chain;
		const now = shops.till(0).shop.nowMs();
		const instant = (ms: number) => new Date(ms).toISOString();
		const campaign = {
			campaign: 'spring',
			count: 2,
			value: { off: 500 },
			from: instant(now),
			until: instant(now + 1e8),
		};
		const [coupon = ''] = done(await members(0).issueCoupons(campaign, key())).value;
		await shops.meet();
		expect(await members(1).fetchCoupon(coupon)).toBe(true);
		expect(members(1).coupon(coupon)).toMatchObject({ isHere: true, isUsed: false });
		expect(await members(1).fetchCoupon('no coupon')).toBe(false);
	});
});
