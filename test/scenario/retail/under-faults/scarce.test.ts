import { expect, test } from 'vitest';
import type { Sale } from '../../../../src/retail/checkout/checkout.js';
import type { Refund } from '../../../../src/retail/checkout/refund.js';
import type { CouponId, OrderId } from '../../../../src/retail/documents/order.js';
import type { Fact } from '../../../../src/retail/sales/fact.js';
import { Sales } from '../../../../src/retail/sales/sales.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, sumOf, twice } from './street.js';

/** What really happened, whatever any till remembers. */
interface Street {
	readonly coupons: CouponId[];
	readonly received: Deeds<{ readonly qty: number }, void>;
	readonly sold: Deeds<{ readonly qty: number; readonly earn: number; readonly coupon?: CouponId }, Sale>;
	readonly redeemed: Deeds<{ readonly points: number }>;
	readonly tables: Deeds<undefined, OrderId>;
	readonly settled: Deeds<OrderId, Sale>;
	readonly refunded: Deeds<OrderId, Refund>;
	readonly booked: Deeds<number, { readonly state: string }>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

const price = 100;
const hourMs = 3_600_000;
const at = Date.UTC(2026, 0, 2, 1);
const instant = (ms: number) => new Date(ms).toISOString();
const slot = (n: number) => ({ resource: 'ada', from: instant(at + n * hourMs), to: instant(at + (n + 1) * hourMs) });
const lineOf = (qty: number) => ({ sku: 'TEA', qty, unitPrice: price });

async function opening(app: App): Promise<void> {
	const { till, place } = app;
	await till.catalog.define([{ sku: 'TEA', name: 'Tea' }], street.key(app));
	await till.members.register({ id: 'm-1' }, street.key(app));
	const [from, until] = [instant(at - 960 * hourMs), instant(at + 960 * hourMs)];
	const coupons = await till.members.issueCoupons({ campaign: 'c', count: 4, value: 1, from, until }, street.key(app));
	if (coupons.ok) place.outside.coupons.push(...coupons.value);
	// A time that two tills offer is offered twice, as goods that two tills receive come twice.
	await till.appointments.offer({ resource: 'ada', from: slot(0).from, to: slot(3).to }, street.key(app));
}

const actions = {
	async 'S19 receive'(app: App, pick: Pick) {
		const { till, place } = app;
		const qty = 1 + pick(5);
		const delivery = { document: place.unique(), lines: [{ sku: 'TEA', qty }] };
		return place.outside.received.ask(app, { qty }, (options) => till.stock.receive(delivery, options));
	},
	async 'S19 sell'(app: App, pick: Pick) {
		const { till, place } = app;
		const [qty, earn] = [1 + pick(2), pick(2) * 10];
		const member = earn > 0 ? { member: 'm-1', earn } : {};
		const input = { lines: [lineOf(qty)], tenders: [street.cash(qty * price)], ...member };
		return place.outside.sold.ask(app, { qty, earn }, (options) => till.checkout(input, options));
	},
	async 'S30 use a coupon'(app: App, pick: Pick) {
		const { till, place } = app;
		const coupon = oneOf(place.outside.coupons, pick);
		if (coupon === undefined) return 'none';
		const input = { lines: [lineOf(1)], tenders: [{ kind: 'coupon' as const, coupon, amount: price }] };
		return place.outside.sold.ask(app, { qty: 1, earn: 0, coupon }, (options) => till.checkout(input, options));
	},
	async 'S28 redeem'(app: App, pick: Pick) {
		const { till, place } = app;
		const points = 1 + pick(15);
		const redemption = { member: 'm-1', purse: 'points', amount: points, reason: 'gift' } as const;
		return place.outside.redeemed.ask(app, { points }, (options) => till.members.redeem(redemption, options));
	},
	async table(app: App) {
		const { till, place } = app;
		return place.outside.tables.ask(app, undefined, (options) => till.orders.open({ lines: [lineOf(1)] }, options));
	},
	async 'S19 pay for a table'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = oneOf(till.orders.list({ state: 'open' }).get(), pick);
		if (!order) return 'none';
		const input = { order: order.id, tenders: [street.cash(order.net)] };
		return place.outside.settled.ask(app, order.id, (options) => till.checkout(input, options));
	},
	async 'S13 refund'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = oneOf(place.outside.sold.done, pick)?.told.order;
		const [line] = order === undefined ? [] : till.orders.linesOf(order);
		if (order === undefined || !line) return 'none';
		const lines = [{ line: line.id, qty: 1, restock: 'sell' as const }];
		const input = { order, lines, tenders: [street.cash(price)] };
		return place.outside.refunded.ask(app, order, (options) => till.refund(input, { ...options, timeoutMs: 500 }));
	},
	async 'S39 book'(app: App, pick: Pick) {
		const { till, place } = app;
		const n = pick(4);
		return place.outside.booked.ask(app, n, (options) =>
			till.appointments.book({ slots: [slot(n)], service: 'TEA' }, options),
		);
	},
};

