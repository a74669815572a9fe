import { createLive, type Live } from '../../ledger/live.js';
import type { CouponId, MemberId, Purse } from '../documents/order.js';
import { addDays, type IsoDate } from '../shop/business-day.js';
import type { Book } from './book.js';
import type { Group } from './groups.js';
import type { Bucket } from './purses.js';

export interface Balance {
	/** In the whole chain, as far as is known here; expired units are not in it. */
	readonly total: number;
	/** What this till may take of it without asking anybody. */
	readonly here: number;
	/** Lent and not paid back; `stored` only. */
	readonly debt: number;
}

/** One person, whatever of its ids was asked for. */
export interface Account {
	readonly id: MemberId;
	/** Whose member this id is an alias of. */
	readonly aliasOf?: MemberId;
	readonly purses: Readonly<Partial<Record<Purse, Balance>>>;
	/** What expires after which day, the soonest first. */
	readonly expiring: readonly { readonly purse: Purse; readonly amount: number; readonly on: IsoDate }[];
	/** Valid now or later, and not used. */
	readonly coupons: readonly CouponId[];
	readonly tier?: string;
	readonly isErased?: true;
	/** When the newest of what is known here of the member was written, as an ISO instant. */
	readonly asOf: string;
}

/** The tier by what was earned lately. */
export interface TierRule {
	/** 365 by default. */
	readonly days?: number;
	/** `earned`: points of the last so many days, of all stores. */
	tierOf(earned: number): string | undefined;
}

const tierDays = 365;

/** What is read of members: sums over pools, made anew when something of members has changed or the day has. */
export class Accounts {
	readonly #book: Book;
	readonly #tiers: TierRule | undefined;
	readonly #lives = new Map<MemberId, Live<Account | undefined>>();

	constructor(book: Book, tiers: TierRule | undefined) {
		this.#book = book;
		this.#tiers = tiers;
	}

	live(id: MemberId): Live<Account | undefined> {
		const known = this.#lives.get(id);
		if (known) return known;
		let last: { readonly text: string; readonly account: Account | undefined } | undefined;
		const made = createLive({
			version: () => this.#book.version(),
			read: () => {
				const account = this.now(id);
				const text = JSON.stringify(account) ?? '';
				if (last?.text !== text) last = { text, account };
				return last.account;
			},
			listen: (changed) => this.#book.listen(changed),
			timers: this.#book.shop.platform.timers,
		});
		this.#lives.set(id, made);
		return made;
	}

	now(id: MemberId): Account | undefined {
		const { groups, coupons, shop } = this.#book;
		const group = groups.of(id);
		if (!group) return undefined;
		const tier = this.#tierOf(group);
		const newestMs = Math.max(...group.ids.map((member) => groups.state(member)?.newestMs ?? 0));
		const batches = group.ids.flatMap((member) => this.#book.batchesOf(member));
		const buckets = group.ids.flatMap((member) => [...this.#book.validBuckets(member)]);
		return {
			id,
			...(group.root !== id && { aliasOf: group.root }),
			purses: this.#purses(group, buckets),
			expiring: this.#expiring(buckets),
			coupons: coupons.validOf(batches, shop.nowMs()),
			...(tier !== undefined && { tier }),
			...(group.isErased && { isErased: true as const }),
			asOf: new Date(newestMs).toISOString(),
		};
	}

	#purses(group: Group, buckets: readonly Bucket[]): Account['purses'] {
		const purses: Partial<Record<Purse, { total: number; here: number; debt: number }>> = {};
		const of = (purse: Purse) => {
			purses[purse] ??= { total: 0, here: 0, debt: 0 };
			return purses[purse];
		};
		for (const bucket of buckets) {
			const balance = of(bucket.purse);
			balance.total += this.#book.buckets.total(bucket);
			balance.here += this.#book.buckets.here(bucket);
		}
		const debt = this.#book.debts.owedBy(group);
		if (debt > 0) of('stored').debt = debt;
		return purses;
	}

	#expiring(buckets: readonly Bucket[]): Account['expiring'] {
		const sums = new Map<string, { purse: Purse; amount: number; on: IsoDate }>();
		for (const bucket of buckets) {
			const amount = this.#book.buckets.total(bucket);
			if (bucket.expiresOn === undefined || amount <= 0) continue;
			const key = `${bucket.expiresOn} ${bucket.purse}`;
			const sum = sums.get(key) ?? { purse: bucket.purse, amount: 0, on: bucket.expiresOn };
			sum.amount += amount;
			sums.set(key, sum);
		}
		return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
	}

	/** By hand, the newest of them, as long as it stands; else by the rule. */
	#tierOf({ ids }: Group): string | undefined {
		const { groups } = this.#book;
		const today = this.#book.calendarDate();
		const states = ids.flatMap((id) => groups.state(id) ?? []);
		const byHand = states
			.flatMap(({ tier }) => (tier && (tier.until === undefined || tier.until >= today) ? tier : []))
			.sort((a, b) => b.atMs - a.atMs)[0];
		if (byHand) return byHand.tier;
		if (!this.#tiers) return undefined;
		const after = addDays(today, -(this.#tiers.days ?? tierDays));
		let earned = 0;
		for (const state of states) for (const [date, points] of state.earned) if (date > after) earned += points;
		return this.#tiers.tierOf(earned);
	}
}
