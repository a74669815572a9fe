import { expect, test } from 'vitest';
import { personalInMemory } from '../../../../src/retail/members/personal-store.js';
import { cash, codeOf, done, openMemberShops } from '../../../scenario/retail/member-shops.js';
import { key } from '../../../scenario/retail/shops.js';

async function openTwo() {
	const chain = await openMemberShops({ stores: 2, tillsPerStore: 1, members: { floor: { perSale: 500 } } });
	const { shops, members } = chain;
	const ada = done(await members(0).register({ phone: '13800000001' }, key())).value;
	done(await members(0).topUp({ member: ada, paid: 1_000, bonus: 100, tenders: cash(1_000) }, key()));
	await shops.meet();
	const here = (till: number) => {
		const { stored, bonus } = members(till).accountNow(ada)?.purses ?? {};
		return [stored?.here, bonus?.here];
	};
	return { ...chain, ada, here };
}

test('a check-in brings what is expected, principal before bonus, and takes the rest home', async () => {
	const { shops, members, ada, here } = await openTwo();
	expect(here(0)).toEqual([1_000, 100]);
	const first = await members(0).checkIn(ada, { expect: 300 });
	expect(here(0)).toEqual([300, 0]);
	await shops.meet();
	const there = await members(1).checkIn(ada, { expect: 750 });
	expect([first.reachable, there.reachable, ...here(1)]).toEqual([true, true, 750, 0]);
	done(await members(1).redeem({ member: ada, purse: 'stored', amount: 600, reason: 'test' }, key()));
	const twice = await members(1).checkIn(ada, { expect: 100 });
	await there.release();
	expect(here(1)).toEqual([100, 0]); // somebody else at this till is still serving her
	await twice.release();
	await twice.release();
	expect(here(1)).toEqual([0, 0]);
	await first[Symbol.asyncDispose]();
	await shops.meet();
	expect((await members(1).checkIn(ada, { expect: { stored: 9_999 } })).account.get()?.purses).toMatchObject({
		stored: { total: 400, here: 400 },
		bonus: { total: 100, here: 100 },
	});
});

test('without a line nothing moves, and it says so', async () => {
	const { shops, members, ada, here } = await openTwo();
	shops.isolate(1);
	const alone = await members(1).checkIn(ada, { expect: 10 });
	expect([alone.reachable, ...here(1)]).toEqual([false, 0, 0]);
	shops.isolate(0);
	const rich = await members(0).checkIn(ada, { expect: 10 });
	expect([rich.reachable, ...here(0)]).toEqual([true, 1_000, 100]);
	await rich.release();
	expect(here(0)).toEqual([1_000, 100]);
});

test('risk for one sale comes along', async () => {
	const chain = await openMemberShops({ stores: 1, tillsPerStore: 2, members: { floor: { perSale: 500 } } });
	const { shops, members } = chain;
	const ada = done(await members(0).register({ phone: '13800000001' }, key())).value;
	done(await members(0).grantRisk({ amount: 2_000 }, key()));
	await shops.meet();
	expect(members(1).floorLimit().get()).toEqual({ perSale: 500, leftHere: 0, leftStore: 2_000 });
	await members(1).checkIn(ada, { expect: 0 });
	expect(members(1).floorLimit().get().leftHere).toBe(500);
	expect(await members(1).fetchRisk(1_200)).toBe(1_200);
	expect(await members(1).fetchRisk(9_000)).toBe(2_000);
});

test('where the personal store throws, the member is registered, and the same key tries it again', async () => {
	const store = personalInMemory();
	let isDown = true;
	const put: typeof store.put = (id, data) =>
		isDown ? Promise.reject(new Error('the customer database is down')) : store.put(id, data);
	const { members } = await openMemberShops({ tillsPerStore: 1, members: { personal: { ...store, put } } });
	const once = key();
	const register = () => members(0).register({ phone: '13800000001', personal: { name: 'Ada' } }, once);
	await expect(register()).rejects.toThrow('is down');
	isDown = false;
	const again = done(await register());
	expect(again.replayed).toBe(true);
	expect(await members(0).personal(again.value)).toEqual({ name: 'Ada' });
	expect(codeOf(await members(0).register({ phone: '13800000001' }, key()))).toBe('member_exists');
});
