import { describe, expect, test } from 'vitest';
import type { Retail } from '../../../src/retail/retail.js';
import type { ApprovalAsk, Outcome } from '../../../src/retail/shop/outcome.js';
import { key, openShops } from './shops.js';

const secret = new Uint8Array(16).fill(7);
const secrets = { of: (manager: string) => (manager === 'mia' ? secret : undefined) };
const approvalsOf = ({ approvals }: Retail) => approvals;

/** A verb that has a limit, as those of the shop have: a purchase of so much. */
const purchase = (till: Retail, amount: number, options: { idempotencyKey: string; approval?: string; by?: string }) =>
	till.shop.writeKeyed('stock.receive', { amount }, { by: 'cass', ...options }, (w) => {
		till.shop.limits.check(w, amount, { amount }, `Purchase of ${amount}`);
		w.append('desk/sh-1', 'purchase', 'p', { ...w.head, amount });
		return amount;
	});

function askOf(outcome: Outcome<unknown>): ApprovalAsk {
	if (outcome.ok || !outcome.approval) throw new TypeError('expected a question');
	return outcome.approval;
}

async function openTills() {
	const shops = await openShops({ stores: 2, tillsPerStore: 3, retail: () => ({ approvals: { secrets } }) });
	const [till, manager] = [shops.till(0), shops.till(1)];
	const [asks, decides] = [approvalsOf(till), approvalsOf(manager)];
	await asks.setLimits('cashier', { 'stock.receive': 50_000 });
	await asks.setLimits('manager', { 'stock.receive': 900_000 }, { scope: 'chain' });
	await asks.setRole('cass', 'cashier');
	await asks.setRole('mia', 'manager', { scope: 'chain' });
	await asks.setLimits('*', { 'stock.receive': 0 });
	await shops.meet();
	return { shops, till, manager, asks, decides };
}

