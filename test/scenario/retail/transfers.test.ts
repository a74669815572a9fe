import { expect, test } from 'vitest';
import { openGoods, said, yes } from './goods.js';
import { key } from './shops.js';

const tea = { sku: 'TEA', name: 'Tea' };

async function open() {
	const goods = await openGoods([tea, { sku: 'MILK', name: 'Milk', lots: 'fefo' }], { stores: 2, tillsPerStore: 2 });
	return { shops: goods.shops, till: (n: number) => goods.till(n) };
}

test('S22 ten shipped and nine received, both offline: one is missing, in transit, and one person resolves it', async () => {
	const { shops, till } = await open();
	yes(await till(0).stock.receive({ document: 'PO-1', lines: [{ sku: 'TEA', qty: 30 }] }, key()));
	await shops.meet();
	for (let n = 0; n < 4; n++) shops.isolate(n);
	const id = yes(await till(0).transfers.ship({ to: 'sh-2', lines: [{ sku: 'TEA', qty: 10 }] }, key()));
	expect(till(0).store('TEA')).toBe(20);
	// The paper says the number; the shop that sent it has not been heard of.
	const options = key();
	const receipt = { id, lines: [{ sku: 'TEA', qty: 9 }] };
	expect(yes(await till(2).transfers.receive(receipt, options))).toEqual({ variance: [] });
	expect(till(2).store('TEA')).toBe(9);
	expect(till(2).transfers.get(id).get()).toMatchObject({ state: 'arrived', variance: [] });
	await shops.world.crash(2, { at: 'after-ack' });
	expect(await till(2).transfers.receive(receipt, options)).toMatchObject({ ok: true, replayed: true });
	expect(said(await till(2).transfers.receive(receipt, key()))).toBe('wrong_state');
	await shops.meet();
	for (let n = 0; n < 4; n++) {
		expect(till(n).transfers.get(id).get()).toMatchObject({
			state: 'variance',
			from: 'sh-1',
			variance: [{ sku: 'TEA', missing: 1 }],
		});
		expect(till(n).transfers.exceptions.exceptions.get()).toMatchObject([
			{ id: `variance:${id}`, kind: 'variance', amount: 1, state: 'open', store: 'sh-2' },
		]);
	}
	expect(till(2).stock.level({ sku: 'TEA' }).get()).toMatchObject({ store: 9, inTransit: 1 });
	// The sender cannot say that it was found there; then both try, without a line.
	expect(said(await till(0).transfers.resolve({ id, as: 'found' }, key()))).toBe('not_permitted');
	await shops.meet();
	for (let n = 0; n < 4; n++) shops.isolate(n);
	const both = [
		await till(0).transfers.resolve({ id, as: 'sender_error' }, key()),
		await till(2).transfers.resolve({ id, as: 'found' }, key()),
		await till(3).transfers.resolve({ id, as: 'lost' }, key()),
	];
	expect(both.filter(({ ok }) => ok)).toHaveLength(1);
	await shops.meet();
	const stocks = till(0).store('TEA') + till(2).store('TEA');
	expect(stocks).toBe(30); // back at the sender
	for (let n = 0; n < 4; n++) {
		expect(till(n).transfers.get(id).get()).toMatchObject({ state: 'closed', resolved: 'sender_error', variance: [] });
		expect(till(n).transfers.list({ state: 'variance' }).get()).toEqual([]);
		expect(till(n).transfers.exceptions.exceptions.get()).toMatchObject([{ state: 'done', outcome: 'sender_error' }]);
	}
	expect(till(2).stock.level({ sku: 'TEA' }).get().inTransit).toBe(0);
});

