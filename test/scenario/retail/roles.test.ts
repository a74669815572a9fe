import { expect, test } from 'vitest';
import { grantsOf, type Role } from '../../../src/retail/shop/roles.js';
import { everything } from '../../../src/trust/grant.js';
import { key, openShops, type Shops } from './shops.js';

/** Who has which till; relays and homes may do everything. */
const devices: readonly Role[] = ['headquarters', 'manager', 'cashier', 'warehouse'];
const [headquarters, manager, cashier, warehouse] = [0, 1, 2, 3];

const grants = (name: string) => {
	const [store = '', till = ''] = name.split('/till-');
	const role = devices[Number(till) - 1];
	return role ? grantsOf(role, store) : [everything];
};

async function opened(): Promise<Shops> {
	const shops = await openShops({
		grants,
		tillsPerStore: devices.length,
		keeps: ['orders/*'],
		retail: () => ({ members: { secret: 'a secret of sixteen bytes', floor: { perSale: 5000 } } }),
	});
	const done = await shops.till(headquarters).catalog.define([{ sku: 'LATTE', name: 'Latte' }], key());
	expect(done.ok).toBe(true);
	await shops.meet();
	return shops;
}

const cash = (amount: number) => [{ kind: 'cash', amount } as const];

test('S37 a cashier’s till does a whole day under its certificate, and nothing beyond', async () => {
	const shops = await opened();
	const till = shops.till(cashier);
	const receipt = { document: 'PO-1', lines: [{ sku: 'LATTE', qty: 100 }] };
	expect(await till.stock.receive(receipt, key())).toMatchObject({ ok: false, code: 'not_allowed' });
	expect(await shops.till(warehouse).stock.receive(receipt, key())).toMatchObject({ ok: true });
	expect(await shops.till(manager).approvals.setLimits('cashier', { 'order.refund': 2000 })).toMatchObject({
		ok: true,
	});
	expect(await shops.till(manager).approvals.setRole('ada', 'cashier')).toMatchObject({ ok: true });
	await shops.meet();
	const ada = till.as('ada');
	expect(await ada.stock.ensure({ sku: 'LATTE', qty: 3 })).toBeDefined();
	expect(await ada.day.openShift({ float: 10_000 }, key())).toMatchObject({ ok: true });
	expect(await ada.members.register({ id: 'm-1' }, key())).toMatchObject({ ok: true });
	expect(await ada.members.topUp({ member: 'm-1', paid: 5000, tenders: cash(5000) }, key())).toMatchObject({
		ok: true,
	});
	const sale = await ada.checkout(
		{ lines: [{ sku: 'LATTE', qty: 2, unitPrice: 1800 }], member: 'm-1', earn: 36, tenders: cash(3600) },
		key(),
	);
	if (!sale.ok) throw new Error(sale.message);
	const [line] = ada.orders.linesOf(sale.value.order);
	const back = (qty: number) => ({
		order: sale.value.order,
		lines: [{ line: line?.id ?? '', qty, restock: 'sell' } as const],
		tenders: cash(1800 * qty),
	});
	expect(await ada.refund(back(2), key())).toMatchObject({ ok: false, code: 'needs_approval' });
	expect(await ada.refund(back(1), key())).toMatchObject({ ok: true });
	expect(
		await ada.checkout({ lines: [{ sku: 'LATTE', qty: 1, unitPrice: 1800 }], tenders: cash(1800) }, key()),
	).toMatchObject({ ok: true });
	expect(await ada.catalog.define([{ sku: 'TEA', name: 'Tea' }], key())).toMatchObject({ code: 'not_allowed' });
	expect(await ada.approvals.setRole('ada', 'manager')).toMatchObject({ ok: false, code: 'not_allowed' });
	expect(await ada.approvals.setLimits('cashier', {})).toMatchObject({ ok: false, code: 'not_allowed' });
	const z = await ada.day.z({ businessDate: till.shop.today(), counted: 18_600, scope: 'store' }, key());
	expect(z).toMatchObject({ ok: true, value: { net: 3600 } });
	await shops.meet();
	for (const at of [headquarters, manager, cashier]) {
		const seen = shops.till(at);
		expect(seen.stock.level({ sku: 'LATTE' }).get().store).toBe(98);
		expect(seen.totals.now({ stores: 'all', from: till.shop.today() })[0]).toMatchObject({ net: 3600 });
		expect(shops.world.machine(at).replica.status().rejected).toEqual({ count: 0, newest: [] });
	}
});

test('S37 a warehouse’s tablet sees stock, and no member and no order', async () => {
	const shops = await opened();
	const tablet = shops.till(warehouse);
	expect(await tablet.stock.receive({ document: 'PO-1', lines: [{ sku: 'LATTE', qty: 9 }] }, key())).toMatchObject({
		ok: true,
	});
	const till = shops.till(cashier);
	await till.members.register({ id: 'm-1' }, key());
	await shops.meet();
	await till.stock.ensure({ sku: 'LATTE', qty: 1 });
	const sold = await till.checkout(
		{ lines: [{ sku: 'LATTE', qty: 1, unitPrice: 1800 }], member: 'm-1', tenders: cash(1800) },
		key(),
	);
	expect(sold).toMatchObject({ ok: true });
	await shops.meet();
	expect(shops.till(manager).members.accountNow('m-1')).toBeDefined();
	expect(tablet.stock.level({ sku: 'LATTE' }).get().store).toBe(8);
	const ledgers = shops.world.machine(warehouse).replica.ledgers();
	expect(ledgers.filter((name) => !/^(stock|desk)\/sh-1$|^(catalog|transfers)\/chain$/.test(name))).toEqual([]);
	expect(tablet.members.accountNow('m-1')).toBeUndefined();
	expect(await tablet.members.register({ id: 'm-2' }, key())).toMatchObject({ ok: false, code: 'not_allowed' });
});