const soldOn = ({ sold }: Street) => new Map(sold.done.map(({ told, what }) => [told.order, what.qty]));

test(
	`S13 S19 S28 S30 S39 a shop under all faults, ${seeds} seeds: nothing scarce twice, what customers saw is what the books say`,
	() =>
		playShops<Street>({
			retail: { members: { secret: 'sixteen bytes or more' } },
			opening,
			actions,
			outside: () => ({
				coupons: [],
				received: new Deeds(),
				sold: new Deeds(),
				redeemed: new Deeds(),
				tables: new Deeds(),
				settled: new Deeds(),
				refunded: new Deeds(),
				booked: new Deeds(),
			}),
			always: {
				'S13 no piece is refunded twice': ({ outside }) => {
					const sold = soldOn(outside);
					const back = new Map<OrderId, number>();
					for (const { what } of outside.refunded.done) back.set(what, (back.get(what) ?? 0) + 1);
					for (const [order, units] of back) expect(units).toBeLessThanOrEqual(sold.get(order) ?? 0);
				},
				'S19 nobody was promised what is not there': ({ outside: { sold, settled, received, refunded } }) => {
					const came = sumOf(received.possible, ({ what }) => what.qty) + refunded.possible.length;
					expect(sumOf(sold.done, ({ what }) => what.qty) + settled.done.length).toBeLessThanOrEqual(came);
					expect(twice(settled.done.map(({ what }) => what))).toEqual([]);
				},
				'S28 no points are spent that were not earned': ({ outside: { sold, redeemed } }) => {
					const earned = sumOf(sold.possible, ({ what }) => what.earn);
					expect(sumOf(redeemed.done, ({ what }) => what.points)).toBeLessThanOrEqual(earned);
				},
				'S30 each coupon is honoured once': ({ outside }) => {
					expect(twice(outside.sold.done.flatMap(({ what }) => what.coupon ?? []))).toEqual([]);
				},
				'S39 one time is held once': ({ outside }) => {
					const held = outside.booked.done.filter(({ told }) => told.state === 'held');
					expect(twice(held.map(({ what }) => what))).toEqual([]);
				},
			},
			finally: {
				'S13 S19 S28 S30 what people were told is what the books have': ({ apps, outside }) => {
					const { sold, settled, redeemed, refunded, received, tables } = outside;
					street.expectTold([sold, settled, redeemed, refunded, received, tables], street.notesOf(apps));
				},
				'S19 all tills say the same of the stock: what came, less what went': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const { sold, settled, refunded, received } = outside;
					const came = sumOf(received.in(notes), ({ what }) => what.qty) + refunded.in(notes).length;
					const went = sumOf(sold.in(notes), ({ what }) => what.qty) + settled.in(notes).length;
					for (const { till } of apps) expect(till.stock.level({ sku: 'TEA' }).get().store).toBe(came - went);
				},
				'S28 points are those earned less those redeemed': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const earned = sumOf(outside.sold.in(notes), ({ what }) => what.earn);
					const left = earned - sumOf(outside.redeemed.in(notes), ({ what }) => what.points);
					for (const { till } of apps) expect(till.members.accountNow('m-1')?.purses.points?.total ?? 0).toBe(left);
				},
				'all tills say the same of the days, and each day is its own recount': ({ apps }) => {
					street.expectSame(apps, (till) => {
						const facts = [...Sales.of(till.shop).between('2000-01-01', '2100-01-01')];
						const days = [...new Set(facts.map(({ date }) => date))].sort();
						const query = { stores: 'all', from: days[0] ?? '2026-01-01', to: days.at(-1) ?? '2026-01-01' } as const;
						expect(sumOf(till.totals.now(query), ({ net }) => net)).toBe(sumOf(facts, ({ net }) => net));
						return days.map((businessDate) => till.day.x({ businessDate }));
					});
				},
				'money: tenders are lines, taxes and rounding, less refunds': ({ apps }) => {
					for (const { till } of apps)
						for (const fact of Sales.of(till.shop).between('2000-01-01', '2100-01-01')) expectBalanced(fact);
				},
			},
		}),
	300_000,
);

function expectBalanced({ net, tax, rounding, due, tenders }: Fact): void {
	expect(net + tax + rounding).toBe(due);
	expect(sumOf(tenders, ({ amount }) => amount)).toBe(due);
}
