import { expect, test } from 'vitest';
import { key, openShops } from '../../../scenario/retail/shops.js';

test('a reorder point that comes after the goods counts at once', async () => {
	const shops = await openShops({ tillsPerStore: 1 });
	const { catalog, stock } = shops.till(0);
	await catalog.define([{ sku: 'BEAN', name: 'Beans' }]);
	await stock.receive({ document: 'PO-1', lines: [{ sku: 'BEAN', qty: 4 }] }, key());
	expect(stock.replenishment().get()).toEqual([]);
	await catalog.define([{ sku: 'BEAN', name: 'Beans', reorder: { below: 6, upTo: 20 } }]);
	expect(stock.replenishment().get()).toMatchObject([{ sku: 'BEAN', qty: 16 }]);
});
