import { expect, onTestFinished, test } from 'vitest';
import { nodePlatform } from '../../../../adapters/platform-node/index.js';
import { memory } from '../../../../adapters/storage-memory/index.js';
import { openReplica } from '../../../../src/index.js';
import { Members } from '../../../../src/retail/members/members.js';
import { personalInMemory } from '../../../../src/retail/members/personal-store.js';
import { ledgerOf } from '../../../../src/retail/members/purses.js';
import { Shop } from '../../../../src/retail/shop/shop.js';
import { cash, codeOf } from '../../../scenario/retail/member-shops.js';
import { key } from '../../../scenario/retail/shops.js';

const noDesk = { take: () => {}, give: () => {} };

test('a till that does not keep the ledger of a member says that it cannot be sure, and writes nothing there', async () => {
	const keeps = ['desk/sh-1', ledgerOf('ada')];
	const replica = await openReplica({ chain: 'kept', name: 'till-1', storage: memory(), keeps });
	onTestFinished(() => replica[Symbol.asyncDispose]());
	const shop = new Shop(replica, nodePlatform(), {
		chain: 'kept',
		store: 'sh-1',
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		rounding: 'half-up',
		locale: 'en',
	});
	const members = new Members(shop, noDesk, { secret: 'a secret of the chain', personal: personalInMemory() });
	const elsewhere = ['bob', 'cleo', 'dan'].find((id) => ledgerOf(id) !== ledgerOf('ada')) ?? '';
	expect(await members.find({ id: elsewhere })).toEqual({ found: null, sure: false });
	for (let i = 0; i < 40; i++)
		expect(await members.find({ phone: `138000000${i + 10}` })).toEqual({ found: null, sure: false });
	expect((await members.register({ id: 'ada' }, key())).ok).toBe(true);
	expect((await members.find({ id: 'ada' })).found?.id).toBe('ada');
	expect(codeOf(await members.register({ id: elsewhere }, key()))).toBe('member_not_here');
	const topUp = await members.topUp({ member: elsewhere, paid: 1, tenders: cash(1) }, key());
	expect(codeOf(topUp)).toBe('member_not_here');
	expect(members.coupon(`${ledgerOf(elsewhere).slice(-3)}aaaa.0.00000000`)).toBeUndefined();
});
