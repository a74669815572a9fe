import { expect, test } from 'vitest';
import type { SkuDef } from '../../../../src/retail/documents/sku.js';
import { addDays } from '../../../../src/retail/shop/business-day.js';
import { noLimits } from '../../../../src/retail/shop/limits.js';
import { no } from '../../../../src/retail/shop/outcome.js';
import { type GoodsTill, openGoods, said, yes } from '../../../scenario/retail/goods.js';
import { key } from '../../../scenario/retail/shops.js';

const products: readonly SkuDef[] = [
	{ sku: 'TEA', name: 'Tea' },
	{ sku: 'HAT', name: 'Hat' },
	{ sku: 'SOFT', name: 'Soft', policy: 'soft' },
	{ sku: 'CUT', name: 'Haircut', policy: 'none' },
	{ sku: 'PHONE', name: 'Phone', lots: 'serial' },
	{ sku: 'MILK', name: 'Milk', lots: 'fefo' },
	{
		sku: 'BOX',
		name: 'Box',
		kit: [
			{ sku: 'TEA', qty: 2 },
			{ sku: 'HAT', qty: 1 },
		],
	},
	{ sku: 'LOOP', name: 'Loop', kit: [{ sku: 'LOOP', qty: 1 }] },
	{ sku: 'KILO', name: 'Mix by weight', scale: 3, kit: [{ sku: 'TEA', qty: 10 }] },
];

let till: GoodsTill;
let settle: () => Promise<void>;

async function open(): Promise<void> {
	const goods = await openGoods(products, { tillsPerStore: 1 });
	till = goods.till(0);
	settle = () => goods.shops.world.settle();
}

const receive = (document: string, ...lines: { sku: string; qty: number; lot?: string; expiresOn?: string }[]) =>
	till.stock.receive({ document, lines }, key());

test('bad arguments throw with their path, and nothing is written', async () => {
	await open();
	const { stock, transfers } = till;
	const line = { sku: 'TEA', qty: 1 };
	const bad: [string, () => Promise<unknown>][] = [
		['lines[0].qty', () => receive('D', { sku: 'TEA', qty: 0 })],
		['lines[0].qty', () => receive('D', { sku: 'TEA', qty: -1 })],
		['lines[0].qty', () => receive('D', { sku: 'TEA', qty: 1.5 })],
		['lines[0].qty', () => receive('D', { sku: 'TEA', qty: 2 ** 53 })],
		['lines[1].sku', () => receive('D', line, { sku: '', qty: 1 })],
		['lines[0].expiresOn', () => receive('D', { sku: 'MILK', qty: 1, lot: 'L', expiresOn: '2026-02-30' })],
		['lines[0].lot', () => receive('D', { sku: 'MILK', qty: 1, expiresOn: '2026-02-03' })],
		['lines[0].lot', () => receive('D', { sku: 'PHONE', qty: 1 })],
		['lines[0].qty', () => receive('D', { sku: 'PHONE', qty: 2, lot: 'S-1' })],
		['lines', () => receive('D')],
		['document', () => receive('', line)],
		['supplier', () => stock.receive({ document: 'D', consigned: true, lines: [line] }, key())],
		['reason', () => stock.waste({ reason: '', lines: [line] }, key())],
		['idempotencyKey', () => stock.waste({ reason: 'broken', lines: [line] }, {} as ReturnType<typeof key>)],
		['qty', () => stock.assemble({ kit: 'BOX', qty: 0 }, key())],
		['amount', () => stock.settleConsigned({ supplier: 'Lin', document: 'I', amount: -5 }, key())],
		['to', () => transfers.ship({ to: 'sh-1', lines: [line] }, key())],
		['as', () => transfers.resolve({ id: 'x', as: 'gone' as 'lost' }, key())],
		['qty', async () => stock.count().record({ sku: 'TEA', qty: -1 })],
		['lot', async () => stock.count().record({ sku: 'MILK', qty: 1 })],
	];
	for (const [path, call] of bad) await expect(call()).rejects.toMatchObject({ path });
	expect([...till.stock.levels().get().keys()]).toEqual([]);
});

