import { describe, expect, test } from 'vitest';
import { createLive } from '../../../src/ledger/live.js';
import { Alerts } from '../../../src/retail/alerts/alerts.js';
import { type LowStock, largeRefunds, lowStock, openTasks } from '../../../src/retail/alerts/sources.js';
import { Messages } from '../../../src/retail/messages/messages.js';
import type { Retail } from '../../../src/retail/retail.js';
import { Tasks } from '../../../src/retail/tasks/tasks.js';
import { key, openShops } from './shops.js';

/** What stock would tell of: the cups fell below their reorder point. */
function requestsOf(till: Retail) {
	let all: readonly LowStock[] = [];
	const listeners = new Set<() => void>();
	const requests = createLive({
		version: () => all,
		read: () => all,
		listen: (changed) => {
			listeners.add(changed);
			return () => listeners.delete(changed);
		},
		timers: till.shop.platform.timers,
	});
	const fell = (id: string) => {
		all = [...all, { id, sku: 'CUP-L', qty: 40, store: 'sh-1' }];
		for (const listener of listeners) listener();
	};
	return { requests, fell };
}

/** Somebody gets this much back for it. */
const refund = (till: Retail, due: number, receiptNo: string) =>
	till.shop.writeKeyed('order.refund', { due, receiptNo }, key(), (w) =>
		w.append(`orders/sh-1/${w.head.date}`, 'order', 'o-1', {
			...w.head,
			store: 'sh-1',
			refund: receiptNo,
			receiptNo,
			lines: [],
			net: due,
			taxes: [],
			tax: 0,
			rounding: 0,
			due,
			tenders: [{ kind: 'cash', amount: due }],
		}),
	);

function watching(till: Retail) {
	const alerts = new Alerts(till.shop);
	const stock = requestsOf(till);
	alerts.watch(lowStock(till.shop, stock.requests));
	alerts.watch(largeRefunds(till.shop, 50_000));
	alerts.watch(openTasks(till.shop, new Tasks(till.shop).list({ state: 'open' })));
	return { alerts, fell: stock.fell };
}

const minuteMs = 60_000;

