import { expect, test } from 'vitest';
import type { CountSheet } from '../../../../src/retail/stock/count-sheet.js';
import type { StockLevel } from '../../../../src/retail/stock/level.js';
import type { Movement } from '../../../../src/retail/stock/movement.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, sumOf } from './street.js';

type Sku = 'BOOK' | 'BEAN';

/** The shelf itself, which nobody has to look up. */
interface Street {
	readonly came: Deeds<{ readonly sku: Sku; readonly qty: number }, void>;
	readonly went: Deeds<{ readonly sku: Sku; readonly qty: number }>;
	readonly stolen: { readonly qty: number; readonly atMs: number }[];
	/** By the id of the sheet. */
	readonly counted: Deeds<{ readonly count: string; readonly qty: number }>;
	/** Requests for more beans that any till ever showed. */
	readonly requests: Set<string>;
	/** How far the clock of each till is from the street's; they are right as long as all say the same. */
	readonly offsets: Set<number>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

const price = 100;
const reorder = { below: 6, upTo: 20 };

/** Books on the shelf now. What somebody asked for he has in his hand already, until he is told no. */
function shelf({ came, went, stolen }: Street): number {
	const of = ({ possible }: Street['came'] | Street['went']) =>
		sumOf(possible, ({ what }) => (what.sku === 'BOOK' ? what.qty : 0));
	return of(came) - of(went) - sumOf(stolen, ({ qty }) => qty);
}

async function take(app: App, sku: Sku, qty: number): Promise<string> {
	const { till, place } = app;
	if (sku === 'BOOK' && shelf(place.outside) < qty) return 'the shelf is empty';
	const input = { lines: [{ sku, qty, unitPrice: price }], tenders: [street.cash(qty * price)] };
	return place.outside.went.ask(app, { sku, qty }, (options) => till.checkout(input, options));
}

async function bring(app: App, sku: Sku, qty: number): Promise<string> {
	const { till, place } = app;
	const delivery = { document: place.unique(), lines: [{ sku, qty }] };
	return place.outside.came.ask(app, { sku, qty }, (options) => till.stock.receive(delivery, options));
}

const actions = {
	'S23 receive': (app: App, pick: Pick) => bring(app, 'BOOK', 1 + pick(8)),
	'S23 sell': (app: App, pick: Pick) => take(app, 'BOOK', 1 + pick(2)),
	'S23 sell another': (app: App, pick: Pick) => take(app, 'BOOK', 1 + pick(2)),
	'S23 steal'({ place }: App) {
		if (shelf(place.outside) < 1) return 'the shelf is empty';
		place.outside.stolen.push({ qty: 1, atMs: place.now() });
		return 'nobody saw it';
	},
	async 'S23 count'(app: App) {
		const { till, place } = app;
		const sheet: CountSheet = till.stock.count();
		const qty = shelf(place.outside);
		sheet.record({ sku: 'BOOK', qty });
		return place.outside.counted.ask(app, { count: sheet.id, qty }, (options) => sheet.post(options));
	},
	'S23 fetch': async ({ till }: App, pick: Pick) =>
		(await till.stock.ensure({ sku: oneOf(['BOOK', 'BEAN'], pick) ?? '', qty: 1 + pick(4) }, { timeoutMs: 500 })).ok,
	'S25 receive': (app: App, pick: Pick) => bring(app, 'BEAN', 4 + pick(8)),
	'S25 sell': (app: App, pick: Pick) => take(app, 'BEAN', 1 + pick(3)),
	'S25 sell another': (app: App, pick: Pick) => take(app, 'BEAN', 1 + pick(3)),
};

const levelOf = ({ till }: App, sku: Sku): StockLevel => till.stock.level({ sku }).get();

/** The count that stands: the latest, by the clocks of those who counted. */
function standing(movements: readonly Movement[]): Movement | undefined {
	const counts = movements.filter(({ verb }) => verb === 'stock.count');
	return counts.sort((a, b) => a.atMs - b.atMs || ((a.count ?? '') < (b.count ?? '') ? -1 : 1)).at(-1);
}

test(
	`S23 S25 stocktakes and orders for more under all faults, ${seeds} seeds: the books are the shelf as it was counted, and one request is there for each crossing`,
	() =>
		playShops<Street>({
			opening: ({ till, place }) =>
				till.catalog.define(
					[
						{ sku: 'BOOK', name: 'Book' },
						{ sku: 'BEAN', name: 'Beans', reorder },
					],
					{ idempotencyKey: place.unique() },
				),
			actions,
			outside: () => ({
				came: new Deeds(),
				went: new Deeds(),
				stolen: [],
				counted: new Deeds(),
				requests: new Set(),
				offsets: new Set(),
			}),
			always: {
				'S25 one request at a time, and one for each delivery that it was counted from': ({ apps, outside, nowMs }) => {
					const { requests, came, offsets } = outside;
					for (const app of apps) {
						offsets.add(app.place.now() - nowMs);
						const asked = app.till.stock.replenishment().get();
						expect(asked.length).toBeLessThanOrEqual(1);
						for (const { id, qty } of asked) {
							requests.add(id);
							expect(qty).toBe(reorder.upTo - levelOf(app, 'BEAN').store);
						}
						// Whoever has not heard of beans, or not yet what they are, has nothing to ask for.
						const { stock, catalog } = app.till;
						const isKnown = stock.levels().get().has('BEAN') && catalog.sku('BEAN') !== undefined;
						expect(asked.length).toBe(isKnown && levelOf(app, 'BEAN').store < reorder.below ? 1 : 0);
					}
					const deliveries = came.possible.filter(({ what }) => what.sku === 'BEAN').length;
					expect(requests.size).toBeLessThanOrEqual(deliveries);
				},
			},
			finally: {
				'S23 S25 what people were told is what the books have, and all tills say the same': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					street.expectTold([outside.came, outside.went, outside.counted], notes);
					street.expectSame(apps, ({ stock }) => [
						['BOOK', 'BEAN'].map((sku) => [stock.level({ sku }).get().store, stock.movements({ sku }).get()]),
						stock.replenishment().get(),
					]);
				},
				'S25 beans are what came, less what went': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const of = (deeds: Street['came'] | Street['went']) =>
						sumOf(deeds.in(notes), ({ what }) => (what.sku === 'BEAN' ? what.qty : 0));
					for (const app of apps) expect(levelOf(app, 'BEAN').store).toBe(of(outside.came) - of(outside.went));
				},
				'S23 what was counted is what is there, less what went since': ({ apps, outside }) => {
					const [app] = apps;
					if (!app) return;
					const notes = street.notesOf(apps);
					const count = standing(app.till.stock.movements({ sku: 'BOOK' }).get());
					const counted = outside.counted.all.find(({ what }) => what.count === count?.count);
					expect(counted === undefined).toBe(count === undefined);
					const isBook = ({ what }: { readonly what: { readonly sku: Sku } }) => what.sku === 'BOOK';
					const [came, went] = [outside.came.in(notes).filter(isBook), outside.went.in(notes).filter(isBook)];
					const { store } = levelOf(app, 'BOOK');
					if (!counted) {
						expect(store).toBe(sumOf(came, ({ what }) => what.qty) - sumOf(went, ({ what }) => what.qty));
						return;
					}
					// Where a clock was wrong nobody can tell what was before the count: there the books agree, and no more is known.
					if (outside.offsets.size > 1) return;
					const { atMs } = counted;
					const since = (deeds: typeof came | typeof went) =>
						sumOf(deeds, (deed) => (deed.atMs > atMs ? deed.what.qty : 0));
					// Of what happened in the very millisecond of the count the books cannot know which came first.
					const unsure = sumOf([...came, ...went], (deed) => (deed.atMs === atMs ? deed.what.qty : 0));
					const expected = counted.what.qty + since(came) - since(went);
					expect(Math.abs(store - expected), `${store} books, ${expected} expected`).toBeLessThanOrEqual(unsure);
				},
			},
		}),
	300_000,
);
