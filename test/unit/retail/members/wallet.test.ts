import { describe, expect, test } from 'vitest';
import { cash, codeOf, done } from '../../../scenario/retail/member-shops.js';
import { key } from '../../../scenario/retail/shops.js';
import { openTill } from './one-till.js';

describe('stored value', () => {
	test.each([
		['principal-first', { stored: 40, bonus: 30 }, { stored: 0, bonus: 20 }],
		['bonus-first', { stored: 70, bonus: 0 }, { stored: 20, bonus: 0 }],
		['in-proportion', { stored: 53, bonus: 17 }, { stored: 15, bonus: 5 }],
	] as const)('%s takes its parts in that order, twice in one sale too', async (storedOrder, once, twice) => {
		const { members, ada, part } = await openTill({ storedOrder });
		done(await members.topUp({ member: ada, paid: 100, bonus: 30, tenders: cash(100) }, key()));
		const left = () => {
			const { stored, bonus } = members.accountNow(ada)?.purses ?? {};
			return { stored: stored?.total, bonus: bonus?.total };
		};
		done(await part((w) => members.pay(w, ada, 'stored', 60, { for: 'o1' })));
		expect(left()).toEqual(once);
		done(
			await part((w) => {
				members.pay(w, ada, 'stored', 10, { for: 'o2' });
				members.pay(w, ada, 'stored', 40, { for: 'o2' });
			}),
		);
		expect(left()).toEqual(twice);
		expect(codeOf(await part((w) => members.pay(w, ada, 'stored', 21, { for: 'o3' })))).toBe('insufficient_balance');
	});

	test('what an order took goes back to where it came from, and bonus stays bonus', async () => {
		const { members, ada, part } = await openTill();
		done(await members.topUp({ member: ada, paid: 100, bonus: 30, tenders: cash(100) }, key()));
		done(await part((w) => members.pay(w, ada, 'stored', 120, { for: 'o1' })));
		done(await part((w) => members.giveBack(w, ada, 'stored', 30, 'refund-1', 'o1')));
		expect(members.accountNow(ada)?.purses).toMatchObject({ stored: { total: 10 }, bonus: { total: 30 } });
		done(await part((w) => members.giveBack(w, ada, 'stored', 90, 'refund-2', 'o1')));
		expect(members.accountNow(ada)?.purses).toMatchObject({ stored: { total: 100 }, bonus: { total: 30 } });
		await expect(part((w) => members.giveBack(w, ada, 'stored', 90, 'refund-2', 'o1'))).rejects.toThrow('did nothing');
	});

	test('what an order lent is not owed any more when it is given back', async () => {
		const { members, ada, part } = await openTill({ floor: { perSale: 50 } });
		done(await members.grantRisk({ amount: 60 }, key()));
		done(await members.topUp({ member: ada, paid: 100, tenders: cash(100) }, key()));
		done(await part((w) => members.pay(w, ada, 'stored', 130, { lend: true, for: 'o1' })));
		expect(members.accountNow(ada)?.purses.stored).toEqual({ total: 0, here: 0, debt: 30 });
		expect(members.floorLimit().get()).toMatchObject({ leftHere: 30 });
		done(await part((w) => members.giveBack(w, ada, 'stored', 40, 'refund-1', 'o1')));
		expect(members.accountNow(ada)?.purses.stored).toEqual({ total: 10, here: 10, debt: 0 });
		expect(members.floorLimit().get()).toMatchObject({ leftHere: 60 });
	});

	test('the limit of a sale counts all its tenders', async () => {
		const { members, ada, part } = await openTill({ floor: { perSale: 50 } });
		done(await members.grantRisk({ amount: 500 }, key()));
		const lend = (...units: number[]) =>
			part((w) => {
				for (const one of units) members.pay(w, ada, 'stored', one, { lend: true, for: 'o1' });
			});
		expect(codeOf(await lend(30, 21))).toBe('over_floor_limit');
		expect(codeOf(await lend(30, 20))).toBe('ok');
		expect(codeOf(await part((w) => members.pay(w, ada, 'bonus', 1, { lend: true, for: 'o2' })))).toBe(
			'insufficient_balance',
		);
	});

	test('nothing is lent where no limit is set', async () => {
		const { members, ada, part } = await openTill();
		done(await members.grantRisk({ amount: 500 }, key()));
		expect(codeOf(await part((w) => members.pay(w, ada, 'stored', 1, { lend: true, for: 'o1' })))).toBe(
			'over_floor_limit',
		);
	});

	test('only the principal is refunded, and not beside a debt', async () => {
		const { members, ada, part } = await openTill({ floor: { perSale: 50 } });
		done(await members.grantRisk({ amount: 500 }, key()));
		done(await members.topUp({ member: ada, paid: 100, bonus: 30, tenders: cash(100) }, key()));
		const refund = (amount: number, tenders = cash(amount)) =>
			members.refundStored({ member: ada, amount, tenders }, key()).then(codeOf);
		expect(await refund(101)).toBe('insufficient_balance');
		expect(await refund(50, cash(49))).toBe('wrong_amount');
		expect(await refund(50)).toBe('ok');
		done(await part((w) => members.pay(w, ada, 'stored', 90, { lend: true, for: 'o1' })));
		expect(await refund(1)).toBe('insufficient_balance');
	});

	test('a debt that is written off is an exception that is done, once', async () => {
		const { members, shop, ada, part } = await openTill({ floor: { perSale: 50 } });
		done(await members.grantRisk({ amount: 50 }, key()));
		done(await part((w) => members.pay(w, ada, 'stored', 50, { lend: true, for: 'o1' })));
		const source = [...shop.exceptions].find(({ exceptions }) => exceptions.get().some(({ kind }) => kind === 'debt'));
		const [open] = source?.exceptions.get() ?? [];
		expect(open).toMatchObject({ kind: 'debt', store: 'sh-1', subject: ada, amount: 50, state: 'open' });
		const resolve = (id: string) => source?.resolve(id, 'moved away', key());
		expect((await resolve('debt-none'))?.ok).toBe(false);
		expect((await resolve(open?.id ?? ''))?.ok).toBe(true);
		expect(source?.exceptions.get()).toMatchObject([{ state: 'done', outcome: 'moved away' }]);
		expect(await resolve(open?.id ?? '')).toMatchObject({ ok: false, code: 'already_resolved' });
		expect(members.floorLimit().get().leftStore).toBe(0); // the money is lost
	});
});