test('a lot travels with its last day, goods found later come in, and a request is answered', async () => {
	const { shops, till } = await open();
	const expiresOn = '2999-01-31';
	const lines = [{ sku: 'MILK', qty: 6, lot: 'L-1', expiresOn }];
	yes(await till(0).stock.receive({ document: 'PO-1', lines }, key()));
	const request = yes(await till(2).transfers.request({ from: 'sh-1', lines: [{ sku: 'MILK', qty: 5 }] }, key()));
	await shops.meet();
	expect(till(0).transfers.list({ state: 'requested' }).get()).toMatchObject([{ id: request, to: 'sh-2' }]);
	const shipped = { to: 'sh-2', request, lines: [{ sku: 'MILK', qty: 5 }] };
	expect(yes(await till(0).transfers.ship(shipped, key()))).toBe(request);
	expect(said(await till(0).transfers.ship(shipped, key()))).toBe('wrong_state');
	await shops.meet();
	expect(till(2).stock.level({ sku: 'MILK' }).get()).toMatchObject({ store: 0, inTransit: 5 });
	const receipt = { id: request, lines: [{ sku: 'MILK', qty: 3, lot: 'L-1' }] };
	expect(yes(await till(2).transfers.receive(receipt, key()))).toEqual({ variance: [{ sku: 'MILK', missing: 2 }] });
	expect(till(2).stock.lots({ sku: 'MILK' }).get()).toMatchObject([{ lot: 'L-1', qty: 3, expiresOn }]);
	await shops.meet();
	yes(await till(3).transfers.exceptions.resolve(`variance:${request}`, 'found', key()));
	await shops.meet();
	expect(till(2).stock.lots({ sku: 'MILK' }).get()).toMatchObject([{ lot: 'L-1', qty: 5, expiresOn }]);
	expect(till(2).transfers.get(request).get()).toMatchObject({ state: 'closed', resolved: 'found' });
});

test('the till that received says that the rest was found; surplus that was miscounted goes out again', async () => {
	const { shops, till } = await open();
	yes(await till(0).stock.receive({ document: 'PO-1', lines: [{ sku: 'TEA', qty: 30 }] }, key()));
	const ship = async (qty: number) =>
		yes(await till(0).transfers.ship({ to: 'sh-2', lines: [{ sku: 'TEA', qty }] }, key()));
	const [few, many] = [await ship(10), await ship(5)];
	await shops.meet();
	yes(await till(2).transfers.receive({ id: few, lines: [{ sku: 'TEA', qty: 8 }] }, key()));
	yes(await till(2).transfers.receive({ id: many, lines: [{ sku: 'TEA', qty: 7 }] }, key()));
	await shops.meet();
	expect(till(2).store('TEA')).toBe(15);
	yes(await till(2).transfers.resolve({ id: few, as: 'found' }, key()));
	expect(till(2).store('TEA')).toBe(17);
	const once = key();
	yes(await till(2).transfers.resolve({ id: many, as: 'lost' }, once));
	expect(await till(2).transfers.resolve({ id: many, as: 'lost' }, once)).toMatchObject({ ok: true, replayed: true });
	expect(said(await till(2).transfers.resolve({ id: many, as: 'lost' }, key()))).toBe('already_resolved');
	await shops.meet();
	expect([till(0).store('TEA'), till(2).store('TEA')]).toEqual([15, 15]);
	expect(till(0).transfers.list({ state: 'closed' }).get()).toHaveLength(2);
});

test('two tills of the receiver take one transfer in, without a line: the surplus is a variance, no double receipt beside it', async () => {
	const { shops, till } = await open();
	yes(await till(0).stock.receive({ document: 'PO-1', lines: [{ sku: 'TEA', qty: 10 }] }, key()));
	const id = yes(await till(0).transfers.ship({ to: 'sh-2', lines: [{ sku: 'TEA', qty: 10 }] }, key()));
	await shops.meet();
	for (const n of [2, 3]) shops.isolate(n);
	for (const n of [2, 3]) yes(await till(n).transfers.receive({ id, lines: [{ sku: 'TEA', qty: 10 }] }, key()));
	await shops.meet();
	expect(till(1).transfers.get(id).get()).toMatchObject({
		state: 'variance',
		variance: [{ sku: 'TEA', missing: -10 }],
	});
	expect(till(2).store('TEA')).toBe(20);
	expect(till(2).stock.exceptions.exceptions.get()).toEqual([]);
	expect(said(await till(3).transfers.exceptions.resolve(`variance:${id}`, 'nonsense', key()))).toBe('wrong_state');
	yes(await till(3).transfers.exceptions.resolve(`variance:${id}`, 'lost', key()));
	await shops.meet();
	expect(till(2).store('TEA')).toBe(10);
});