describe('alerts', () => {
	test('S42 stock below its threshold, a bad review, a large refund: whoever subscribed is told once, whatever merged', async () => {
		const shops = await openShops({ tillsPerStore: 3 });
		const tills = [0, 1, 2].map((t) => watching(shops.till(t)));
		const [a, b, c] = tills;
		if (!a || !b || !c) throw new TypeError('three tills');
		await a.alerts.subscribe('manager', ['low-stock', 'large-refund', 'reviews.*']);
		await a.alerts.subscribe('kitchen', ['low-stock']);
		await shops.meet();
		const told: string[] = [];
		c.alerts.consume('app', async ({ id }) => void told.push(id), { role: 'manager' });

		// Everybody sees the crossing, and two tills hear of the review, all of them apart.
		for (const t of [0, 1, 2]) shops.isolate(t);
		for (const till of tills) till.fell('r-1');
		const review = { kind: 'reviews.bad', subject: 'order 17', summary: 'Cold coffee', what: '17' } as const;
		for (const till of [a, b]) expect(await till.alerts.raise(review)).toMatchObject({ value: 'reviews.bad:17' });
		await refund(shops.till(0), 60_000, 'R-1');
		await refund(shops.till(0), 49_999, 'R-2');
		await shops.world.advance(minuteMs);
		await shops.meet();
		await shops.world.advance(minuteMs);
		const ids = ['large-refund:o-1/R-1', 'low-stock:r-1', 'reviews.bad:17'];
		for (const { alerts } of tills)
			expect(
				alerts
					.recent({ role: 'manager' })
					.get()
					.map(({ id }) => id)
					.sort(),
			).toEqual(ids);
		expect(a.alerts.recent({ role: 'kitchen' }).get()).toMatchObject([{ subject: 'CUP-L', amount: 40, store: 'sh-1' }]);
		expect(b.alerts.recent({ kind: 'large-refund' }).get()).toMatchObject([{ subject: 'R-1', amount: 60_000 }]);
		expect([...told].sort()).toEqual(ids);

		// The next crossing is another one; with the lines up one till says so, the others see it.
		for (const till of tills) till.fell('r-2');
		await shops.world.advance(minuteMs);
		await shops.meet();
		expect(shops.till(0).shop.desk.logs('alert').entries('low-stock:r-2')).toHaveLength(2); // raised, and consumed
		expect(told).toHaveLength(4);
	});

	test('a consumer sees each alert at least once, by the same id: after a failure, and where the till dies before it is done', async () => {
		const shops = await openShops({ tillsPerStore: 2 });
		const seen: string[] = [];
		const raise = (what: string) => new Alerts(shops.till(1).shop).raise({ kind: 'reviews.bad', subject: what, what });
		let fails = 2;
		const end = new Alerts(shops.till(0).shop).consume('erp', async ({ subject }) => {
			seen.push(subject);
			if (subject === 'flaky' && fails-- > 0) throw new Error('no answer');
			if (subject === 'slow') await new Promise(() => {});
		});
		await raise('flaky');
		await shops.world.advance(500);
		expect(seen).toEqual(['flaky']);
		await raise('fine');
		await shops.meet();
		await shops.world.advance(10_000);
		expect([...seen].sort()).toEqual(['fine', 'flaky', 'flaky', 'flaky']);
		await raise('slow');
		await shops.meet();
		expect(seen.at(-1)).toBe('slow');
		await shops.world.crash(0);
		end();
		await raise('last');
		await shops.meet();
		const again: string[] = [];
		new Alerts(shops.till(0).shop).consume('erp', async ({ subject }) => void again.push(subject));
		await shops.world.advance(1_000);
		expect(again).toEqual(['slow', 'last']);
		const other: string[] = [];
		const stop = new Alerts(shops.till(0).shop).consume('bi', async ({ subject }) => void other.push(subject));
		stop();
		await shops.world.advance(1_000);
		expect(other).toEqual([]);
	});

	test('a task is an alert too; kinds that are neither ours nor a vendor’s are no kinds', async () => {
		const shops = await openShops({ tillsPerStore: 2 });
		const [a, b] = [0, 1].map((t) => watching(shops.till(t)));
		const task = await new Tasks(shops.till(0).shop).open({ kind: 'salon.call', summary: 'Call Mrs Li' }, key());
		await shops.world.advance(5_000);
		await shops.meet();
		const id = task.ok ? `task:${task.value}` : '';
		expect(b?.alerts.recent().get()).toMatchObject([
			{ id, kind: 'task', subject: 'salon.call', summary: 'Call Mrs Li' },
		]);
		expect(shops.till(0).shop.desk.logs('alert').entries(id)).toHaveLength(1);
		await expect(a?.alerts.raise({ kind: 'bad' as 'a.b', subject: 'x' })).rejects.toMatchObject({ path: 'kind' });
	});
});

describe('messages', () => {
	test('a ticket goes to the kitchen with the relay down; the till sees who has read it', async () => {
		const shops = await openShops({ tillsPerStore: 3 });
		const [till, kitchen, other] = [0, 1, 2].map((t) => shops.till(t));
		if (!till || !kitchen || !other) throw new TypeError('three tills');
		for (const t of [0, 1, 2]) shops.world.cut(t, 'relay');
		const messages = new Messages(till.shop);
		const once = key();
		const ticket = { to: { role: 'kitchen' }, text: '2 x Latte, oat milk', about: 'o-1' };
		const sent = await messages.send(ticket, once);
		expect(await messages.send(ticket, once)).toMatchObject({ ok: true, replayed: true });
		await messages.send({ to: { staff: 'jj' }, text: 'Your two o’clock is here' });
		await shops.world.advance(1_000);
		const inbox = new Messages(kitchen.shop).inbox({ role: 'kitchen' }, { state: 'sent' });
		expect(inbox.get()).toMatchObject([{ text: '2 x Latte, oat milk', about: 'o-1', state: 'sent', receipts: [] }]);
		const id = sent.ok ? sent.value : '';
		expect(await new Messages(kitchen.shop).read(id, { by: 'ko' })).toMatchObject({ ok: true });
		expect(await new Messages(kitchen.shop).read(id, { by: 'ko' })).toMatchObject({ ok: false, code: 'wrong_state' });
		expect(await messages.read('none')).toMatchObject({ ok: false, code: 'unknown_message' });
		await shops.world.advance(1_000);
		expect(inbox.get()).toEqual([]);
		const { receipts } = messages.message(id).get() ?? {};
		expect(receipts).toMatchObject([{ by: 'ko', device: kitchen.shop.device }]);
		expect(new Messages(other.shop).inbox({ staff: 'jj' }).get()).toHaveLength(1);
		await expect(messages.send({ to: { role: 'kitchen' }, text: 'x'.repeat(5_000) })).rejects.toMatchObject({
			path: 'text',
		});
	});
});
