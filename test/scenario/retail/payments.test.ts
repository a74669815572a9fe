import { describe, expect, test } from 'vitest';
import type { OrderId } from '../../../src/retail/documents/order.js';
import type { Retail } from '../../../src/retail/retail.js';
import { type Behaviour, FakeTerminal } from './fake-terminal.js';
import { openExceptions, openOrder, openTeaShops, settle, settledBy, tea } from './orders-settled.js';
import { key } from './shops.js';

async function shopWithTerminal(...script: Behaviour[]) {
	const shops = await openTeaShops();
	const till = () => shops.till(0);
	// The terminal goes on when the till's power is cut: its clock is that of another till.
	const terminal = new FakeTerminal({ timers: shops.till(1).shop.platform.timers });
	terminal.script.push(...script);
	const order = await openOrder(till(), tea);
	const options = key();
	const run = (timeoutMs?: number) =>
		till().payments.run({ order, amount: 1800, driver: terminal, ...(timeoutMs && { timeoutMs }) }, options);
	return { shops, till, terminal, order, run };
}

function settleBy(till: Retail, order: OrderId, payment: string, amount = 1800) {
	return till.shop.writeKeyed('order.settle', { order, payment }, key(), (w) => {
		const { ledger, lines } = till.orders.mustBeOpen(w, order);
		till.payments.use(w, payment, amount, order);
		till.orders.settle(w, order, ledger, {
			...settledBy(lines, till.receipts.next(w)),
			tenders: [{ kind: 'card', amount, payment }],
		});
	});
}

