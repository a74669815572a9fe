import { describe, expect, test } from 'vitest';
import type { Retail } from '../../../src/retail/retail.js';
import { openOrder, openTeaShops, sell, settle, tea } from './orders-settled.js';
import { key, type Shops } from './shops.js';

const numberOf = async (sold: ReturnType<typeof sell>) => {
	const outcome = await sold;
	if (!outcome.ok) throw new Error(outcome.message);
	return outcome.value;
};

async function shopsWithSeries(tills = 2, size = 8): Promise<Shops> {
	const shops = await openTeaShops({ tillsPerStore: tills });
	const opened = shops.till(0).receipts.openSeries({ series: 'receipt', prefix: 'A', size, ranges: 16 }, key());
	expect(await opened).toMatchObject({ ok: true });
	await shops.meet();
	for (let n = 0; n < tills; n++) expect(await shops.till(n).receipts.lease()).toBe(true);
	await shops.meet();
	return shops;
}

describe('receipt numbers', () => {
	test('S11 two isolated tills that number one series never collide, and the gap report says what is missing and why', async () => {
		const shops = await shopsWithSeries();
		const [first, second] = [0, 1].map((n) => shops.till(n).receipts.gaps());
		expect(first).toEqual(second);
		for (const { from } of first ?? [])
			expect(shops.till(0).shop.desk.pool('range').total(`receipt:${from}`).get()).toMatchObject({
				spent: 1,
				level: 0,
			});
		shops.isolate(0);
		shops.isolate(1);
		const numbers: string[] = [];
		for (let i = 0; i < 5; i++) for (const n of [0, 1]) numbers.push(await numberOf(sell(shops.till(n))));
		expect(new Set(numbers).size).toBe(10);
		for (const number of numbers) expect(number).toMatch(/^A\d{6}$/);
		// A range has eight numbers: without a line there is no next one, and the till numbers in its own name.
		const own: string[] = [];
		for (let i = 0; i < 5; i++) own.push(await numberOf(sell(shops.till(1))));
		expect(own.slice(0, 3).every((number) => /^A\d{6}$/.test(number))).toBe(true);
		expect(own.slice(3)).toEqual([expect.stringMatching(/^[0-9a-f]{8}-\d{8}-1$/), expect.stringMatching(/-2$/)]);
		await shops.meet();
		const { device } = shops.till(0).shop;
		for (const till of [shops.till(0), shops.till(1)]) {
			const left = till.receipts.gaps().filter((gap) => gap.device === device);
			expect(left[0]).toMatchObject({ why: 'leased' });
			expect((left[0]?.to ?? 0) - (left[0]?.from ?? 0)).toBe(2);
		}
		const lost = { series: 'receipt', device, why: 'lost' } as const;
		expect(await shops.till(1).receipts.skip(lost, key())).toMatchObject({ ok: true });
		await shops.meet();
		for (const till of [shops.till(0), shops.till(1)])
			expect(till.receipts.gaps().find((gap) => gap.device === device)).toMatchObject({ why: 'lost' });
	});

	test('S2 S3 numbers and orders do not repeat over a power cut, nor in one turn', async () => {
		const shops = await shopsWithSeries();
		const together = await Promise.all([1, 2, 3].map(() => numberOf(sell(shops.till(0)))));
		expect(new Set(together).size).toBe(3);
		const order = await openOrder(shops.till(0), tea);
		const paid = await settle(shops.till(0), order);
		await shops.world.crash(0);
		const till = shops.till(0);
		expect(till.orders.get(order).get()?.settled).toMatchObject({
			receiptNo: paid.ok && paid.value,
			tenders: [{ kind: 'cash', amount: 1800 }],
		});
		const after = await numberOf(sell(till));
		expect([...together, paid.ok && paid.value]).not.toContain(after);
		expect(Number(after.slice(1))).toBe(Number(together[2]?.slice(1)) + 2);
	});

	test('a refused sale uses no number up, and a rehearsal none either', async () => {
		const shops = await shopsWithSeries();
		const till = shops.till(0);
		const first = await numberOf(sell(till));
		const refused = await till.shop.writeKeyed('order.settle', {}, key(), (w) => {
			till.receipts.next(w);
			return w.tx.refuse('no');
		});
		expect(refused.ok).toBe(false);
		till.shop.rehearse('order.settle', key(), (w) => void till.receipts.next(w));
		expect(Number((await numberOf(sell(till))).slice(1))).toBe(Number(first.slice(1)) + 1);
	});

	test('tills take the next range before theirs is used up, never the same one', async () => {
		const shops = await shopsWithSeries(3);
		const numbers = new Set<string>();
		for (let i = 0; i < 30; i++) {
			for (const n of [0, 1, 2]) numbers.add(await numberOf(sell(shops.till(n))));
			await shops.world.advance(5_000);
		}
		expect(numbers.size).toBe(90);
		expect([...numbers].filter((number) => !number.startsWith('A'))).toEqual([]);
	});

	test('without a series numbers are the till’s own, by business date', async () => {
		const shops = await openTeaShops();
		const number = (till: Retail) => numberOf(sell(till));
		const all = [await number(shops.till(0)), await number(shops.till(1)), await number(shops.till(0))];
		expect(new Set(all).size).toBe(3);
		expect(all[2]?.endsWith('-2')).toBe(true);
		await shops.world.crash(0);
		expect((await number(shops.till(0))).endsWith('-3')).toBe(true);
	});

	test('numbers to call out begin anew each day and do not repeat over a power cut', async () => {
		const shops = await openTeaShops();
		const open = async () => {
			const till = shops.till(0);
			const opened = await till.orders.open({ pickup: true }, key());
			return till.orders.get(opened.ok ? opened.value : '').get()?.pickup ?? '';
		};
		const [one, two] = [await open(), await open()];
		expect([one, two]).toEqual([expect.stringMatching(/^[0-9a-f]{4}-1$/), expect.stringMatching(/-2$/)]);
		await shops.world.crash(0);
		expect(await open()).toMatch(/-3$/);
		await shops.world.advance(86_400_000);
		expect(await open()).toBe(one);
	});

	test('a number that was drawn for a sale that the disk did not take is a gap that says so', async () => {
		const shops = await shopsWithSeries();
		const till = shops.till(0);
		const big = 'x'.repeat(2_000);
		const tooBig = till.shop.writeKeyed('order.settle', {}, key(), (w) => {
			const { id, ledger } = till.orders.begin(w, {});
			till.receipts.next(w);
			for (let i = 0; i < 10; i++) w.append(ledger, 'order', id, { ...w.head, note: big });
		});
		await expect(tooBig).rejects.toThrow();
		const number = Number((await numberOf(sell(till))).slice(1));
		const [skipped] = till.receipts.gaps().filter(({ device }) => device === till.shop.device);
		expect(skipped).toMatchObject({ from: number - 1, to: number - 1, why: 'skipped' });
	});

	test('a series goes on where it ended, never over numbers that are open', async () => {
		const shops = await shopsWithSeries();
		const { receipts } = shops.till(0);
		const more = { series: 'receipt', prefix: 'A', size: 8, ranges: 1 };
		expect(await receipts.openSeries({ ...more, from: 100 }, key())).toMatchObject({ ok: false, code: 'wrong_state' });
		expect(await receipts.openSeries(more, key())).toMatchObject({ ok: true });
		for (let i = 0; i < 15; i++) expect(await receipts.lease()).toBe(true);
		expect(await receipts.lease()).toBe(false);
		const last = receipts.gaps().at(-1);
		expect(last).toMatchObject({ to: 8 * 17, why: 'leased' });
		for (const bad of [{ size: 0 }, { ranges: 257 }, { from: -1 }, { series: 'a:b' }, { digits: 16 }])
			await expect(receipts.openSeries({ ...more, ...bad }, key())).rejects.toThrow();
	});

	test('tills without a range of an open series find one by themselves', async () => {
		const shops = await openTeaShops();
		await shops.till(0).receipts.openSeries({ series: 'receipt', prefix: 'A', size: 50, ranges: 4 }, key());
		await shops.meet();
		expect(await numberOf(sell(shops.till(1)))).toMatch(/-1$/);
		await shops.world.advance(5_000);
		expect(await numberOf(sell(shops.till(1)))).toMatch(/^A\d{6}$/);
	});
});