test('two tills of the sender answer one request, without a line: all of it is on its way, and one right is there to what comes of it', async () => {
	const { shops, till } = await open();
	yes(await till(0).stock.receive({ document: 'PO-1', lines: [{ sku: 'TEA', qty: 20 }] }, key()));
	const request = yes(await till(2).transfers.request({ from: 'sh-1', lines: [{ sku: 'TEA', qty: 5 }] }, key()));
	await shops.meet();
	expect((await till(1).stock.ensure({ sku: 'TEA', qty: 5 })).ok).toBe(true);
	await shops.meet();
	for (const n of [0, 1]) shops.isolate(n);
	for (const n of [0, 1])
		yes(await till(n).transfers.ship({ to: 'sh-2', request, lines: [{ sku: 'TEA', qty: 5 }] }, key()));
	await shops.meet();
	expect(till(2).stock.level({ sku: 'TEA' }).get().inTransit).toBe(10);
	yes(await till(2).transfers.receive({ id: request, lines: [{ sku: 'TEA', qty: 5 }] }, key()));
	await shops.meet();
	for (let n = 0; n < 4; n++) shops.isolate(n);
	const tries = [
		await till(0).transfers.resolve({ id: request, as: 'sender_error' }, key()),
		await till(1).transfers.resolve({ id: request, as: 'sender_error' }, key()),
		await till(2).transfers.resolve({ id: request, as: 'found' }, key()),
		await till(3).transfers.resolve({ id: request, as: 'found' }, key()),
	];
	expect(tries.filter(({ ok }) => ok).length).toBeLessThanOrEqual(1);
	await shops.meet();
	if (!tries.some(({ ok }) => ok)) yes(await till(2).transfers.resolve({ id: request, as: 'found' }, key()));
	await shops.meet();
	expect(till(0).store('TEA') + till(2).store('TEA')).toBe(20);
	expect(till(3).transfers.get(request).get()).toMatchObject({ state: 'closed', variance: [] });
});

test('S22 what a till took in that nobody had heard of is another difference, after the first was resolved: it has a right of its own', async () => {
	const { shops, till } = await open();
	yes(await till(0).stock.receive({ document: 'PO-1', lines: [{ sku: 'TEA', qty: 30 }] }, key()));
	const id = yes(await till(0).transfers.ship({ to: 'sh-2', lines: [{ sku: 'TEA', qty: 10 }] }, key()));
	await shops.meet();
	shops.isolate(3);
	yes(await till(3).transfers.receive({ id, lines: [{ sku: 'TEA', qty: 3 }] }, key()));
	yes(await till(2).transfers.receive({ id, lines: [{ sku: 'TEA', qty: 5 }] }, key()));
	const once = key();
	const resolve = (n: number, exception: string, as: string, options = key()) =>
		till(n).transfers.exceptions.resolve(exception, as, options);
	await shops.world.settle();
	yes(await resolve(2, `variance:${id}`, 'found', once)); // five more
	await shops.meet();
	const exceptions = () => till(2).transfers.exceptions.exceptions.get();
	expect(exceptions()).toMatchObject([
		{ id: `variance:${id}`, amount: 5, state: 'done', outcome: 'found' },
		{ id: `variance:${id}:2`, amount: 3, state: 'open' },
	]);
	expect(await resolve(2, `variance:${id}`, 'found', once)).toMatchObject({ ok: true, replayed: true });
	expect(said(await resolve(2, `variance:${id}`, 'lost'))).toBe('already_resolved');
	yes(await resolve(2, `variance:${id}:2`, 'lost'));
	await shops.meet();
	for (const n of [0, 3])
		expect(till(n).transfers.get(id).get()).toMatchObject({ state: 'closed', variance: [], resolved: 'found' });
	expect(exceptions().map(({ state }) => state)).toEqual(['done', 'done']);
	expect(till(0).store('TEA') + till(2).store('TEA')).toBe(30);
});
