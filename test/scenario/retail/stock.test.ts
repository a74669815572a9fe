import { expect, test } from 'vitest';
import { addDays as dayAfter } from '../../../src/retail/shop/business-day.js';
import { openGoods, said, yes } from './goods.js';
import { key } from './shops.js';

test('S18 one unit sold softly by two offline tills: minus one, and exactly one oversell that is resolved once', async () => {
	const { shops, ...goods } = await open([{ sku: 'CUP', name: 'Cup', policy: 'soft' }]);
	const [a, b] = [goods.till(0), goods.till(1)];
	yes(await a.stock.receive({ document: 'PO-1', lines: [{ sku: 'CUP', qty: 1 }] }, key()));
	await shops.world.settle();
	shops.isolate(0);
	shops.isolate(1);
	const [one, two] = [await a.sell([{ sku: 'CUP', qty: 1 }]), await b.sell([{ sku: 'CUP', qty: 1 }])];
	expect([yes(one), yes(two)].flat().map(({ oversold = 0 }) => oversold)).toEqual([0, 1]);
	expect(two.ok && two.warnings).toEqual([{ code: 'oversold', subject: 'CUP' }]);
	await shops.meet();
	for (const till of [a, b]) {
		expect(till.stock.level({ sku: 'CUP' }).get()).toMatchObject({ store: -1, sellable: 0, oversold: 1 });
		const [found, ...more] = till.stock.exceptions.exceptions.get();
		expect(found).toMatchObject({ kind: 'oversell', subject: 'CUP', amount: 1, state: 'open', store: 'sh-1' });
		expect(found?.atMs).toBeGreaterThan(0);
		expect(more).toEqual([]);
	}
	const id = a.stock.exceptions.exceptions.get()[0]?.id ?? '';
	const both = [
		await a.stock.exceptions.resolve(id, 'customer waits for the next delivery', key()),
		await b.stock.exceptions.resolve(id, 'refunded', key()),
	];
	expect(both.map(said)).toEqual(['ok', 'already_resolved']);
	await shops.meet();
	for (const till of [a, b]) {
		expect(till.stock.level({ sku: 'CUP' }).get()).toMatchObject({ store: 0, oversold: 0 });
		expect(till.stock.exceptions.exceptions.get().map(({ state }) => state)).toEqual(['done']);
	}
});

test('S19 hard stock shared out to tills that are all isolated: what they sell together never exceeds it', async () => {
	const { shops, ...goods } = await open([{ sku: 'SCARF', name: 'Scarf' }], 4);
	yes(await goods.till(0).stock.receive({ document: 'PO-1', lines: [{ sku: 'SCARF', qty: 10 }] }, key()));
	await shops.world.settle();
	for (const n of [1, 2, 3]) await goods.till(n).stock.ensure({ sku: 'SCARF', qty: 2 });
	await shops.meet();
	for (let n = 0; n < 4; n++) shops.isolate(n);
	let sold = 0;
	for (let round = 0; round < 6; round++)
		for (let n = 0; n < 4; n++) {
			const outcome = await goods.till(n).sell([{ sku: 'SCARF', qty: 1 }]);
			if (outcome.ok) sold++;
			else expect(outcome).toMatchObject({ code: 'out_of_stock', subject: 'SCARF' });
			if (n === 1 && round === 1) await shops.world.crash(1, { at: 'after-ack' });
		}
	expect(sold).toBe(10);
	await shops.meet();
	for (let n = 0; n < 4; n++) expect(goods.till(n).store('SCARF')).toBe(0);
});

const milk = { sku: 'MILK', name: 'Milk', lots: 'fefo' } as const;