test('business says no by code, and nothing of the other lines is done', async () => {
	await open();
	const { stock, transfers } = till;
	yes(await receive('D-1', { sku: 'TEA', qty: 5 }, { sku: 'PHONE', qty: 1, lot: 'S-1' }));
	const tea = { sku: 'TEA', qty: 1 };
	const refused: [string, Promise<{ ok: true } | { ok: false; code: string }>][] = [
		['unknown_sku', receive('D-2', tea, { sku: 'NOPE', qty: 1 })],
		['unknown_sku', receive('D-2', { sku: 'CUT', qty: 1 })],
		['serial_known', receive('D-3', { sku: 'PHONE', qty: 1, lot: 'S-1' })],
		['out_of_stock', till.sell([tea, { sku: 'HAT', qty: 1 }])],
		[
			'out_of_stock',
			till.sell([
				{ sku: 'TEA', qty: 3 },
				{ sku: 'TEA', qty: 3 },
			]),
		],
		['out_of_stock', till.sell([{ sku: 'BOX', qty: 1 }])],
		['unknown_lot', till.sell([{ sku: 'MILK', qty: 1, lot: 'L-9' }])],
		['not_a_kit', stock.assemble({ kit: 'TEA', qty: 1 }, key())],
		['unknown_transfer', transfers.ship({ to: 'sh-2', request: 'x', lines: [tea] }, key())],
		['unknown_transfer', transfers.resolve({ id: 'x', as: 'lost' }, key())],
		['unknown_task', stock.exceptions.resolve('oversell:sh-1:x', 'delivered', key())],
		['count_changed', stock.count().post(key())],
		['out_of_stock', stock.ensure({ sku: 'HAT', qty: 1 }, { timeoutMs: 10 })],
	];
	for (const [code, outcome] of refused) expect(said(await outcome)).toBe(code);
	await expect(till.sell([{ sku: 'LOOP', qty: 1 }])).rejects.toMatchObject({ path: 'sku' });
	expect(till.store('TEA')).toBe(5);
	expect(till.sellable('LOOP')).toBe(0);
});

test('a delivery counts once whatever key it comes with; with other content it is refused; a part is one more', async () => {
	await open();
	const delivery = {
		document: 'PO-7',
		lines: [
			{ sku: 'TEA', qty: 3 },
			{ sku: 'TEA', qty: 2 },
		],
	};
	const both = await Promise.all([till.stock.receive(delivery, key()), till.stock.receive(delivery, key())]);
	expect(both.map(said)).toEqual(['ok', 'ok']);
	expect(await till.stock.receive(delivery, key())).toMatchObject({ ok: true, replayed: true });
	expect(till.store('TEA')).toBe(5);
	expect(till.stock.movements({ sku: 'TEA' }).get()).toHaveLength(1);
	expect(said(await till.stock.receive({ ...delivery, lines: [{ sku: 'TEA', qty: 4 }] }, key()))).toBe('document_used');
	yes(await till.stock.receive({ ...delivery, part: '2' }, key()));
	expect(till.store('TEA')).toBe(10);
	const once = key();
	yes(await till.sell([{ sku: 'TEA', qty: 1 }], once));
	expect(await till.sell([{ sku: 'TEA', qty: 1 }], once)).toMatchObject({ ok: true, replayed: true });
	await expect(till.sell([{ sku: 'TEA', qty: 2 }], once)).rejects.toMatchObject({ code: 'key_reused' });
	expect(till.store('TEA')).toBe(9);
});

test('kits: assembled ones go first, the others are taken apart; by weight too; and parts come back', async () => {
	await open();
	yes(await receive('D-1', { sku: 'TEA', qty: 20 }, { sku: 'HAT', qty: 3 }));
	yes(await till.stock.assemble({ kit: 'BOX', qty: 1 }, key()));
	expect([till.store('BOX'), till.store('TEA'), till.store('HAT'), till.sellable('BOX')]).toEqual([1, 18, 2, 3]);
	expect(yes(await till.sell([{ sku: 'BOX', qty: 2 }]))).toMatchObject([
		{ line: 'l0', sku: 'BOX', qty: 1 },
		{ line: 'l0', sku: 'TEA', qty: 2 },
		{ line: 'l0', sku: 'HAT', qty: 1 },
	]);
	expect(yes(await till.sell([{ sku: 'KILO', qty: 500 }]))).toMatchObject([{ sku: 'TEA', qty: 5 }]);
	yes(await till.stock.assemble({ kit: 'BOX', qty: 1 }, key()));
	yes(await till.stock.assemble({ kit: 'BOX', qty: 1, reverse: true }, key()));
	expect([till.store('BOX'), till.store('TEA'), till.store('HAT')]).toEqual([0, 11, 1]);
});

test('what is sold by soft policy beyond the stock can be delivered later, and a count settles it too', async () => {
	await open();
	yes(await till.sell([{ sku: 'SOFT', qty: 2 }]));
	yes(await till.sell([{ sku: 'SOFT', qty: 1 }]));
	yes(await receive('D-1', { sku: 'SOFT', qty: 5 }));
	expect(till.stock.level({ sku: 'SOFT' }).get()).toMatchObject({ store: 2, sellable: 5, oversold: 3 });
	const [two] = till.stock.exceptions.exceptions.get().filter(({ amount }) => amount === 2);
	yes(await till.stock.exceptions.resolve(two?.id ?? '', 'delivered', key()));
	expect(till.stock.level({ sku: 'SOFT' }).get()).toMatchObject({ store: 2, sellable: 3, oversold: 1 });
	const sheet = till.stock.count();
	sheet.record({ sku: 'SOFT', qty: 4 });
	yes(await sheet.post(key()));
	expect(till.stock.level({ sku: 'SOFT' }).get()).toMatchObject({ store: 4, sellable: 4, oversold: 0 });
	const [one] = till.stock.exceptions.exceptions.get().filter(({ state }) => state === 'open');
	yes(await till.stock.exceptions.resolve(one?.id ?? '', 'found', key()));
	expect(till.store('SOFT')).toBe(4);
	expect(till.stock.exceptions.exceptions.get().map(({ state }) => state)).toEqual(['done', 'done']);
});

