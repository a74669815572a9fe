import { expect, test } from 'vitest';
import type { Campaign } from '../../../../src/retail/members/coupons.js';
import { codeOf, done } from '../../../scenario/retail/member-shops.js';
import { key } from '../../../scenario/retail/shops.js';
import { openTill } from './one-till.js';

const spring: Campaign = {
	campaign: 'spring',
	count: 2,
	value: { off: 500 },
	from: '2000-01-01T00:00:00Z',
	until: '2999-01-01T00:00:00Z',
};

test('many are issued in several commits; the same key names the same ones again', async () => {
	const { members } = await openTill();
	const once = key();
	const issue = () => members.issueCoupons({ ...spring, count: 400 }, once);
	const first = done(await issue());
	expect(new Set(first.value).size).toBe(400);
	expect(first.replayed).toBe(false);
	const again = done(await issue());
	expect(again.replayed).toBe(true);
	expect(again.value).toEqual(first.value);
	await expect(members.issueCoupons({ ...spring, count: 399 }, once)).rejects.toMatchObject({ code: 'key_reused' });
	expect(members.coupon(first.value[399] ?? '')).toMatchObject({ campaign: 'spring', isUsed: false, isHere: true });
});

test('a coupon of a member is in the account until it is used, and for nobody else', async () => {
	const { members, ada, part } = await openTill();
	const other = done(await members.register({ phone: '13800000002' }, key())).value;
	const [mine = '', second = ''] = done(await members.issueCoupons({ ...spring, member: ada }, key())).value;
	expect(members.accountNow(ada)?.coupons).toEqual([mine, second]);
	const use = (coupon: string, member?: string) =>
		part((w) => members.useCoupon(w, coupon, member === undefined ? {} : { member })).then(codeOf);
	expect(await use(mine)).toBe('coupon_not_valid');
	expect(await use(mine, other)).toBe('coupon_not_valid');
	done(await members.alias({ from: other, to: ada }, key()));
	expect(await use(mine, other)).toBe('ok');
	expect(await use(mine, ada)).toBe('coupon_used');
	expect(members.accountNow(other)?.coupons).toEqual([second]);
});

test('a coupon is good in its stores, and between its two moments', async () => {
	const { members, shop, part, advance } = await openTill();
	const at = (ms: number) => new Date(shop.nowMs() + ms).toISOString();
	const one = async (more: Partial<Campaign>) =>
		done(await members.issueCoupons({ ...spring, count: 1, ...more }, key())).value[0] ?? '';
	const use = (coupon: string) => part((w) => members.useCoupon(w, coupon)).then(codeOf);
	expect(await use(await one({ stores: ['sh-2'] }))).toBe('coupon_not_valid');
	expect(await use(await one({ stores: ['sh-2', 'sh-1'] }))).toBe('ok');
	const later = await one({ from: at(60_000), until: at(120_000) });
	expect(await use(later)).toBe('coupon_expired');
	await advance(60_001);
	expect(await use(later)).toBe('ok');
	const over = await one({ from: at(-1_000), until: at(1_000) });
	await advance(1_000);
	expect(await use(over)).toBe('coupon_expired');
});

test('a code of another number, check or batch is unknown', async () => {
	const { members, part } = await openTill();
	const [coupon = ''] = done(await members.issueCoupons(spring, key())).value;
	const [batch, number, check] = coupon.split('.');
	for (const code of [
		`${batch}.1.${check}`,
		`${batch}.2.${check}`,
		`${batch}.${number}`,
		`0x.${number}.${check}`,
		'',
		'A',
	])
		expect(codeOf(await part((w) => members.useCoupon(w, code)))).toBe('unknown_coupon');
});

test.each<[string, Partial<Campaign>]>([
	['count', { count: 0 }],
	['count', { count: 100_001 }],
	['campaign', { campaign: '' }],
	['from', { from: '2026-02-30' }],
	['until', { until: '1999-01-01T00:00:00Z' }],
	['value', { value: 'x'.repeat(2_100) }],
	['stores', { stores: [] }],
	['member', { member: 'a b' }],
])('a bad %s throws', async (path, more) => {
	const { members } = await openTill();
	await expect(members.issueCoupons({ ...spring, ...more }, key())).rejects.toMatchObject({ path });
});
