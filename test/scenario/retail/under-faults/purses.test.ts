import { expect, test } from 'vitest';
import type { DebtMade, DebtRepaid, Redeemed } from '../../../../src/retail/documents/member.js';
import type { Account } from '../../../../src/retail/members/accounts.js';
import { bucketOf, ledgerOf, memberPool } from '../../../../src/retail/members/purses.js';
import type { Retail } from '../../../../src/retail/retail.js';
import { addDays, type IsoDate } from '../../../../src/retail/shop/business-day.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, sumOf, twice } from './street.js';

/** Money that members paid in and spent, and points that they were given. */
interface Street {
	readonly paidIn: Deeds<{ readonly amount: number }, Account>;
	readonly repaid: Deeds<{ readonly amount: number }, Account>;
	readonly spent: Deeds<{ readonly amount: number }>;
	readonly writtenOff: Deeds<string, void>;
	/** Last days of points; the first of them has been. */
	readonly lastDays: (IsoDate | undefined)[];
	readonly earned: Deeds<{ readonly points: number; readonly expiresOn: IsoDate | undefined }, Account>;
	/** `today`: by the till's calendar, just before. */
	readonly redeemed: Deeds<{ readonly points: number; readonly today: IsoDate }, Account>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

const perSale = 60;
const risk = 70;
const [payer, collector] = ['m-1', 'm-2'];

const actions = {
	async 'S29 pay in'(app: App, pick: Pick) {
		const { till, place } = app;
		const amount = 20 + pick(60);
		const topUp = { member: payer, paid: amount, tenders: [street.cash(amount)] };
		return place.outside.paidIn.ask(app, { amount }, (options) => till.members.topUp(topUp, options));
	},
	async 'S29 pay'(app: App, pick: Pick) {
		const { till, place } = app;
		const amount = 10 + pick(90);
		const tenders = [{ kind: 'purse', purse: 'stored', amount }] as const;
		const input = { lines: [{ sku: 'CUT', qty: 1, unitPrice: amount }], tenders, member: payer, lend: true };
		return place.outside.spent.ask(app, { amount }, (options) => till.checkout(input, options));
	},
	async 'S29 check in'({ till }: App, pick: Pick) {
		const expected = pick(2) === 0 ? ([payer, 40] as const) : ([collector, { points: 10 }] as const);
		const [member, expect] = expected;
		return (await till.members.checkIn(member, { expect, timeoutMs: 500 })).reachable;
	},
	async 'S29 pay back'(app: App, pick: Pick) {
		const { till, place } = app;
		const debt = till.members.accountNow(payer)?.purses.stored?.debt ?? 0;
		if (debt === 0) return 'nothing owed';
		const amount = 1 + pick(debt);
		const repayment = { member: payer, amount, tenders: [street.cash(amount)] };
		return place.outside.repaid.ask(app, { amount }, (options) => till.members.repay(repayment, options));
	},
	'S29 write off': (app: App, pick: Pick) => street.resolveOne(app, app.place.outside.writtenOff, 'lost', pick, 'debt'),
	async 'S31 earn'(app: App, pick: Pick) {
		const { till, place } = app;
		const [points, expiresOn] = [5 + pick(20), oneOf(place.outside.lastDays, pick)];
		const dated = expiresOn === undefined ? {} : { expiresOn };
		const earning = { member: collector, points, source: place.unique(), ...dated };
		return place.outside.earned.ask(app, { points, expiresOn }, (options) => till.members.earn(earning, options));
	},
	async 'S31 redeem'(app: App, pick: Pick) {
		const { till, place } = app;
		const points = 1 + pick(12);
		const redemption = { member: collector, purse: 'points', amount: points, reason: 'gift' } as const;
		const what = { points, today: till.shop.today() };
		return place.outside.redeemed.ask(app, what, (options) => till.members.redeem(redemption, options));
	},
};

function* documentsOf<D extends { readonly verb: string }>(
	till: Retail,
	member: string,
	verb: D['verb'],
): Generator<D> {
	for (const { id, value } of street.entriesOf(till, ['members']))
		if (id === member && value.verb === verb) yield value as unknown as D;
}

const storedOf = ({ members }: Retail) => ({ total: 0, debt: 0, ...members.accountNow(payer)?.purses.stored });
const amountOf = (deeds: readonly { readonly what: { readonly amount: number } }[]) =>
	sumOf(deeds, ({ what }) => what.amount);
const writtenOff = (till: Retail) =>
	sumOf(documentsOf<DebtRepaid>(till, payer, 'member.repay'), ({ source, repaid }) =>
		source === 'written_off' ? sumOf(repaid, ({ units }) => units) : 0,
	);

/** What is left of points that are good until this day. */
function pointsLeft({ shop }: Retail, expiresOn: IsoDate | undefined): number {
	const { pool, key } = bucketOf(collector, 'points', expiresOn);
	return memberPool(shop, ledgerOf(collector), pool).total(key).get().level;
}

test(
	`S16 S29 S31 purses under all faults, ${seeds} seeds: nothing is lent beyond the floor limit, what is lent is owed, and points are good until their midnight`,
	() =>
		playShops<Street>({
			zone: 'Atlantic/Azores', // the shop opens an hour before midnight
			retail: { members: { secret: 'sixteen bytes or more', floor: { perSale } } },
			opening: async (app) => {
				const { till, place } = app;
				const today = till.shop.today();
				place.outside.lastDays.push(undefined, ...[-1, 0, 0, 1, 400].map((days) => addDays(today, days)));
				await till.catalog.define([{ sku: 'CUT', name: 'Cut', policy: 'none' }], street.key(app));
				for (const id of [payer, collector]) await till.members.register({ id }, street.key(app));
				await till.members.grantRisk({ amount: risk }, street.key(app));
			},
			actions,
			outside: () => ({
				paidIn: new Deeds(),
				repaid: new Deeds(),
				spent: new Deeds(),
				writtenOff: new Deeds(),
				lastDays: [],
				earned: new Deeds(),
				redeemed: new Deeds(),
			}),
			always: {
				'S29 nobody spends more than was paid in and may be lent': ({ outside: { paidIn, repaid, spent } }) => {
					expect(amountOf(spent.done)).toBeLessThanOrEqual(
						amountOf(paidIn.possible) + amountOf(repaid.possible) + risk,
					);
				},
				'S29 no sale lends more than it may, and whoever may not is told so': ({ apps, outside }) => {
					for (const { till } of apps)
						for (const { lent } of documentsOf<Redeemed>(till, payer, 'member.redeem'))
							expect(lent?.units ?? 0).toBeLessThanOrEqual(perSale);
					const clear = ['over_floor_limit', 'insufficient_balance', 'unknown_member', 'unknown_sku'];
					for (const { code } of outside.spent.all) if (code !== undefined) expect(clear).toContain(code);
				},
				'S29 no debt is written off twice': ({ outside }) => {
					expect(twice(outside.writtenOff.done.map(({ what }) => what))).toEqual([]);
				},
				'S31 no points are taken after their last day': ({ apps }) => {
					for (const { till } of apps)
						for (const { taken, date } of documentsOf<Redeemed>(till, collector, 'member.redeem'))
							for (const { key } of taken) expect((key.split('@')[1] ?? date) >= date, `${key} on ${date}`).toBe(true);
				},
				'S28 nobody spends points that he was not given': ({ outside: { earned, redeemed } }) => {
					const given = sumOf(earned.possible, ({ what }) => what.points);
					expect(sumOf(redeemed.done, ({ what }) => what.points)).toBeLessThanOrEqual(given);
				},
			},
			finally: {
				'S29 S31 what people were told is what the books have, and all tills say the same': ({ apps, outside }) => {
					const { lastDays: _, ...deeds } = outside;
					street.expectTold(Object.values(deeds), street.notesOf(apps));
					street.expectSame(apps, (till) => [
						[payer, collector].map((member) => till.members.accountNow(member)?.purses.stored?.total),
						outside.lastDays.map((day) => pointsLeft(till, day)),
						street.exceptionsOf(till),
					]);
				},
				'S29 a balance less what is owed is what was paid in less what was spent': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const [paidIn, repaid, spent] = [outside.paidIn, outside.repaid, outside.spent].map((of) =>
						amountOf(of.in(notes)),
					);
					for (const { till } of apps) {
						const { total, debt } = storedOf(till);
						expect(total - debt).toBe((paidIn ?? 0) + (repaid ?? 0) + writtenOff(till) - (spent ?? 0));
						expect(Math.min(total, debt)).toBeGreaterThanOrEqual(0);
					}
				},
				'S16 money that was paid in lies in the drawers, with what was bought for it': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					const cash = amountOf(outside.paidIn.in(notes)) + amountOf(outside.repaid.in(notes));
					for (const { till } of apps) {
						const [all] = till.totals.money({ stores: 'all', from: '2000-01-01', to: '2100-01-01' }).get();
						expect(all?.tenders.cash ?? 0).toBe(cash);
						expect((all?.onAccount.top_up ?? 0) + (all?.onAccount.repayment ?? 0)).toBe(cash);
					}
				},
				'S29 what is lent is a debt that somebody is asked to look at': ({ apps }) => {
					for (const { till } of apps) {
						const made = [...documentsOf<DebtMade>(till, payer, 'member.debt')].map(({ debt, units }) => [debt, units]);
						const lent = [...documentsOf<Redeemed>(till, payer, 'member.redeem')].flatMap((of) => of.lent ?? []);
						const asked = street.exceptionsOf(till, 'debt');
						expect(made.sort()).toEqual(lent.map(({ debt, units }) => [debt, units]).sort());
						expect(asked.map(({ id, amount }) => [id, amount]).sort()).toEqual(made);
						expect(asked.some(({ state }) => state === 'open')).toBe(storedOf(till).debt > 0);
					}
				},
				'S31 a redemption that was valid stays so, however late it came: points are those earned less those redeemed':
					({ apps, outside }) => {
						const notes = street.notesOf(apps);
						for (const { till } of apps) {
							const taken = [...documentsOf<Redeemed>(till, collector, 'member.redeem')].flatMap((of) => of.taken);
							for (const day of new Set(outside.lastDays)) {
								const { key } = bucketOf(collector, 'points', day);
								const earned = outside.earned.in(notes).filter(({ what }) => what.expiresOn === day);
								const left =
									sumOf(earned, ({ what }) => what.points) - sumOf(taken, (of) => (of.key === key ? of.units : 0));
								expect(pointsLeft(till, day)).toBe(left);
								expect(left).toBeGreaterThanOrEqual(0);
							}
							const redeemed = sumOf(outside.redeemed.in(notes), ({ what }) => what.points);
							expect(sumOf(taken, ({ units }) => units)).toBe(redeemed);
						}
					},
			},
		}),
	300_000,
);
