import { expect, test } from 'vitest';
import type { Sale } from '../../../../src/retail/checkout/checkout.js';
import type { Refund } from '../../../../src/retail/checkout/refund.js';
import type { ZReport } from '../../../../src/retail/day/documents.js';
import type { OrderId } from '../../../../src/retail/documents/order.js';
import type { Retail } from '../../../../src/retail/retail.js';
import { addDays, type IsoDate } from '../../../../src/retail/shop/business-day.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, sumOf } from './street.js';

/** What customers paid, and what was printed at night. */
interface Street {
	/** Business days that are sold on; all have begun. */
	readonly dates: IsoDate[];
	readonly opened: Deeds<undefined, OrderId>;
	/** `isClosed`: this till knew then that the day was. */
	readonly sold: Deeds<{ readonly date: IsoDate; readonly due: number; readonly isClosed: boolean }, Sale>;
	readonly refunded: Deeds<OrderId, Refund>;
	readonly closed: Deeds<{ readonly date: IsoDate; readonly scope: 'device' | 'store' }, ZReport>;
	/** Every Z that any till ever showed, by whose it is. */
	readonly shown: Map<string, ZReport>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

/** Sums of a few such prices differ: a late sale that is taken for another shows. */
const priceOf = (pick: Pick) => 1 + pick(9_973);

function isClosed({ till }: App, date: IsoDate): boolean {
	const mine = (z: ZReport) => z.scope === 'store' || z.device === till.shop.device;
	return till.day
		.list()
		.get()
		.some((z) => z.businessDate === date && mine(z));
}

const dateOf = ({ place }: App, pick: Pick): IsoDate => oneOf(place.outside.dates, pick) ?? '2026-01-01';

const actions = {
	async 'S16 sell'(app: App, pick: Pick) {
		const { till, place } = app;
		const [businessDate, due] = [dateOf(app, pick), priceOf(pick)];
		const input = { lines: [{ sku: 'CUT', qty: 1, unitPrice: due }], tenders: [street.cash(due)], businessDate };
		const what = { date: businessDate, due, isClosed: isClosed(app, businessDate) };
		return place.outside.sold.ask(app, what, (options) => till.checkout(input, options));
	},
	async 'S16 open a table'(app: App, pick: Pick) {
		const { till, place } = app;
		return place.outside.opened.ask(app, undefined, (options) =>
			till.orders.open({ lines: [{ sku: 'CUT', qty: 1, unitPrice: priceOf(pick) }] }, options),
		);
	},
	/** On whatever day the guests leave: their order is in the ledger of the day on which they came. */
	async 'S16 pay for a table'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = oneOf(till.orders.list({ state: 'open' }).get(), pick);
		if (!order) return 'none';
		const businessDate = dateOf(app, pick);
		const what = { date: businessDate, due: order.net, isClosed: isClosed(app, businessDate) };
		const input = { order: order.id, tenders: [street.cash(order.net)], businessDate };
		return place.outside.sold.ask(app, what, (options) => till.checkout(input, options));
	},
	async 'S16 give back'(app: App, pick: Pick) {
		const { till, place } = app;
		const order = oneOf(place.outside.sold.done, pick)?.told.order;
		const [line] = order === undefined ? [] : till.orders.linesOf(order);
		if (order === undefined || !line) return 'none';
		const input = {
			order,
			lines: [{ line: line.id, qty: 1, restock: 'no' as const }],
			tenders: [street.cash(line.net)],
		};
		return place.outside.refunded.ask(app, order, (options) => till.refund(input, { ...options, timeoutMs: 500 }));
	},
	async 'S16 close'(app: App, pick: Pick) {
		const { till, place } = app;
		const businessDate = dateOf(app, pick);
		if (businessDate > till.shop.today()) return 'its clock says that the day has not begun';
		const what = { date: businessDate, scope: pick(2) === 0 ? ('device' as const) : ('store' as const) };
		return place.outside.closed.ask(app, what, (options) =>
			till.day.z({ businessDate, counted: 0, scope: what.scope }, options),
		);
	},
};

const ownerOf = ({ businessDate, scope, device }: ZReport) => `${businessDate} ${scope} ${device}`;

function lateOf(till: Retail, z: ZReport) {
	return till.day.late(z).get();
}

test(
	`S16 days under all faults, ${seeds} seeds: a Z stays as it was printed, and what comes later is a late adjustment`,
	() =>
		playShops<Street>({
			opening: async ({ till, place }) => {
				const today = till.shop.today();
				place.outside.dates.push(...[-2, -1, 0].map((days) => addDays(today, days)));
				return till.catalog.define([{ sku: 'CUT', name: 'Cut', policy: 'none' }], { idempotencyKey: place.unique() });
			},
			actions,
			outside: () => ({
				dates: [],
				opened: new Deeds(),
				sold: new Deeds(),
				refunded: new Deeds(),
				closed: new Deeds(),
				shown: new Map(),
			}),
			always: {
				'S16 a Z that was shown never changes': ({ apps, outside: { shown, closed } }) => {
					for (const { told } of closed.done) if (!shown.has(ownerOf(told))) shown.set(ownerOf(told), told);
					for (const { till } of apps)
						for (const z of till.day.list().get()) {
							expect(till.day.isSound(z)).toBe(true);
							expect(z).toEqual(shown.get(ownerOf(z)) ?? z);
							shown.set(ownerOf(z), z);
						}
				},
				'S16 a till that knows that a day is closed sells nothing on it': ({ outside }) => {
					expect(outside.sold.done.filter(({ what }) => what.isClosed)).toEqual([]);
				},
			},
			finally: {
				'S16 what people were told is what the books have, and all tills say the same': ({ apps, outside }) => {
					const { dates, opened, sold, refunded, closed } = outside;
					street.expectTold([opened, sold, refunded, closed], street.notesOf(apps));
					street.expectSame(apps, (till) => [
						till.day
							.list()
							.get()
							.map((z) => [z, lateOf(till, z)]),
						dates.map((businessDate) => till.day.x({ businessDate })),
					]);
				},
				'S16 a day is what customers paid on it': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const sold = outside.sold.in(notes);
					for (const { till } of apps)
						for (const date of outside.dates) {
							const on = sold.filter(({ what }) => what.date === date);
							const { gross, sales } = till.day.x({ businessDate: date });
							expect([gross, sales]).toEqual([sumOf(on, ({ what }) => what.due), on.length]);
						}
				},
				'S16 a Z and what came late to it are the whole day': ({ apps }) => {
					for (const { till } of apps)
						for (const z of till.day.list().get()) {
							const of = z.scope === 'device' ? { device: z.device } : {};
							const whole = till.day.x({ businessDate: z.businessDate, ...of });
							expect(z.net + sumOf(lateOf(till, z), ({ net }) => net)).toBe(whole.net);
							expect(z.sales + z.refundsCount + lateOf(till, z).length).toBe(whole.sales + whole.refundsCount);
						}
				},
			},
		}),
	300_000,
);