test('S20 two tills drawing one lot: the earlier lot that lies elsewhere is named, and bringing it over is proposed once', async () => {
	const { shops, ...goods } = await open([milk]);
	const [a, b] = [goods.till(0), goods.till(1)];
	const [soon, later] = [dayAfter(a.shop.today(), 2), dayAfter(a.shop.today(), 9)];
	const lines = [
		{ sku: 'MILK', qty: 4, lot: 'OLD', expiresOn: soon },
		{ sku: 'MILK', qty: 4, lot: 'NEW', expiresOn: later },
	];
	yes(await a.stock.receive({ document: 'PO-1', supplier: 'Dairy', lines }, key()));
	await shops.world.settle();
	const pool = b.shop.stock.pool('goods', { policy: 'hard' });
	await pool.ensure('MILK@OLD', 1, { timeoutMs: 2_000 });
	await pool.ensure('MILK@NEW', 3, { timeoutMs: 2_000 });
	await shops.meet();
	shops.isolate(0);
	shops.isolate(1);
	expect(yes(await b.sell([{ sku: 'MILK', qty: 1 }]))).toMatchObject([{ lot: 'OLD', qty: 1 }]);
	const skipping = await b.sell([{ sku: 'MILK', qty: 1 }]);
	expect(yes(skipping)).toMatchObject([{ lot: 'NEW', qty: 1 }]);
	expect(skipping.ok && skipping.warnings).toEqual([{ code: 'lot_skipped', subject: 'MILK OLD' }]);
	yes(await b.sell([{ sku: 'MILK', qty: 1 }]));
	expect(yes(await a.sell([{ sku: 'MILK', qty: 2 }]))).toMatchObject([{ lot: 'OLD', qty: 2 }]);
	await shops.meet();
	for (const till of [a, b])
		expect(till.stock.exceptions.exceptions.get()).toMatchObject([
			{ kind: 'reallocation', subject: 'MILK OLD', amount: 1, state: 'open' },
		]);
	const id = a.stock.exceptions.exceptions.get()[0]?.id ?? '';
	// Whoever carries it over says so at his till, and its shares come too.
	yes(await b.stock.exceptions.resolve(id, 'moved', key()));
	await shops.meet();
	expect(b.stock.lots({ sku: 'MILK' }).get()).toMatchObject([{ lot: 'OLD', mine: 1 }, { lot: 'NEW' }]);
	expect(said(await a.stock.exceptions.resolve(id, 'again', key()))).toBe('already_resolved');
});

test('S20 an expired lot cannot be sold, not even by name; it is thrown away', async () => {
	const { shops, ...goods } = await open([milk]);
	const a = goods.till(0);
	const lines = [{ sku: 'MILK', qty: 4, lot: 'OLD', expiresOn: a.shop.today() }];
	yes(await a.stock.receive({ document: 'PO-1', lines }, key()));
	yes(await a.sell([{ sku: 'MILK', qty: 1, lot: 'OLD' }]));
	await shops.world.advance(86_400_000);
	expect(a.stock.level({ sku: 'MILK' }).get()).toMatchObject({ sellable: 0, store: 3, expired: 3 });
	expect(said(await a.sell([{ sku: 'MILK', qty: 1, lot: 'OLD' }]))).toBe('lot_expired');
	expect(said(await a.sell([{ sku: 'MILK', qty: 1 }]))).toBe('lot_expired');
	expect(said(await a.stock.issue({ reason: 'tasting', lines: [{ sku: 'MILK', qty: 1 }] }, key()))).toBe('lot_expired');
	yes(await a.stock.waste({ reason: 'expired', lines: [{ sku: 'MILK', qty: 3 }] }, key()));
	expect(a.store('MILK')).toBe(0);
});

