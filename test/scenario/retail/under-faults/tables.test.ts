import { expect, test } from 'vitest';
import type { OrderId, PricedLine } from '../../../../src/retail/documents/order.js';
import { settleRight } from '../../../../src/retail/orders/order-pools.js';
import type { OrderState } from '../../../../src/retail/orders/order-state.js';
import type { Retail } from '../../../../src/retail/retail.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, staleOf, twice } from './street.js';

/** What waiters wrote down, and what guests paid. */
interface Street {
	readonly opened: Deeds<string, OrderId>;
	/** Most that was ever asked for of each line, by its id. */
	readonly most: Map<string, number>;
	readonly added: Deeds<{ readonly order: OrderId; readonly qty: number }, string>;
	readonly changed: Deeds<{ readonly line: string; readonly qty: number }>;
	readonly struck: Deeds<{ readonly line: string }>;
	readonly paid: Deeds<{ readonly order: OrderId; readonly due: number }>;
	readonly voided: Deeds<OrderId>;
	readonly parked: Deeds<OrderId>;
	readonly recalled: Deeds<OrderId>;
	readonly followUps: Deeds<OrderId, OrderId>;
	readonly resolved: Deeds<string, void>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

const price = 100;

function unsettled({ till, place }: App, pick: Pick): OrderState | undefined {
	const paid = new Set(place.outside.paid.possible.map(({ what }) => what.order));
	const open = till.orders
		.list()
		.get()
		.filter(({ state }) => state === 'open' || state === 'parked');
	return staleOf(open, ({ id }) => paid.has(id), pick);
}

const actions = {
	async open(app: App) {
		const { till, place } = app;
		// At few tables people get in each other's way.
		if (till.orders.list({ state: 'open' }).get().length > 2) return 'no table is free';
		const table = place.unique();
		return place.outside.opened.ask(app, table, (options) =>
			till.orders.open({ table, lines: [{ sku: 'TEA', qty: 1, unitPrice: price }] }, options),
		);
	},
	async 'S6 add'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = unsettled(app, pick);
		if (!order) return 'none';
		const qty = 1 + pick(3);
		const { added, most } = place.outside;
		return added.ask(app, { order: order.id, qty }, async (options) => {
			const outcome = await till.orders.addLine(order.id, { sku: 'TEA', qty, unitPrice: price }, options);
			if (outcome.ok) most.set(outcome.value, qty);
			return outcome;
		});
	},
	async 'S7 change'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = unsettled(app, pick);
		const line = oneOf(order?.lines ?? [], pick)?.id;
		if (!order || line === undefined) return 'none';
		const qty = 1 + pick(5);
		const { changed, most } = place.outside;
		most.set(line, Math.max(qty, most.get(line) ?? 0));
		return changed.ask(app, { line, qty }, (options) => till.orders.changeLine(order.id, line, { qty }, options));
	},
	async 'S7 strike out'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = unsettled(app, pick);
		const line = oneOf(order?.lines ?? [], pick)?.id;
		if (!order || line === undefined) return 'none';
		const { struck } = place.outside;
		return struck.ask(app, { line }, (options) => till.orders.voidLine(order.id, line, { reason: 'cold', ...options }));
	},
	async 'S7 pay'(app: App, pick: Pick) {
		const { till, place } = app;
		if (pick(2) === 0) await street.atTheStroke(app);
		const order = unsettled(app, pick);
		if (!order || order.lines.length === 0) return 'none';
		const input = { order: order.id, tenders: [street.cash(order.net)] };
		return place.outside.paid.ask(app, { order: order.id, due: order.net }, (options) => till.checkout(input, options));
	},
	async 'S8 void'(app: App, pick: Pick) {
		const { till, place } = app;
		if (pick(2) === 0) await street.atTheStroke(app);
		const order = unsettled(app, pick);
		if (!order) return 'none';
		const { voided } = place.outside;
		return voided.ask(app, order.id, (options) => till.orders.void(order.id, { reason: 'left', ...options }));
	},
	async 'S9 park'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = unsettled(app, pick);
		if (!order) return 'none';
		return place.outside.parked.ask(app, order.id, (options) => till.orders.park(order.id, options));
	},
	async 'S9 recall'(app: App) {
		const { till, place } = app;
		const { recalled } = place.outside;
		await street.atTheStroke(app);
		const [order] = till.orders.list({ state: 'parked' }).get();
		if (!order) return 'none';
		return recalled.ask(app, order.id, (options) => till.orders.recall(order.id, { ...options, timeoutMs: 500 }));
	},
	async 'S7 bill what came late'(app: App, pick: Pick) {
		const { till, place } = app;
		const late = street.exceptionsOf(till, 'late_change').filter(({ state }) => state === 'open');
		const billed = new Set(place.outside.followUps.possible.map(({ what }) => what));
		const order = staleOf(late, ({ subject }) => billed.has(subject), pick)?.subject;
		if (order === undefined) return 'none';
		return place.outside.followUps.ask(app, order, (options) => till.orders.followUp(order, options));
	},
	async 'S8 resolve'(app: App, pick: Pick) {
		return street.resolveOne(app, app.place.outside.resolved, 'refunded', pick);
	},
};

