import { expect, test } from 'vitest';
import { limits } from '../../../../src/base/limits.js';
import { grantsOf, type Role, roles } from '../../../../src/retail/shop/roles.js';
import { verbs } from '../../../../src/retail/shop/verbs.js';
import { isAmong, isWithin, rightsIn } from '../../../../src/trust/grant.js';
import { ChainOfTrust, crypto } from '../../trust/chain-of-trust.js';

const desks = ['cashier', 'warehouse', 'manager'] as const;
const own = (role: Role) => rightsIn(grantsOf(role, 'sh-1'), 'stock/sh-1');

test('each verb is in at least one role, and headquarters has them all', () => {
	for (const verb of verbs) expect(isAmong(own('headquarters').verbs, verb), verb).toBe(true);
	const atStore = verbs.filter((verb) => desks.some((desk) => isAmong(own(desk).verbs, verb)));
	const chainWide = verbs.filter((verb) => !atStore.includes(verb));
	expect(chainWide).toEqual(['catalog.define', 'catalog.publish', 'catalog.withdraw', 'member.risk', 'module.write']);
});

test('a manager may whatever a cashier and a warehouse may', () => {
	for (const desk of desks) expect(isWithin(grantsOf(desk, 'sh-1'), grantsOf('manager', 'sh-1')), desk).toBe(true);
});

test.each(roles)('what a store gives a device of the role %s fits a credential', async (role) => {
	const chain = await ChainOfTrust.create(crypto, grantsOf('store', 'sh-1'));
	const issuer = role === 'headquarters' ? chain.pair : chain.store;
	const { credential } = await chain.enrol(
		grantsOf(role, 'sh-1', { modules: role === 'cashier' ? ['queue'] : [] }),
		issuer,
	);
	expect(credential.length).toBeLessThan(limits.credentialBytes / 2);
	if (role !== 'headquarters') await expect(chain.enrol(grantsOf(role, 'sh-2'), chain.store)).rejects.toThrow('allow');
});

test('nothing of another store is open to a store’s devices, and no price to them', () => {
	for (const role of roles.filter((each) => each !== 'headquarters'))
		for (const ledger of ['stock/sh-2', 'orders/sh-2/2026-07-01', 'desk/sh-2', 'desk/sh-12']) {
			const { read, write, home } = rightsIn(grantsOf(role, 'sh-1'), ledger);
			expect([read, write, home]).toEqual([false, false, false]);
			expect(rightsIn(grantsOf(role, 'sh-1'), 'catalog/chain').write).toBe(false);
		}
	const seen = (ledger: string) => rightsIn(grantsOf('warehouse', 'sh-1'), ledger).read;
	expect(['stock/sh-1', 'transfers/chain', 'members/3', 'orders/sh-1/2026-07-01'].map(seen)).toEqual([
		true,
		true,
		false,
		false,
	]);
});

test('limits stand in the certificate of whoever has the verb; those that nobody could hold to are refused', () => {
	const limits = { 'order.refund': 20_000 };
	const most = (role: Role) =>
		rightsIn(grantsOf(role, 'sh-1', { limits }), 'orders/sh-1/2026-03-02').most('order.refund');
	expect(most('cashier')).toBe(20_000);
	expect(rightsIn(grantsOf('cashier', 'sh-1'), 'orders/sh-1/2026-03-02').most('order.refund')).toBeUndefined();
	expect(grantsOf('warehouse', 'sh-1', { limits })).toEqual(grantsOf('warehouse', 'sh-1'));
	expect(() => grantsOf('cashier', 'sh-1', { limits: { 'order.void': 1 } as never })).toThrow('limits.order.void');
	expect(isWithin(grantsOf('cashier', 'sh-1', { limits }), grantsOf('store', 'sh-1'))).toBe(true);
});