describe('approvals', () => {
	test('S37 with headquarters out of reach, the manager’s device says yes over the LAN: the till goes on within a second; once, audited', async () => {
		const { shops, till, asks, decides } = await openTills();
		shops.world.cut(0, 'hq');
		shops.world.cut(0, 'relay');
		shops.world.cut(1, 'relay');
		expect(await purchase(till, 50_000, key())).toMatchObject({ ok: true });
		const once = key();
		const refused = await purchase(till, 60_000, once);
		expect(refused).toMatchObject({ ok: false, code: 'needs_approval', retry: 'with-approval' });
		const ask = askOf(refused);
		expect(ask).toMatchObject({ verb: 'stock.receive', limit: 50_000, asked: 60_000, summary: 'Purchase of 60000' });

		const askedMs = shops.world.nowMs;
		const asking = asks.ask(ask, { timeoutMs: 20_000, by: 'cass' });
		const again = asks.ask(ask, { timeoutMs: 20_000, by: 'cass' });
		await shops.world.advance(400);
		const [pending, ...others] = decides.pending().get();
		expect(others).toEqual([]);
		expect(pending).toMatchObject({ ...ask, by: 'cass', from: till.shop.device, store: 'sh-1' });
		const id = pending?.id ?? '';
		// The cashier may not agree to it, on whatever device.
		expect(await decides.decide(id, true, { ...key(), by: 'cass' })).toMatchObject({
			ok: false,
			code: 'not_permitted',
		});
		expect(await decides.decide(id, true, { ...key(), by: 'mia' })).toMatchObject({ ok: true });
		await shops.world.advance(400);
		expect(await asking).toMatchObject({ ok: true, value: id });
		expect(await again).toMatchObject({ ok: true, value: id });
		const bought = await purchase(till, 60_000, { ...once, approval: id });
		expect(bought).toMatchObject({ ok: true, value: 60_000 });
		expect(shops.world.nowMs - askedMs).toBeLessThan(1_000);

		// Bound to the input, and used once.
		expect(await purchase(till, 60_000, { ...key(), approval: id })).toMatchObject({ code: 'approval_not_valid' });
		await shops.meet();
		expect(shops.till(2).shop.desk.pool('approval').total(id).get()).toMatchObject({ minted: 1, spent: 1 });
		expect(approvalsOf(shops.till(2)).list().get()).toMatchObject([
			{
				id,
				state: 'used',
				by: 'cass',
				decided: [{ yes: true, by: 'mia', device: shops.till(1).shop.device, code: false }],
			},
		]);
	});

	test('yes to 500 is not yes to 5,000; a no is heard; who is alone is told so, and a later yes is found', async () => {
		const { shops, till, asks, decides } = await openTills();
		const ask = async (amount: number) => askOf(await purchase(till, amount, key()));
		const asking = asks.ask(await ask(60_000), { timeoutMs: 5_000 });
		await shops.world.advance(400);
		await decides.decide(decides.pending().get()[0]?.id ?? '', true, { ...key(), by: 'mia' });
		await shops.world.advance(400);
		const yes = await asking;
		const approval = yes.ok ? yes.value : '';
		expect(await purchase(till, 600_000, { ...key(), approval })).toMatchObject({
			ok: false,
			code: 'approval_not_valid',
		});
		expect(await purchase(shops.till(2), 60_000, { ...key(), approval })).toMatchObject({ ok: false });

		const denied = asks.ask(await ask(70_000), { timeoutMs: 5_000 });
		await shops.world.advance(400);
		await decides.decide(decides.pending().get()[0]?.id ?? '', false, { ...key(), by: 'mia' });
		await shops.world.advance(400);
		expect(await denied).toMatchObject({ ok: false, code: 'denied' });

		// Beyond what the manager may do alone.
		const beyond = asks.ask(await ask(1_000_000), { timeoutMs: 1_000 });
		await shops.world.advance(400);
		const [high] = decides.pending().get();
		expect(await decides.decide(high?.id ?? '', true, { ...key(), by: 'mia' })).toMatchObject({
			code: 'not_permitted',
		});
		await shops.world.advance(1_000);
		expect(await beyond).toMatchObject({ ok: false, code: 'nobody_reachable', retry: 'when-online' });

		shops.isolate(0);
		const alone = asks.ask(await ask(80_000), { timeoutMs: 1_000 });
		await shops.world.advance(1_500);
		expect(await alone).toMatchObject({ ok: false, code: 'nobody_reachable' });
		await shops.meet();
		const late = decides
			.pending()
			.get()
			.find(({ asked }) => asked === 80_000);
		await decides.decide(late?.id ?? '', true, { ...key(), by: 'mia' });
		await shops.meet();
		expect(await asks.ask(await ask(80_000))).toMatchObject({ ok: true, value: late?.id });
	});

	test('two managers who decide apart: a no stands over a yes, at both and everywhere', async () => {
		const { shops, till, asks, decides } = await openTills();
		const asking = asks.ask(askOf(await purchase(till, 60_000, key())), { timeoutMs: 20_000 });
		await shops.world.advance(400);
		const id = decides.pending().get()[0]?.id ?? '';
		shops.isolate(1);
		await approvalsOf(shops.till(2)).decide(id, false, { ...key(), by: 'mia' });
		await decides.decide(id, true, { ...key(), by: 'mia' });
		await shops.meet();
		expect(await asking).toMatchObject({ ok: false, code: 'denied' });
		expect([0, 1, 2].map((t) => approvalsOf(shops.till(t)).list().get()[0]?.state)).toEqual([
			'denied',
			'denied',
			'denied',
		]);
	});

	test('S37 with no line at all: the manager’s device reads a QR, its code lets the till go on, once', async () => {
		const { shops, till, asks, decides } = await openTills();
		shops.isolate(0);
		const ask = askOf(await purchase(till, 60_000, key()));
		const challenged = await asks.challenge(ask);
		if (!challenged.ok) throw new TypeError(challenged.message);
		const { qr, answer } = challenged.value;
		const response = decides.respond(qr, 'mia');
		expect(response).toMatchObject({ ask, code: expect.stringMatching(/^\d{8}$/) });
		expect(decides.respond(qr, 'cass').code).toBeUndefined();
		expect(() => decides.respond('https://example.com', 'mia')).toThrow('qr');
		const code = response.code ?? '';
		const wrong = code === '00000000' ? '00000001' : '00000000';
		expect(await answer(wrong, 'mia')).toMatchObject({ ok: false, code: 'denied' });
		expect(await answer(code, 'cass')).toMatchObject({ ok: false, code: 'denied' });
		const yes = await answer(`${code.slice(0, 4)} ${code.slice(4)}`, 'mia');
		expect(yes).toMatchObject({ ok: true });
		expect(await answer(code, 'mia')).toMatchObject({ ok: false, code: 'approval_not_valid' });
		const approval = yes.ok ? yes.value : '';
		expect(await purchase(till, 60_001, { ...key(), approval })).toMatchObject({ code: 'approval_not_valid' });
		expect(await purchase(till, 60_000, { ...key(), approval })).toMatchObject({ ok: true });
		expect(await purchase(till, 60_000, { ...key(), approval })).toMatchObject({ code: 'approval_not_valid' });
		await shops.meet();
		expect(decides.list().get()).toMatchObject([{ state: 'used', decided: [{ by: 'mia', code: true }] }]);

		const second = await asks.challenge(askOf(await purchase(till, 60_000, key())));
		if (!second.ok) throw new TypeError(second.message);
		for (let guess = 0; guess < 5; guess++) await second.value.answer('123', 'mia');
		const right = decides.respond(second.value.qr, 'mia').code ?? '';
		expect(right).not.toBe(code);
		expect(await second.value.answer(right, 'mia')).toMatchObject({ ok: false, code: 'denied' });
		await shops.meet();
		expect(decides.list({ state: 'denied' }).get()).toMatchObject([{ decided: [{ yes: false, code: true }] }]);
	});
});