describe('payments', () => {
	test('S12 an unknown answer is asked after with the same key, and nobody is charged twice', async () => {
		const { terminal, run, till, order } = await shopWithTerminal('lose');
		terminal.isDeaf = true;
		expect(await run()).toMatchObject({ ok: false, code: 'payment_unknown' });
		expect(till().payments.attempts(order).get()).toMatchObject([{ state: 'unknown', amount: 1800 }]);
		terminal.isDeaf = false;
		const paid = await run();
		expect(paid).toMatchObject({ ok: true });
		const id = paid.ok ? paid.value : '';
		expect(terminal.asked).toEqual([`charge ${id}`, `query ${id}`, `query ${id}`]);
		expect([terminal.charges, terminal.taken]).toEqual([1, 1800]);
		expect(await run()).toMatchObject({ ok: true, value: id, replayed: true });
		expect(terminal.asked).toHaveLength(3);
	});

	test('S12 a question that never arrived is asked again with the same key', async () => {
		const { terminal, run } = await shopWithTerminal('drop', 'approve');
		expect(await run()).toMatchObject({ ok: false, code: 'payment_unknown' });
		const paid = await run();
		const id = paid.ok ? paid.value : '';
		expect(terminal.asked).toEqual([`charge ${id}`, `query ${id}`, `query ${id}`, `charge ${id}`]);
		expect(terminal.charges).toBe(1);
	});

	test('S12 power lost after the terminal was asked: the key is on disk, and is asked after', async () => {
		const { terminal, run, shops, till, order } = await shopWithTerminal('hang');
		let attempts = 0;
		terminal.onAsked = () => {
			attempts = till().payments.attempts(order).get().length;
		};
		void run().catch(() => {});
		await shops.world.advance(1_000);
		expect(attempts).toBe(1);
		await shops.world.crash(0);
		expect(till().payments.pending().get()).toMatchObject([{ state: 'sent' }]);
		expect(await run()).toMatchObject({ ok: true });
		expect(terminal.asked.map((what) => what.split(' ')[0])).toEqual(['charge', 'query']);
		expect(terminal.taken).toBe(1800);
	});

	test('S12 a late answer is written when it comes, and one that came twice counts once', async () => {
		const { terminal, run, shops, till, order } = await shopWithTerminal('late');
		const asked = run(5_000);
		await shops.world.advance(6_000);
		expect(await asked).toMatchObject({ ok: false, code: 'payment_unknown' });
		const paid = await run();
		expect(paid).toMatchObject({ ok: true });
		await shops.world.advance(60_000);
		await shops.meet();
		for (const n of [0, 1])
			expect(shops.till(n).payments.attempts(order).get()).toMatchObject([{ state: 'approved', last4: '4242' }]);
		expect(terminal.taken).toBe(1800);
		const id = paid.ok ? paid.value : '';
		expect(await settleBy(till(), order, id)).toMatchObject({ ok: true });
		expect(await settleBy(till(), order, id)).toMatchObject({ ok: false, code: 'order_settled' });
	});

	test('S12 a late yes after a wait that was given up is there without anybody asking', async () => {
		const { run, shops, till, order } = await shopWithTerminal('late');
		const asked = run(5_000);
		await shops.world.advance(6_000);
		await asked;
		await shops.world.advance(60_000);
		expect(till().payments.attempts(order).get()).toMatchObject([{ state: 'approved' }]);
	});

	test('S12 two taps on one button are one charge', async () => {
		const { terminal, run } = await shopWithTerminal();
		const [one, two] = await Promise.all([run(), run()]);
		expect(one?.ok && two?.ok && one.value === two.value).toBe(true);
		expect(terminal.asked).toHaveLength(1);
	});

	test('a payment pays its order, its amount, once; declined and reversed ones pay nothing', async () => {
		const { terminal, run, till, order } = await shopWithTerminal('decline', 'approve');
		expect(await run()).toMatchObject({ ok: false, code: 'payment_declined' });
		expect(await run()).toMatchObject({ ok: false, code: 'payment_declined' });
		const again = { order, amount: 1800, driver: terminal };
		const paid = await till().payments.run(again, key());
		const id = paid.ok ? paid.value : '';
		const other = await openOrder(till(), tea);
		expect(await settleBy(till(), other, id)).toMatchObject({ ok: false, code: 'payment_used' });
		expect(await settleBy(till(), order, id, 1700)).toMatchObject({ ok: false, code: 'wrong_amount' });
		expect(await settleBy(till(), order, 'p-0')).toMatchObject({ ok: false, code: 'payment_unknown' });
		const [declinedOne] = till().payments.attempts(order).get();
		expect(await settleBy(till(), order, declinedOne?.id ?? '')).toMatchObject({ ok: false, code: 'payment_declined' });
		terminal.isDeaf = true;
		const back = key();
		expect(await till().payments.reverse(id, terminal, back)).toMatchObject({ ok: false, code: 'payment_unknown' });
		expect(await settleBy(till(), order, id)).toMatchObject({ ok: false, code: 'wrong_state' });
		terminal.isDeaf = false;
		expect(await till().payments.reverse(id, terminal, back)).toMatchObject({ ok: true });
		expect(terminal.taken).toBe(0);
		expect(till().payments.get(id).get()?.state).toBe('reversed');
		expect(await settleBy(till(), order, id)).toMatchObject({ ok: false, code: 'wrong_state' });
	});

	test('a payment that settled an order cannot be reversed', async () => {
		const { terminal, run, till, order } = await shopWithTerminal();
		const paid = await run();
		const id = paid.ok ? paid.value : '';
		expect(await settleBy(till(), order, id)).toMatchObject({ ok: true });
		expect(await till().payments.reverse(id, terminal, key())).toMatchObject({ ok: false, code: 'payment_used' });
		expect(terminal.taken).toBe(1800);
	});

	test('a yes that comes after the order was paid otherwise is money for nothing, and somebody gives it back once', async () => {
		const { terminal, run, shops, till, order } = await shopWithTerminal('late');
		const asked = run(5_000);
		await shops.world.advance(6_000);
		await asked;
		expect(await settle(till(), order)).toMatchObject({ ok: true });
		await shops.world.advance(60_000);
		await shops.meet();
		const [payment] = till().payments.attempts(order).get();
		const about = { kind: 'payment_left', subject: order, amount: 1800 };
		for (const n of [0, 1]) expect(openExceptions(shops.till(n))).toMatchObject([about]);
		expect(await till().payments.reverse(payment?.id ?? '', terminal, key())).toMatchObject({ ok: true });
		await shops.meet();
		for (const n of [0, 1]) expect(openExceptions(shops.till(n))).toEqual([]);
		expect(terminal.taken).toBe(0);
	});

	test('a payment that went onto an account is not left over, whatever becomes of the order it was asked for', async () => {
		const { run, shops, till, order } = await shopWithTerminal();
		const paid = await run();
		const payment = paid.ok ? paid.value : '';
		await till().members.register({ id: 'm-1' }, key());
		const tenders = [{ kind: 'card', amount: 1800, payment }] as const;
		expect(await till().members.topUp({ member: 'm-1', paid: 1800, tenders }, key())).toMatchObject({ ok: true });
		expect(await till().orders.void(order, { reason: 'gone', ...key() })).toMatchObject({ ok: true });
		await shops.meet();
		for (const n of [0, 1]) expect(openExceptions(shops.till(n))).toEqual([]);
	});

	test('money for nothing that was given back by hand is not given back by the terminal too', async () => {
		const { terminal, run, shops, till, order } = await shopWithTerminal();
		const paid = await run();
		expect(await settle(till(), order)).toMatchObject({ ok: true });
		await shops.meet();
		const other = shops.till(1);
		const [left] = openExceptions(other);
		const source = [...other.shop.exceptions].find(({ exceptions }) =>
			exceptions.get().some(({ id }) => id === left?.id),
		);
		expect(await source?.resolve(left?.id ?? '', 'cash', key())).toMatchObject({ ok: true });
		await shops.meet();
		expect(openExceptions(till())).toEqual([]);
		for (const n of [0, 1]) {
			const back = await shops.till(n).payments.reverse(paid.ok ? paid.value : '', terminal, key());
			expect(back).toMatchObject({ ok: false, code: 'payment_used' });
		}
		expect(terminal.taken).toBe(1800);
	});

	test('a question after a payment moves no money; another driver is not asked about it', async () => {
		const { terminal, run, till, order } = await shopWithTerminal('drop');
		expect(await run()).toMatchObject({ ok: false, code: 'payment_unknown' });
		const [{ id = '' } = {}] = till().payments.attempts(order).get();
		expect(await till().payments.query(id, terminal)).toMatchObject({ ok: false, code: 'payment_unknown' });
		expect(await till().payments.query('p-0', terminal)).toMatchObject({ ok: false, code: 'payment_unknown' });
		expect(terminal.charges).toBe(0);
		const other = new FakeTerminal({ name: 'other', timers: till().shop.platform.timers });
		await expect(till().payments.query(id, other)).rejects.toThrow('went over fake');
		await expect(till().payments.run({ order, amount: 0, driver: terminal }, key())).rejects.toThrow('amount');
	});

	test('nothing is asked for an order that is paid, void or unknown', async () => {
		const { terminal, till, order } = await shopWithTerminal();
		const run = (of: string) => till().payments.run({ order: of, amount: 1800, driver: terminal }, key());
		expect(await run('o-0')).toMatchObject({ ok: false, code: 'unknown_order' });
		const left = await openOrder(till(), tea);
		await till().orders.void(left, { reason: 'left' });
		expect(await run(left)).toMatchObject({ ok: false, code: 'order_voided' });
		await settle(till(), order);
		expect(await run(order)).toMatchObject({ ok: false, code: 'order_settled' });
		expect(terminal.asked).toEqual([]);
	});
});