const stateOf = (till: Retail, id: OrderId) => till.orders.get(id).get();

/** Lines that stand on an order, came late to it, were billed elsewhere, or were said to be dealt with. */
function linesOn(order: OrderState): string[] {
	const dealt = order.resolutions.flatMap(({ value }) => value.lines ?? []);
	return [...order.lines.map(({ id }) => id), ...order.late.map(({ line }) => line), ...dealt.map(({ line }) => line)];
}

function expectAdded(till: Retail, { added, struck }: Street, happened: (note: string) => boolean): void {
	const gone = new Set(struck.possible.map(({ what }) => what.line));
	for (const { what, told, note } of added.done) {
		if (!happened(note) || gone.has(told)) continue;
		const order = stateOf(till, what.order);
		expect(order && linesOn(order), `S6 line ${told} of ${what.order}`).toContain(told);
	}
}

test(
	`S6 S7 S8 S9 tables under all faults, ${seeds} seeds: every line stays, each order is paid once by its one owner, what came late is somebody's to look at`,
	() =>
		playShops<Street>({
			opening: ({ till, place }) =>
				till.catalog.define([{ sku: 'TEA', name: 'Tea', policy: 'none' }], { idempotencyKey: place.unique() }),
			actions,
			outside: () => ({
				opened: new Deeds(),
				most: new Map(),
				added: new Deeds(),
				changed: new Deeds(),
				struck: new Deeds(),
				paid: new Deeds(),
				voided: new Deeds(),
				parked: new Deeds(),
				recalled: new Deeds(),
				followUps: new Deeds(),
				resolved: new Deeds(),
			}),
			always: {
				'S6 a till shows the lines that it took down': ({ apps, outside }) => {
					for (const { till, place } of apps) {
						const own = new Set(outside.added.done.filter((deed) => deed.till === place.till).map(({ note }) => note));
						expectAdded(till, outside, (note) => own.has(note));
					}
				},
				'S7 no order is paid twice': ({ apps, outside }) => {
					expect(twice(outside.paid.done.map(({ what }) => what.order))).toEqual([]);
					for (const { till } of apps)
						for (const { settlements } of till.orders.list().get()) expect(settlements.length).toBeLessThanOrEqual(1);
				},
				'S8 nothing is resolved twice': ({ outside }) => {
					expect(twice(outside.resolved.done.map(({ what }) => what))).toEqual([]);
				},
				'S9 an order has one owner': ({ apps }) => {
					const owned = apps.flatMap(({ till }) =>
						till.orders
							.list()
							.get()
							.filter((order) => {
								const { pool, key } = settleRight(till.shop, order);
								return pool.mine(key) > 0;
							})
							.map(({ id }) => id),
					);
					expect(twice(owned)).toEqual([]);
				},
			},
			finally: {
				'S6 S7 S8 S9 what people were told is what the books have, and all tills say the same': ({ apps, outside }) => {
					const { most: _, ...deeds } = outside;
					street.expectTold(Object.values(deeds), street.notesOf(apps));
					street.expectSame(apps, (till) => [till.orders.list().get(), street.exceptionsOf(till)]);
				},
				'S6 all lines are there, each once': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					for (const { till } of apps) {
						expectAdded(till, outside, (note) => notes.has(note));
						for (const { lines } of till.orders.list().get()) expect(twice(lines.map(({ id }) => id))).toEqual([]);
					}
				},
				'S7 guests paid what the books say, and what they did not see then is late': ({ apps, outside }) => {
					for (const { till } of apps) {
						for (const { what } of outside.paid.done) expect(stateOf(till, what.order)?.settled?.due).toBe(what.due);
						for (const order of till.orders.list().get()) expectLate(till, order);
					}
				},
				'S7 no guest is billed for more of a line than was ever asked for': ({ apps, outside }) => {
					const billed = new Map<string, number>();
					for (const { settled, followUpOf } of apps[0]?.till.orders.list().get() ?? []) {
						// What is billed of a changed line is a line of its own; of one that came late whole it is the line itself.
						if (!settled || followUpOf !== undefined) continue;
						for (const { id, qty } of settled.lines) billed.set(id, (billed.get(id) ?? 0) + qty);
					}
					for (const order of apps[0]?.till.orders.list().get() ?? [])
						for (const { value } of order.resolutions)
							if (value.followUp !== undefined)
								for (const { line, qty } of value.lines ?? []) billed.set(line, (billed.get(line) ?? 0) + qty);
					for (const { told } of outside.added.done)
						expect(billed.get(told) ?? 0).toBeLessThanOrEqual(outside.most.get(told) ?? 0);
				},
				'S7 a follow-up bills exactly what it says is dealt with': ({ apps, outside }) => {
					const notes = new Set(outside.followUps.all.map(({ note }) => note));
					const [first] = apps;
					const sums = new Map<string, { billed: number; dealt: number }>();
					for (const { value } of first ? street.entriesOf(first.till, ['orders']) : []) {
						const { verb, note = '', lines = [] } = value as typeof value & { lines?: readonly PricedLine[] };
						if (!notes.has(note) || verb === 'order.open') continue;
						const sum = sums.get(note) ?? { billed: 0, dealt: 0 };
						sums.set(note, sum);
						sum[verb === 'order.add' ? 'billed' : 'dealt'] += street.sumOf(lines, ({ qty }) => qty);
					}
					for (const { billed, dealt } of sums.values()) expect(billed).toBe(dealt);
				},
				'S8 a payment stands over a void, and opens one request to refund it': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const paid = new Map(outside.paid.in(notes).map(({ what }) => [what.order, what.due]));
					for (const { till } of apps)
						for (const { what: order } of outside.voided.in(notes)) {
							const requests = street.exceptionsOf(till, 'refund_request').filter(({ subject }) => subject === order);
							expect(stateOf(till, order)?.state).toBe(paid.has(order) ? 'settled' : 'voided');
							expect(requests.map(({ amount }) => amount)).toEqual(paid.has(order) ? [paid.get(order)] : []);
						}
				},
				'S9 who recalled an order had the right to settle it, and one has it now': ({ apps }) => {
					const [{ till } = {}] = apps;
					if (!till) return;
					const recalls = [...street.entriesOf(till, ['orders'])].filter(({ value }) => value.verb === 'order.recall');
					// The right moves with all that its last owner had seen: two tills that recall a parked order apart cannot both have it.
					const turns = recalls.map(
						({ id, device, value }) => `${device} ${id} ${(value as unknown as { n: number }).n}`,
					);
					expect(twice([...new Set(turns)].map((turn) => turn.slice(turn.indexOf(' '))))).toEqual([]);
					for (const order of till.orders.list().get()) {
						const { id, state } = order;
						if (state !== 'open' && state !== 'parked') continue;
						const { pool, key } = settleRight(till.shop, order);
						expect(pool.total(key).get().level).toBe(1);
						expect(till.orders.owner(id)).toBeDefined();
					}
					street.expectSame(apps, (one) =>
						one.orders
							.list({ state: 'open' })
							.get()
							.map(({ id }) => one.orders.owner(id)),
					);
				},
			},
		}),
	300_000,
);

/** Of what came late to an order somebody is asked to look at what nobody has dealt with; what was dealt with has its order. */
function expectLate(till: Retail, { id, late, resolutions, followUps }: OrderState): void {
	const asked = street.exceptionsOf(till, 'late_change').filter(({ subject }) => subject === id);
	expect(asked.filter(({ state }) => state === 'open').length, `S7 late changes of ${id}`).toBe(
		late.length > 0 ? 1 : 0,
	);
	const billed = resolutions.flatMap(({ value }) => value.followUp ?? []);
	expect([...billed].sort()).toEqual(followUps);
	for (const followUp of followUps) expect(stateOf(till, followUp)?.followUpOf).toBe(id);
}