test('S20 a lot is cleared out from wherever it lies, all of it in one turn or nothing', async () => {
	const { shops, ...goods } = await open([milk, { sku: 'CUP', name: 'Cup', policy: 'soft' }], 3);
	const [a, b, c] = [goods.till(0), goods.till(1), goods.till(2)];
	const lines = [
		{ sku: 'MILK', qty: 9, lot: 'OLD', expiresOn: a.shop.today() },
		{ sku: 'MILK', qty: 4, lot: 'NEW', expiresOn: '2999-01-01' },
		{ sku: 'CUP', qty: 6 },
	];
	yes(await a.stock.receive({ document: 'PO-1', lines }, key()));
	await shops.meet();
	for (const till of [b, c]) {
		await till.shop.stock.pool('goods').ensure('MILK@OLD', 3);
		await till.stock.ensure({ sku: 'CUP', qty: 2 });
	}
	await shops.world.advance(86_400_000);
	await shops.meet();
	shops.isolate(2);
	const cleared = { reason: 'expired', of: [{ sku: 'MILK', lot: 'OLD' }, { sku: 'CUP' }] };
	const once = key();
	const elsewhere = [{ pool: 'goods/MILK@OLD', elsewhere: [{ device: c.shop.device }] }];
	expect(await a.stock.clearOut(cleared, { ...once, timeoutMs: 1_500 })).toMatchObject({
		ok: false,
		code: 'out_of_stock',
		short: elsewhere,
	});
	const cups = { reason: 'closing', of: [{ sku: 'CUP' }] };
	expect(said(await a.stock.clearOut(cups, { ...key(), timeoutMs: 0 }))).toBe('out_of_stock');
	expect([a.store('MILK'), a.store('CUP')]).toEqual([13, 6]);
	await shops.meet();
	const gone = yes(await a.stock.clearOut(cleared, once));
	expect(gone).toEqual([
		{ sku: 'MILK', qty: 9, lot: 'OLD' },
		{ sku: 'CUP', qty: 6 },
	]);
	expect(await a.stock.clearOut(cleared, once)).toMatchObject({ ok: true, replayed: true, value: gone });
	expect(said(await a.stock.clearOut(cleared, key()))).toBe('out_of_stock');
	await shops.meet();
	for (const { stock } of [a, b, c]) {
		expect(stock.lots({ sku: 'MILK' }).get()).toMatchObject([{ lot: 'NEW', qty: 4 }]);
		expect(stock.level({ sku: 'CUP' }).get()).toMatchObject({ store: 0, oversold: 0 });
	}
	const twice = { reason: 'twice', of: [{ sku: 'MILK' }, { sku: 'MILK', lot: 'NEW' }] };
	await expect(a.stock.clearOut(twice, key())).rejects.toMatchObject({ path: 'of[1]' });
});

test('S19 a share that another till takes while the rest of a clearing out is fetched: it is fetched again, or was sold', async () => {
	const { shops, ...goods } = await open(
		[
			{ sku: 'CUP', name: 'Cup' },
			{ sku: 'TEA', name: 'Tea' },
		],
		4,
	);
	const [a, b, c] = [goods.till(0), goods.till(1), goods.till(2)];
	const lines = [
		{ sku: 'CUP', qty: 8 },
		{ sku: 'TEA', qty: 8 },
	];
	yes(await a.stock.receive({ document: 'PO-1', lines }, key()));
	await shops.meet();
	await c.stock.ensure({ sku: 'TEA', qty: 4 });
	await shops.meet();
	shops.isolate(2);
	const clearing = a.stock.clearOut(
		{ reason: 'closing', of: [{ sku: 'CUP' }, { sku: 'TEA' }] },
		{ ...key(), timeoutMs: 20_000 },
	);
	await shops.world.advance(700);
	expect(a.sellable('CUP')).toBe(8);
	// All cups were here, and another till has taken some of them away before the tea has come.
	await b.stock.ensure({ sku: 'CUP', qty: 3 });
	expect(b.sellable('CUP')).toBeGreaterThanOrEqual(3);
	yes(await b.sell([{ sku: 'CUP', qty: 1 }]));
	shops.world.heal();
	expect(yes(await clearing)).toEqual([
		{ sku: 'CUP', qty: 7 },
		{ sku: 'TEA', qty: 8 },
	]);
	await shops.meet();
	for (let n = 0; n < 4; n++) expect([goods.till(n).store('CUP'), goods.till(n).store('TEA')]).toEqual([0, 0]);
	expect(shops.world.problems()).toEqual([]);
});