describe('points', () => {
	test('what expires first is spent first', async () => {
		const { members, ada } = await openTill();
		for (const [source, expiresOn] of [
			['a', undefined],
			['b', '2999-12-31'],
			['c', '2999-01-01'],
		] as const)
			done(await members.earn({ member: ada, points: 10, source, ...(expiresOn && { expiresOn }) }, key()));
		const { value } = done(await members.redeem({ member: ada, purse: 'points', amount: 15, reason: 'gift' }, key()));
		expect(value.purses.points?.total).toBe(15);
		expect(value.expiring).toEqual([{ purse: 'points', amount: 5, on: '2999-12-31' }]);
	});

	test('two tries at once are one credit, and one document', async () => {
		const { members, shop, ada } = await openTill();
		const earn = () => members.earn({ member: ada, points: 10, source: 'a' }, key());
		const both = await Promise.all([earn(), earn()]);
		expect(both.map((outcome) => done(outcome).replayed)).toEqual([false, true]);
		expect(members.accountNow(ada)?.purses.points?.total).toBe(10);
		const [ledger = ''] = shop.host.ledgers().filter((name) => shop.ledger(name).pools().includes('points'));
		expect(shop.ledger(ledger).logs('member').entries(ada).length).toBe(2);
	});

	test('a credit of a checkout is a part of it', async () => {
		const { members, ada, part } = await openTill();
		const credited: boolean[] = [];
		const sell = (source: string) =>
			part((w) => {
				w.append('desk/sh-1', 'test', 'sale', { ...w.head });
				credited.push(members.credit(w, ada, 7, source, '2999-01-01'));
			});
		for (const source of ['a', 'a', 'b']) done(await sell(source));
		expect(credited).toEqual([true, false, true]);
		expect(members.accountNow(ada)?.expiring).toEqual([{ purse: 'points', amount: 14, on: '2999-01-01' }]);
	});
});

test('visits of a pack are used up, and expire after their last day', async () => {
	const { members, shop, ada, advance, part } = await openTill();
	const expiresOn = new Date(shop.nowMs() + 8 * 3_600_000).toISOString().slice(0, 10);
	const pack = { member: ada, pack: 'manicure', visits: 5, price: 50_000, tenders: cash(50_000), expiresOn };
	expect(codeOf(await members.sellPack({ ...pack, tenders: cash(1) }, key()))).toBe('wrong_amount');
	done(await members.sellPack(pack, key()));
	const visit = (units: number) => part((w) => members.pay(w, ada, 'pack:manicure', units, { for: 'o1' }));
	expect(codeOf(await visit(2))).toBe('ok');
	expect(members.accountNow(ada)).toMatchObject({
		purses: { 'pack:manicure': { total: 3, here: 3, debt: 0 } },
		expiring: [{ purse: 'pack:manicure', amount: 3, on: expiresOn }],
	});
	expect(codeOf(await visit(4))).toBe('insufficient_visits');
	expect(codeOf(await part((w) => members.pay(w, ada, 'pack:pedicure', 1, { for: 'o1' })))).toBe('insufficient_visits');
	await advance(86_400_000);
	expect(codeOf(await visit(1))).toBe('insufficient_visits');
	expect(members.accountNow(ada)?.purses).toEqual({});
});

