import { expect, test } from 'vitest';
import { key, openShops } from '../../../scenario/retail/shops.js';

test('who claims what the shop found may resolve it, and so may another till, once', async () => {
	const shops = await openShops({ tillsPerStore: 2 });
	const [a, b] = [shops.till(0), shops.till(1)];
	await a.catalog.define([{ sku: 'SOUP', name: 'Soup', policy: 'soft' }]);
	const soup = {
		lines: [{ sku: 'SOUP', qty: 1, unitPrice: 2500 }],
		tenders: [{ kind: 'cash', amount: 2500 }],
	} as const;
	await a.checkout(soup, key());
	await a.checkout(soup, key());
	const [first, second] = a.tasks.list({ state: 'open', kind: 'oversell' }).get();
	if (!first || !second) throw new TypeError('two exceptions');
	await a.as('ada').tasks.claim(first.id);
	await a.as('ada').tasks.claim(second.id);
	expect(a.tasks.get(first.id)).toMatchObject({ kind: 'oversell', state: 'claimed', claimedBy: 'ada' });
	expect(await a.tasks.resolve(first.id, { outcome: 'counted' }, key())).toMatchObject({ ok: true });
	expect(a.tasks.get(first.id)).toMatchObject({ state: 'done', claimedBy: 'ada', outcome: 'counted' });
	await shops.meet();
	expect(await b.tasks.resolve(second.id, { outcome: 'counted' }, key())).toMatchObject({ ok: true });
	expect(await b.tasks.resolve(first.id, { outcome: 'counted' }, key())).toMatchObject({ code: 'already_resolved' });
	await shops.meet();
	expect(a.tasks.list({ state: 'done' }).get()).toHaveLength(2);
	expect(a.tasks.get('task of nobody')).toBeUndefined();
});