test('what is not counted passes through; what is taken off sale is not sold, until it is on again', async () => {
	await open();
	yes(await receive('D-1', { sku: 'TEA', qty: 5 }, { sku: 'HAT', qty: 5 }));
	expect(
		yes(
			await till.sell([
				{ sku: 'CUT', qty: 1 },
				{ sku: 'TEA', qty: 1 },
			]),
		),
	).toHaveLength(1);
	yes(await till.stock.soldOut({ sku: 'TEA', is: true }));
	expect(till.stock.level({ sku: 'TEA' }).get()).toMatchObject({ soldOut: true, store: 4 });
	expect(said(await till.sell([{ sku: 'TEA', qty: 1 }]))).toBe('sold_out');
	expect(said(await till.sell([{ sku: 'BOX', qty: 1 }]))).toBe('sold_out');
	expect(till.sellable('BOX')).toBe(0);
	yes(await till.stock.soldOut({ sku: 'TEA', is: false }));
	yes(await till.sell([{ sku: 'BOX', qty: 1 }]));
});

test('waste asks the limits, and a refund throws goods away or puts them back to their lot', async () => {
	await open();
	yes(await receive('D-1', { sku: 'MILK', qty: 5, lot: 'L', expiresOn: '2999-01-01' }));
	till.shop.limits = { ...noLimits, check: ({ tx }, asked) => asked > 2 && tx.refuse(no('needs_approval')) };
	const waste = (qty: number) => till.stock.waste({ reason: 'broken', lines: [{ sku: 'MILK', qty }] }, key());
	expect([said(await waste(3)), said(await waste(2))]).toEqual(['needs_approval', 'ok']);
	const sold = yes(await till.sell([{ sku: 'MILK', qty: 3 }]));
	const back = (how: 'sell' | 'waste', document: string) =>
		till.shop.writeKeyed('order.refund', { how }, key(), (w) =>
			till.stock.restock(
				w,
				sold.map((of) => ({ ...of, qty: 1 })),
				how,
				document,
			),
		);
	yes(await back('sell', 'R-1'));
	yes(await back('waste', 'R-2'));
	expect(till.stock.lots({ sku: 'MILK' }).get()).toMatchObject([
		{ lot: 'L', qty: 1, mine: 1, expiresOn: '2999-01-01' },
	]);
});

test('a double receipt opens an exception; saying that it is a duplicate takes the surplus out', async () => {
	const goods = await openGoods(products, { tillsPerStore: 2 });
	const [a, b] = [goods.till(0), goods.till(1)];
	goods.shops.isolate(0);
	const delivery = { document: 'PO 9', lines: [{ sku: 'TEA', qty: 4 }] };
	for (const of of [a, b]) yes(await of.stock.receive(delivery, key()));
	await goods.shops.meet();
	const [found] = a.stock.exceptions.exceptions.get();
	expect(found).toMatchObject({ kind: 'double_receipt', subject: 'TEA', amount: 4, state: 'open' });
	expect([a.store('TEA'), b.store('TEA')]).toEqual([8, 8]);
	const resolved = await b.stock.exceptions.resolve(found?.id ?? '', 'duplicate', key());
	expect(said(resolved)).toBe('ok');
	await goods.shops.meet();
	expect([a.store('TEA'), b.store('TEA')]).toEqual([4, 4]);
});

test('values are the same object as long as nothing changed, and are told of what did', async () => {
	await open();
	const level = till.stock.level({ sku: 'TEA' });
	expect(till.stock.level({ sku: 'TEA' })).toBe(level);
	expect(level.get()).toBe(level.get());
	const seen: number[] = [];
	level.on(({ store }) => seen.push(store));
	yes(await receive('D-1', { sku: 'HAT', qty: 1 }));
	yes(await receive('D-2', { sku: 'TEA', qty: 5 }));
	await settle();
	expect(new Set(seen)).toEqual(new Set([5]));
});

test('of several earlier lots that lie elsewhere the one that expires first is to be brought over', async () => {
	const goods = await openGoods(products, { tillsPerStore: 2 });
	const [a, b] = [goods.till(0), goods.till(1)];
	const day = (n: number) => addDays(a.shop.today(), n);
	// That it came first in the books must not make it the first to be asked for.
	for (const [lot, n] of [
		['LATER', 5],
		['SOON', 2],
	] as const)
		yes(await a.stock.receive({ document: lot, lines: [{ sku: 'MILK', qty: 1, lot, expiresOn: day(n) }] }, key()));
	yes(
		await b.stock.receive({ document: 'N', lines: [{ sku: 'MILK', qty: 2, lot: 'LAST', expiresOn: day(9) }] }, key()),
	);
	await goods.shops.meet();
	yes(await b.sell([{ sku: 'MILK', qty: 1 }]));
	expect(b.stock.exceptions.exceptions.get()).toMatchObject([{ kind: 'reallocation', subject: 'MILK SOON' }]);
});
