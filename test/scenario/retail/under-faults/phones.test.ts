import { expect, test } from 'vitest';
import type { MemberId } from '../../../../src/retail/documents/order.js';
import type { Account } from '../../../../src/retail/members/accounts.js';
import type { Retail } from '../../../../src/retail/retail.js';
import * as street from './street.js';
import { Deeds, oneOf, playShops, seeds, sumOf } from './street.js';

/** Cards that people carry, by the phone that they named for each. */
interface Street {
	readonly registered: Deeds<{ readonly phone: string }, MemberId>;
	readonly earned: Deeds<{ readonly member: MemberId; readonly points: number }, Account>;
	readonly redeemed: Deeds<{ readonly member: MemberId; readonly points: number }, Account>;
	/** What each till ever showed of members' histories. */
	readonly read: Map<number, Set<string>>;
}

type App = street.App<Street>;
type Pick = (n: number) => number;

const phones = ['13800000001', '13800000002', '13800000003'] as const;

const cardOf = ({ place }: App, pick: Pick) => oneOf(place.outside.registered.done, pick)?.told;

const actions = {
	async 'S32 register'(app: App, pick: Pick) {
		const { till, place } = app;
		const phone = oneOf(phones, pick) ?? phones[0];
		return place.outside.registered.ask(app, { phone }, (options) => till.members.register({ phone }, options));
	},
	async 'S32 earn'(app: App, pick: Pick) {
		const { till, place } = app;
		const member = cardOf(app, pick);
		if (member === undefined) return 'nobody';
		const points = 1 + pick(20);
		const earning = { member, points, source: place.unique() };
		return place.outside.earned.ask(app, { member, points }, (options) => till.members.earn(earning, options));
	},
	async 'S32 redeem'(app: App, pick: Pick) {
		const { till, place } = app;
		const member = cardOf(app, pick);
		if (member === undefined) return 'nobody';
		const points = 1 + pick(10);
		const redemption = { member, purse: 'points', amount: points, reason: 'gift' } as const;
		return place.outside.redeemed.ask(app, { member, points }, (options) => till.members.redeem(redemption, options));
	},
	async 'S32 check in'(app: App, pick: Pick) {
		const member = cardOf(app, pick);
		if (member === undefined) return 'nobody';
		return (await app.till.members.checkIn(member, { expect: { points: 10 }, timeoutMs: 500 })).reachable;
	},
};

/** Everybody who was registered with this phone, as the journals of this till tell. */
function idsOf(till: Retail, { registered }: Street, phone: string): MemberId[] {
	const notes = new Set(registered.all.filter(({ what }) => what.phone === phone).map(({ note }) => note));
	const ids = new Set<MemberId>();
	for (const { id, family, value } of street.entriesOf(till, ['members']))
		if (family === 'member' && value.verb === 'member.register' && notes.has(value.note ?? '')) ids.add(id);
	return [...ids].sort();
}

test(
	`S32 phones registered at many tills under all faults, ${seeds} seeds: one member and its aliases, points add up, no history is rewritten`,
	() =>
		playShops<Street>({
			retail: { members: { secret: 'sixteen bytes or more' } },
			opening: async () => {},
			actions,
			outside: () => ({ registered: new Deeds(), earned: new Deeds(), redeemed: new Deeds(), read: new Map() }),
			always: {
				'S32 no history is rewritten': ({ apps, outside }) => {
					for (const { till, place } of apps) {
						const now = new Set([...street.entriesOf(till, ['members'])].map((entry) => JSON.stringify(entry)));
						for (const entry of outside.read.get(place.till) ?? []) expect(now.has(entry), entry).toBe(true);
						outside.read.set(place.till, now);
					}
				},
				'S32 nobody spends points that he was not given': ({ outside: { earned, redeemed } }) => {
					const given = sumOf(earned.possible, ({ what }) => what.points);
					expect(sumOf(redeemed.done, ({ what }) => what.points)).toBeLessThanOrEqual(given);
				},
			},
			finally: {
				'S32 what people were told is what the books have, and all tills say the same': ({ apps, outside }) => {
					const { read: _, ...deeds } = outside;
					street.expectTold(Object.values(deeds), street.notesOf(apps));
					street.expectSame(apps, (till) =>
						phones.map((phone) =>
							idsOf(till, outside, phone).map((id) => {
								const account = till.members.accountNow(id);
								return [id, account?.aliasOf, account?.purses.points?.total];
							}),
						),
					);
				},
				'S32 one phone is one member, whatever card is shown': ({ apps, outside }) => {
					for (const { till } of apps) {
						const roots = phones.map((phone) => {
							const ids = idsOf(till, outside, phone);
							const found = new Set(ids.map((id) => till.members.accountNow(id)?.aliasOf ?? id));
							expect(found.size).toBeLessThanOrEqual(1);
							for (const root of found) expect(ids).toContain(root);
							return [...found];
						});
						expect(street.twice(roots.flat())).toEqual([]);
					}
				},
				'S32 points add up over all cards of a phone': ({ apps, outside }) => {
					const notes = street.notesOf(apps);
					for (const { till } of apps)
						for (const phone of phones) {
							const ids = idsOf(till, outside, phone);
							const of = (deeds: Street['earned']) =>
								sumOf(deeds.in(notes), ({ what }) => (ids.includes(what.member) ? what.points : 0));
							const points = of(outside.earned) - of(outside.redeemed);
							for (const id of ids) expect(till.members.accountNow(id)?.purses.points?.total ?? 0).toBe(points);
							expect(points).toBeGreaterThanOrEqual(0);
						}
				},
			},
		}),
	300_000,
);
