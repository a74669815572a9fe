import { expect, test } from 'vitest';
import { done } from '../../../scenario/retail/member-shops.js';
import { key } from '../../../scenario/retail/shops.js';
import { openTill } from './one-till.js';

const day = 86_400_000;
const tiers = { tierOf: (earned: number) => (earned >= 100 ? 'gold' : earned > 0 ? 'silver' : undefined) };

test('the tier follows what was earned in the last 365 days, unless it was set by hand', async () => {
	const { members, shop, ada, advance } = await openTill({ tiers });
	const tier = () => members.accountNow(ada)?.tier;
	expect(tier()).toBeUndefined();
	done(await members.earn({ member: ada, points: 90, source: 'a' }, key()));
	expect(tier()).toBe('silver');
	await advance(200 * day);
	done(await members.earn({ member: ada, points: 10, source: 'b' }, key()));
	expect(tier()).toBe('gold');
	done(await members.redeem({ member: ada, purse: 'points', amount: 100, reason: 'gift' }, key()));
	expect(tier()).toBe('gold'); // earned is earned
	await advance(165 * day);
	expect(tier()).toBe('silver');
	const until = new Date(shop.nowMs() + 10 * day).toISOString().slice(0, 10);
	done(await members.tier({ member: ada, tier: 'platinum', until }));
	expect(tier()).toBe('platinum');
	await advance(12 * day);
	expect(tier()).toBe('silver');
});

test('an account is the same object until something of it changes, and tells who watches', async () => {
	const { members, ada } = await openTill();
	const other = done(await members.register({ phone: '13800000002' }, key())).value;
	const account = members.account(ada);
	expect(members.account(ada)).toBe(account);
	const first = account.get();
	const seen: unknown[] = [];
	account.on((now) => seen.push(now?.purses.points?.total));
	done(await members.earn({ member: other, points: 5, source: 'x' }, key()));
	expect(account.get()).toBe(first);
	done(await members.earn({ member: ada, points: 5, source: 'a' }, key()));
	expect(account.get()).not.toBe(first);
	expect(seen.at(-1)).toBe(5);
	expect(members.account('nobody').get()).toBeUndefined();
});

test('care is found by reference, over aliases', async () => {
	const { members, ada } = await openTill();
	const twin = done(await members.register({}, key())).value;
	done(await members.care({ member: twin, kind: 'recipe', ref: 'r-1' }));
	done(await members.alias({ from: twin, to: ada }, key()));
	done(await members.care({ member: ada, kind: 'allergy', ref: 'r-2' }, { by: 'lin' }));
	expect(members.careOf(ada).map(({ kind, ref, by }) => [kind, ref, by])).toEqual([
		['recipe', 'r-1', undefined],
		['allergy', 'r-2', 'lin'],
	]);
});

test('a member is found by any of phones and cards, and gets another card', async () => {
	const { members, ada } = await openTill();
	done(await members.register({ id: ada, card: 'A-1' }, key()));
	done(await members.register({ id: ada, card: 'a 2' }, key()));
	for (const query of [{ phone: '138 0000 0001' }, { card: 'A1' }, { card: 'A2' }, { id: ada }])
		expect((await members.find(query)).found?.id).toBe(ada);
	const other = { phone: '13800000002', card: 'A-2' };
	expect(await members.register(other, key())).toMatchObject({ ok: false, code: 'member_exists', subject: ada });
	expect((await members.find({ phone: other.phone })).found).toBeNull();
});

test('aliases made crosswise, or by way of others, come to one person', async () => {
	const { members, ada } = await openTill();
	const [b, c] = await Promise.all(
		['13800000002', '13800000003'].map(async (phone) => done(await members.register({ phone }, key())).value),
	);
	if (!b || !c) throw new Error('two were registered');
	for (const [from, to] of [
		[ada, b],
		[b, c],
	] as const)
		done(await members.alias({ from, to }, key()));
	for (const id of [ada, b]) expect(members.accountNow(id)?.aliasOf).toBe(c);
	done(await members.alias({ from: c, to: ada }, key()));
	for (const id of [b, c]) expect(members.accountNow(id)?.aliasOf).toBe(ada); // the first who came
});
