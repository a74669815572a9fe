import { describe, expect, test } from 'vitest';
import { key, openShops } from './shops.js';

const iso = (ms: number) => new Date(ms).toISOString();
const hour = 3_600_000;

describe('prices', () => {
	test('S34 a price that was sent ahead comes into force with the line down; a list counts once it is whole', async () => {
		const shops = await openShops({ stores: 2, tillsPerStore: 1 });
		const [hq, other] = [shops.till(0), shops.till(1)];
		const now = hq.shop.nowMs();
		await hq.catalog.define([{ sku: 'LATTE', name: 'Latte' }]);
		await hq.catalog.publish({ version: 'v1', from: iso(now), stores: 'all', prices: { LATTE: 1800 } }, key());
		// More than one entry can carry: it comes in parts.
		const many = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`SKU-${i}`, i]));
		await hq.catalog.publish(
			{
				version: 'v2',
				from: iso(now + hour),
				to: iso(now + 3 * hour),
				stores: ['sh-2'],
				prices: { ...many, LATTE: 1500 },
			},
			key(),
		);
		await shops.meet();
		shops.isolate(1);
		expect(other.catalog.price('LATTE')).toEqual({ amount: 1800, version: 'v1' });
		await shops.world.advance(hour);
		expect(other.catalog.price('LATTE')).toEqual({ amount: 1500, version: 'v2', until: iso(now + 3 * hour) });
		expect(other.catalog.price('SKU-699')?.amount).toBe(699);
		expect(hq.catalog.price('LATTE')?.version).toBe('v1'); // v2 is not for its store
		expect(other.catalog.price('LATTE', { at: iso(now) })?.amount).toBe(1800);
		await shops.world.advance(2 * hour);
		expect(other.catalog.price('LATTE')?.version).toBe('v1');
	});

	test('a withdrawn version counts no more, and headquarters sees who has a version', async () => {
		const shops = await openShops({ tillsPerStore: 3, keeps: ['desk/*'] });
		const [hq, a, b] = [0, 1, 2].map((t) => shops.till(t).catalog);
		if (!hq || !a || !b) throw new TypeError('three tills');
		for (const catalog of [hq, a, b]) catalog.confirm();
		const now = shops.till(0).shop.nowMs();
		const publish = (version: string, amount: number) =>
			hq.publish({ version, from: iso(now), stores: 'all', prices: { TEA: amount } }, key());
		await publish('v1', 900);
		await shops.meet();
		expect(hq.reach('v1').get()).toEqual({ has: 3, of: 3, missing: [] });
		shops.isolate(2);
		const second = await publish('v2', 800);
		await shops.meet().catch(() => {});
		expect(second.ok && second.value.reach.get().has).toBe(3);
		expect(b.price('TEA')?.amount).toBe(800);
		await hq.withdraw('v2', key());
		expect(await hq.withdraw('v9', key())).toMatchObject({ ok: false, code: 'unknown_version' });
		await shops.meet();
		expect([hq, a, b].map((catalog) => catalog.price('TEA')?.version)).toEqual(['v1', 'v1', 'v1']);
	});

	test('a store overrides only the fields that are its own; what stock is kept by stays', async () => {
		const shops = await openShops({ tillsPerStore: 2 });
		const [hq, other] = [shops.till(0).catalog, shops.till(1).catalog];
		await hq.define([{ sku: 'CUP', name: 'Cup', reorder: { below: 10, upTo: 50 } }]);
		await hq.owners({ reorder: 'store' });
		await shops.meet();
		await other.override('CUP', { name: 'Mug', reorder: { below: 2, upTo: 5 } });
		expect(other.sku('CUP')).toMatchObject({ name: 'Cup', reorder: { below: 2, upTo: 5 } });
		await shops.meet();
		expect(hq.sku('CUP')).toEqual(other.sku('CUP'));
		expect(await hq.define([{ sku: 'CUP', name: 'Cup', policy: 'soft' }])).toMatchObject({
			ok: false,
			code: 'sku_in_use',
		});
		expect(await other.override('NONE', { name: 'x' })).toMatchObject({ ok: false, code: 'unknown_sku' });
		await expect(hq.define([{ sku: 'A@B', name: 'x' }])).rejects.toMatchObject({
			code: 'bad_argument',
			path: 'skus[0].sku',
		});
		await expect(hq.publish({ version: 'v', from: 'soon', stores: 'all', prices: {} }, key())).rejects.toMatchObject({
			path: 'from',
		});
	});
});