test('S21 a kit and its part sold at once: the part is exact, and no kit is sold below its parts', async () => {
	const { shops, ...goods } = await open([
		{ sku: 'CUP', name: 'Cup' },
		{ sku: 'TEA', name: 'Tea', scale: 3 },
		{
			sku: 'SET',
			name: 'Tea set',
			kit: [
				{ sku: 'CUP', qty: 2 },
				{ sku: 'TEA', qty: 100 },
			],
		},
	]);
	const [a, b] = [goods.till(0), goods.till(1)];
	const lines = [
		{ sku: 'CUP', qty: 7 },
		{ sku: 'TEA', qty: 1_000 },
	];
	yes(await a.stock.receive({ document: 'PO-1', lines }, key()));
	await shops.world.settle();
	await b.stock.ensure({ sku: 'SET', qty: 1 });
	await shops.meet();
	shops.isolate(0);
	shops.isolate(1);
	expect(a.sellable('SET') + b.sellable('SET')).toBeLessThanOrEqual(3);
	let [sets, cups] = [0, 0];
	for (let i = 0; i < 4; i++)
		for (const till of [a, b]) {
			if ((await till.sell([{ sku: 'SET', qty: 1 }])).ok) sets++;
			const before = till.sellable('TEA');
			if ((await till.sell([{ sku: 'CUP', qty: 1 }])).ok) cups++;
			if (till.sellable('CUP') === 1) {
				expect(await till.sell([{ sku: 'SET', qty: 1 }])).toMatchObject({
					ok: false,
					code: 'out_of_stock',
					subject: 'CUP',
				});
				expect(till.sellable('TEA')).toBe(before);
			}
		}
	await shops.meet();
	expect(2 * sets + cups).toBe(7);
	for (const till of [a, b]) {
		expect(till.store('CUP')).toBe(0);
		expect(till.store('TEA')).toBe(1_000 - 100 * sets);
	}
});

test('S23 a stocktake while sales are unsynced: the till that counted takes late sales from before out, once, and leaves later ones', async () => {
	const { shops, ...goods } = await open([{ sku: 'BOOK', name: 'Book' }], 3);
	const [a, b, c] = [goods.till(0), goods.till(1), goods.till(2)];
	yes(await a.stock.receive({ document: 'PO-1', lines: [{ sku: 'BOOK', qty: 30 }] }, key()));
	await shops.world.settle();
	await b.stock.ensure({ sku: 'BOOK', qty: 8 });
	await c.stock.ensure({ sku: 'BOOK', qty: 4 });
	await shops.meet();
	shops.isolate(1);
	// The counter's till does not see these.
	yes(await b.sell([{ sku: 'BOOK', qty: 3 }]));
	yes(await b.stock.waste({ reason: 'torn', lines: [{ sku: 'BOOK', qty: 1 }] }, key()));
	await shops.world.advance(60_000);
	// On the shelf: 30, less 3 sold, 1 torn, 1 stolen.
	const sheet = c.stock.count();
	sheet.record({ sku: 'BOOK', qty: 25 });
	await shops.world.advance(1_000);
	yes(await a.sell([{ sku: 'BOOK', qty: 2 }])); // after the number was taken down
	await shops.world.settle();
	expect(sheet.variances()).toEqual([{ sku: 'BOOK', expected: 30, counted: 25 }]);
	expect(yes(await sheet.post(key()))).toMatchObject({ adjusted: 1, waitingForTills: 1 });
	expect(said(await sheet.post(key()))).toBe('count_changed');
	expect(c.store('BOOK')).toBe(23);
	await shops.world.advance(60_000);
	// After the count: none of its business.
	yes(await b.sell([{ sku: 'BOOK', qty: 1 }]));
	yes(await b.stock.issue({ reason: 'shop window', lines: [{ sku: 'BOOK', qty: 1 }] }, key()));
	await shops.world.crash(2, { at: 'after-ack' });
	goods.till(2); // opens
	await shops.meet();
	await shops.world.advance(10_000);
	await shops.meet();
	for (let n = 0; n < 3; n++) {
		const till = goods.till(n);
		expect(till.store('BOOK')).toBe(25 - 2 - 1 - 1);
		const moves = till.stock.movements({ sku: 'BOOK' }).get();
		const sum = (of: string) => moves.reduce((n, { verb, qty }) => n + (verb === of ? qty : 0), 0);
		expect([sum('stock.count'), sum('stock.correct')]).toEqual([-5, 4]);
	}
	// The same orders again, by a restart: nothing is corrected twice.
	await shops.world.restart(2);
	goods.till(2);
	await shops.world.advance(10_000);
	await shops.meet();
	expect(goods.till(0).store('BOOK')).toBe(21);
});

