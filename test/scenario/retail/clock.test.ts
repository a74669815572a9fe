import { expect, test } from 'vitest';
import { key, openShops } from './shops.js';

const dayMs = 86_400_000;

test.each([
	-3, 3,
])('S35 a clock that is wrong by %i days: sales are flagged, and on the right business day', async (days) => {
	const shops = await openShops();
	const [right, wrong] = [shops.till(0), shops.till(1)];
	await right.catalog.define([{ sku: 'TEA', name: 'Tea', policy: 'none' }]);
	await shops.meet();
	const date = right.shop.today();
	shops.world.jumpClock(1, days * dayMs);
	await shops.world.advance(60_000); // the relay's heartbeat tells the till
	const tea = { lines: [{ sku: 'TEA', qty: 1, unitPrice: 900 }], tenders: [{ kind: 'cash', amount: 900 }] } as const;
	const sale = await wrong.checkout(tea, key());
	expect(sale).toMatchObject({ ok: true, value: { businessDate: date }, warnings: [{ code: 'clock_skew' }] });
	shops.isolate(1); // what the relay said holds without it
	expect(await wrong.checkout(tea, key())).toMatchObject({ ok: true, value: { businessDate: date } });
	await right.checkout(tea, key());
	await shops.meet();
	for (const till of [right, wrong]) expect(till.day.x({ businessDate: date })).toMatchObject({ sales: 3, net: 2700 });
	// Entries from the future are counted as such by whoever gets them.
	if (days > 0) expect(right.replica.sync.status.get().peers.length).toBeGreaterThan(0);
});

test('S42 a till that sold and falls silent is told of once', async () => {
	const shops = await openShops({ retail: () => ({ alerts: { silentAfterMs: 30 * 60_000 } }) });
	const [watching, silent] = [shops.till(0), shops.till(1)];
	await silent.catalog.define([{ sku: 'TEA', name: 'Tea', policy: 'none' }]);
	await silent.checkout(
		{ lines: [{ sku: 'TEA', qty: 1, unitPrice: 900 }], tenders: [{ kind: 'cash', amount: 900 }] },
		key(),
	);
	await shops.meet();
	shops.isolate(1);
	await shops.world.advance(20 * 60_000);
	expect(watching.alerts.recent({ kind: 'till-silent' }).get()).toEqual([]);
	await shops.world.advance(20 * 60_000);
	expect(watching.alerts.recent({ kind: 'till-silent' }).get()).toMatchObject([{ kind: 'till-silent' }]);
	await shops.world.advance(20 * 60_000);
	expect(watching.alerts.recent({ kind: 'till-silent' }).get()).toHaveLength(1);
});