test('who is unknown, and who was erased, is told so; nothing is written', async () => {
	const { members, ada, part } = await openTill();
	done(await members.topUp({ member: ada, paid: 100, tenders: cash(100) }, key()));
	const tries = async (member: string) =>
		(
			await Promise.all([
				members.topUp({ member, paid: 1, tenders: cash(1) }, key()),
				members.earn({ member, points: 1, source: 'a' }, key()),
				members.redeem({ member, purse: 'stored', amount: 1, reason: 'gift' }, key()),
				members.sellPack({ member, pack: 'cut', visits: 1, price: 1, tenders: cash(1) }, key()),
				members.tier({ member, tier: 'gold' }),
				members.care({ member, kind: 'recipe', ref: 'r' }),
				part((w) => members.pay(w, member, 'stored', 1, { for: 'o' })),
				part((w) => members.credit(w, member, 1, 'b')),
			])
		).map(codeOf);
	expect(new Set(await tries('nobody'))).toEqual(new Set(['unknown_member']));
	done(await members.erase(ada, key()));
	expect(new Set(await tries(ada))).toEqual(new Set(['member_erased']));
	expect(members.accountNow(ada)?.purses.stored?.total).toBe(100);
});

test.each<[string, (till: Awaited<ReturnType<typeof openTill>>) => Promise<unknown>]>([
	['paid', ({ members, ada }) => members.topUp({ member: ada, paid: -1, tenders: cash(1) }, key())],
	['paid', ({ members, ada }) => members.topUp({ member: ada, paid: 0.5, tenders: cash(1) }, key())],
	['paid', ({ members, ada }) => members.topUp({ member: ada, paid: 2 ** 53, tenders: cash(1) }, key())],
	['bonus', ({ members, ada }) => members.topUp({ member: ada, paid: 1, bonus: -1, tenders: cash(1) }, key())],
	['tenders', ({ members, ada }) => members.topUp({ member: ada, paid: 1, tenders: [] }, key())],
	['tenders[0].amount', ({ members, ada }) => members.topUp({ member: ada, paid: 1, tenders: cash(0) }, key())],
	[
		'tenders[0].kind',
		({ members, ada }) =>
			members.topUp({ member: ada, paid: 1, tenders: [{ kind: 'purse', purse: 'bonus', amount: 1 }] }, key()),
	],
	['points', ({ members, ada }) => members.earn({ member: ada, points: 0, source: 'a' }, key())],
	['source', ({ members, ada }) => members.earn({ member: ada, points: 1, source: '' }, key())],
	[
		'expiresOn',
		({ members, ada }) => members.earn({ member: ada, points: 1, source: 'a', expiresOn: '2026-02-30' }, key()),
	],
	[
		'purse',
		({ members, ada }) => members.redeem({ member: ada, purse: 'gold' as never, amount: 1, reason: 'a' }, key()),
	],
	['member', ({ members }) => members.earn({ member: 'a@b', points: 1, source: 'a' }, key())],
	[
		'pack',
		({ members, ada }) => members.sellPack({ member: ada, pack: 'a@b', visits: 1, price: 0, tenders: [] }, key()),
	],
	['expect', ({ members, ada }) => members.checkIn(ada, { expect: { gold: 1 } as never })],
	['expect.stored', ({ members, ada }) => members.checkIn(ada, { expect: -1 })],
	['idempotencyKey', ({ members, ada }) => members.earn({ member: ada, points: 1, source: 'a' }, {} as never)],
	['amount', ({ members }) => members.grantRisk({ amount: -5 }, key())],
	['to', ({ members, ada }) => members.alias({ from: ada, to: ada }, key())],
	['id', ({ members }) => members.register({ id: 'x:y' }, key())],
])('a bad %s throws, and nothing is written', async (path, write) => {
	const till = await openTill();
	const before = JSON.stringify(till.members.accountNow(till.ada));
	await expect(write(till)).rejects.toMatchObject({ code: 'bad_argument', path });
	expect(JSON.stringify(till.members.accountNow(till.ada))).toBe(before);
});

test('a key with other content is an error; with the same it gives the first outcome', async () => {
	const { members, ada } = await openTill();
	const once = key();
	const topUp = (paid: number) => members.topUp({ member: ada, paid, tenders: cash(paid) }, once);
	expect(done(await topUp(100)).replayed).toBe(false);
	expect(done(await topUp(100)).replayed).toBe(true);
	await expect(topUp(200)).rejects.toMatchObject({ code: 'key_reused' });
	expect(members.accountNow(ada)?.purses.stored?.total).toBe(100);
});