test('S23 two tills count without a line to each other: the later count stands, and late sales are taken out for it alone', async () => {
	const { shops, ...goods } = await open([{ sku: 'BOOK', name: 'Book' }], 3);
	const [a, b, c] = [goods.till(0), goods.till(1), goods.till(2)];
	yes(await a.stock.receive({ document: 'PO-1', lines: [{ sku: 'BOOK', qty: 30 }] }, key()));
	await shops.world.settle();
	for (const till of [b, c]) await till.stock.ensure({ sku: 'BOOK', qty: 8 });
	await shops.meet();
	for (let n = 0; n < 3; n++) shops.isolate(n);
	yes(await b.sell([{ sku: 'BOOK', qty: 3 }]));
	await shops.world.advance(1_000);
	const count = async (till: typeof a, qty: number) => {
		const sheet = till.stock.count();
		sheet.record({ sku: 'BOOK', qty });
		yes(await sheet.post(key()));
		await shops.world.advance(1_000);
	};
	await count(a, 26); // one is gone
	yes(await b.sell([{ sku: 'BOOK', qty: 2 }]));
	await shops.world.advance(1_000);
	await count(c, 23); // another one is gone
	// First a hears of b and corrects its own count; then all meet.
	shops.world.heal();
	shops.isolate(2);
	await shops.world.settle();
	await shops.world.advance(5_000);
	expect(a.store('BOOK')).toBe(24);
	await shops.meet();
	await shops.world.advance(10_000);
	await shops.meet();
	for (const till of [a, b, c]) expect(till.store('BOOK')).toBe(23);
	expect(shops.world.problems()).toEqual([]);
});

test('S25 two offline tills cross the reorder point together: one request, by one id, until the next delivery', async () => {
	const { shops, ...goods } = await open([{ sku: 'BEAN', name: 'Beans', reorder: { below: 6, upTo: 20 } }]);
	const [a, b] = [goods.till(0), goods.till(1)];
	yes(await a.stock.receive({ document: 'PO-1', lines: [{ sku: 'BEAN', qty: 10 }] }, key()));
	await shops.world.settle();
	await b.stock.ensure({ sku: 'BEAN', qty: 5 });
	await shops.meet();
	const seen = new Set<string>();
	for (const till of [a, b])
		till.stock.replenishment().on((requests) => {
			for (const { id } of requests) seen.add(id);
		});
	shops.isolate(0);
	shops.isolate(1);
	for (let i = 0; i < 3; i++) for (const till of [a, b]) yes(await till.sell([{ sku: 'BEAN', qty: 1 }]));
	expect(seen.size).toBe(0); // each has seen three sold of ten
	await shops.meet();
	for (const till of [a, b])
		expect(till.stock.replenishment().get()).toMatchObject([{ sku: 'BEAN', qty: 16, store: 'sh-1' }]);
	shops.isolate(0);
	for (const till of [a, b]) yes(await till.sell([{ sku: 'BEAN', qty: 1 }]));
	await shops.meet();
	expect(seen.size).toBe(1);
	yes(await b.stock.receive({ document: 'PO-2', lines: [{ sku: 'BEAN', qty: 18 }] }, key()));
	await shops.meet();
	for (const till of [a, b]) expect(till.stock.replenishment().get()).toEqual([]);
	yes(await b.sell([{ sku: 'BEAN', qty: 15 }]));
	await shops.meet();
	expect(seen.size).toBe(2);
	for (const till of [a, b]) {
		expect(till.stock.replenishment().get()).toMatchObject([{ qty: 15 }]);
		const { perHour = 0, soldOutAtMs = 0 } = till.stock.predictSoldOut('BEAN') ?? {};
		expect(perHour).toBe(23 / 4);
		expect(soldOutAtMs - till.shop.nowMs()).toBe(Math.round((5 / perHour) * 3_600_000));
	}
});

test('S26 consigned goods sold at two isolated tills: owed to the supplier, less what came back and what was paid once', async () => {
	const { shops, ...goods } = await open([
		{ sku: 'RING', name: 'Ring', owner: { supplier: 'Lin', unitCost: 9_000 } },
		{ sku: 'VASE', name: 'Vase', lots: 'fefo' },
	]);
	const [a, b] = [goods.till(0), goods.till(1)];
	yes(await a.stock.receive({ document: 'C-1', consigned: true, lines: [{ sku: 'RING', qty: 5 }] }, key()));
	const vases = [{ sku: 'VASE', qty: 2, lot: 'V-1', unitCost: 4_000 }];
	yes(await a.stock.receive({ document: 'C-2', supplier: 'Lin', consigned: true, lines: vases }, key()));
	yes(await a.stock.receive({ document: 'P-3', supplier: 'Wu', lines: [{ sku: 'VASE', qty: 2, lot: 'V-2' }] }, key()));
	expect(a.stock.liability({ supplier: 'Lin' }).get()).toMatchObject({ owed: 0, due: 0, sold: [] });
	await shops.world.settle();
	await b.stock.ensure({ sku: 'RING', qty: 2 });
	await shops.meet();
	shops.isolate(0);
	shops.isolate(1);
	const [ring] = yes(await b.sell([{ sku: 'RING', qty: 2 }]));
	expect(ring?.owed).toEqual({ supplier: 'Lin', amount: 18_000 });
	yes(
		await a.sell([
			{ sku: 'RING', qty: 1 },
			{ sku: 'VASE', qty: 1, lot: 'V-1' },
			{ sku: 'VASE', qty: 1, lot: 'V-2' },
		]),
	);
	const back = ring ? [{ ...ring, qty: 1, owed: { supplier: 'Lin', amount: 9_000 } }] : [];
	yes(await b.shop.writeKeyed('order.refund', {}, key(), (w) => b.stock.restock(w, back, 'sell', 'R-1')));
	for (const till of [a, b])
		yes(await till.stock.settleConsigned({ supplier: 'Lin', document: 'INV-1', amount: 10_000 }, key()));
	await shops.meet();
	for (const till of [a, b]) {
		const lin = till.stock.liability({ supplier: 'Lin' }).get();
		expect(lin).toMatchObject({ owed: 2 * 9_000 + 4_000, settled: 10_000, due: 12_000 });
		expect(new Map(lin.sold.map(({ sku, qty }) => [sku, qty]))).toEqual(
			new Map([
				['RING', 2],
				['VASE', 1],
			]),
		);
		expect(
			till.stock
				.liabilities()
				.get()
				.map(({ supplier }) => supplier),
		).toEqual(['Lin']);
		expect(till.stock.level({ sku: 'RING' }).get()).toMatchObject({ store: 3, consigned: 3 });
		expect(till.stock.level({ sku: 'VASE' }).get()).toMatchObject({ store: 2, consigned: 1 });
	}
});

async function open(products: Parameters<typeof openGoods>[0], tillsPerStore = 2) {
	const goods = await openGoods(products, { tillsPerStore });
	return { shops: goods.shops, till: (n: number) => goods.till(n) };
}
