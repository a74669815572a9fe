import type { Tx } from '../../ledger/tx.js';
import type { GivenBack, MemberDocument, PointsEarned, Redeemed, Repaid, Taken } from '../documents/member.js';
import type { MemberId, OrderId, Purse } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import { allocate, type Minor } from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Writing } from '../shop/shop.js';
import type { Book } from './book.js';
import type { Group } from './groups.js';
import { type Bucket, bucketOf, ledgerOf, memberPool } from './purses.js';

/**
 * What a payment by stored value takes first. `principal-first` (default): what was paid in, then what was given on top;
 * so what could still be refunded in money is the smaller. `in-proportion`: as the two stand at this till.
 */
export type StoredOrder = 'principal-first' | 'bonus-first' | 'in-proportion';

export interface PayOptions {
	/** What the balance here does not cover may be lent, within the floor limit. */
	readonly lend?: boolean;
	readonly for: OrderId;
}

interface Reason {
	readonly order?: OrderId;
	readonly reason?: string;
}

interface Paid {
	/** By pool, what this commit has taken already: `mine` shows it only after. */
	readonly taken: Map<string, number>;
	lent: Minor;
	given: number;
}

/** Parts of a commit that move units of purses. */
export class Paying {
	readonly #book: Book;
	readonly #order: StoredOrder;
	/** The most that is lent for one sale; undefined where nothing is. */
	readonly #perSale: Minor | undefined;
	readonly #commits = new WeakMap<Tx, Paid>();

	constructor(book: Book, order: StoredOrder, perSale: Minor | undefined) {
		this.#book = book;
		this.#order = order;
		this.#perSale = perSale;
	}

	/** Who it is, where they may still pay and earn. Refuses `unknown_member`, `member_not_here`, `member_erased`. */
	group(w: Writing, member: MemberId): Group {
		const group = this.#book.group(w.tx, member);
		return group.isErased ? w.tx.refuse(no('member_erased', member)) : group;
	}

	pay(w: Writing, member: MemberId, purse: Purse, units: number, { lend = false, for: order }: PayOptions): void {
		this.redeem(w, this.group(w, member), purse, units, lend, { order });
	}

	redeem(w: Writing, group: Group, purse: Purse, units: number, lend: boolean, why: Reason): void {
		const { taken, lacking } = this.take(w, group, purse, units);
		const lent = lacking > 0 && lend && purse === 'stored' ? this.#lend(w, group, lacking, why.order) : undefined;
		if (lacking > 0 && !lent) this.#refuse(w, group, purse, lacking);
		w.append<Redeemed>(ledgerOf(group.root), 'member', group.root, {
			...w.head,
			verb: 'member.redeem',
			store: this.#book.shop.store,
			purse,
			units,
			taken,
			...(lent && { lent }),
			...why,
		});
	}

	/** Takes what is here, up to `units`; what is owed stays, so that nobody spends it before it is paid back. */
	take(w: Writing, group: Group, purse: Purse, units: number): { readonly taken: Taken[]; readonly lacking: number } {
		const taken: Taken[] = [];
		let left = units;
		for (const { buckets, most } of this.#sources(w.tx, group, purse, units))
			left -= this.#takeFrom(w, buckets, Math.min(left, most), taken);
		return { taken, lacking: left };
	}

	/** All of it from one purse kind, whatever is owed; refuses where it is not here. */
	takeAll(w: Writing, group: Group, purse: Purse, units: number): Taken[] {
		const taken: Taken[] = [];
		const lacking = units - this.#takeFrom(w, this.#bucketsOf(group, purse), units, taken);
		if (lacking > 0) this.#refuse(w, group, purse, lacking);
		return taken;
	}

	/** False where they had been credited for the source before. */
	credit(w: Writing, member: MemberId, points: number, source: string, expiresOn?: IsoDate): boolean {
		const group = this.group(w, member);
		if (this.isCredited(group, source)) return false;
		const { ledger, key } = bucketOf(group.root, 'points', expiresOn);
		if (!w.tx.mint(memberPool(this.#book.shop, ledger, 'points'), key, points, source)) return false;
		w.append<PointsEarned>(ledger, 'member', group.root, {
			...w.head,
			verb: 'member.earn',
			store: this.#book.shop.store,
			points,
			source,
			...(expiresOn !== undefined && { expiresOn }),
		});
		return true;
	}

	isCredited({ ids }: Group, source: string): boolean {
		return ids.some((id) => this.#book.groups.state(id)?.sources.has(source));
	}

	giveBack(w: Writing, member: MemberId, purse: Purse, units: number, document: string, of?: OrderId): void {
		const group = this.#book.group(w.tx, member);
		const history = this.#historyOf(group, purse, of);
		if (history.documents.has(document)) return;
		const repaid: Repaid[] = [];
		let left = units;
		for (const { debt, units: lent } of history.lent) {
			const paid = this.#book.debts.repay(w, group, Math.min(left, lent), debt);
			for (const { units: back } of paid) left -= back;
			repaid.push(...paid);
		}
		const given: Taken[] = [];
		for (const part of history.taken.reverse()) {
			const back = Math.min(left, part.units);
			if (back <= 0) continue;
			given.push({ ...part, units: back });
			left -= back;
		}
		if (left > 0) {
			const { pool, key } = bucketOf(group.root, purse);
			given.push({ member: group.root, pool, key, units: left });
		}
		let isNew = repaid.length > 0;
		for (const part of given) isNew = this.#mint(w, part, document) || isNew;
		if (!isNew) return;
		w.append<GivenBack>(ledgerOf(group.root), 'member', group.root, {
			...w.head,
			verb: 'member.give_back',
			purse,
			units,
			document,
			...(of !== undefined && { of }),
			given,
			repaid,
		});
	}

	#mint(w: Writing, { member, pool, key, units }: Taken, document: string): boolean {
		const number = this.#paid(w.tx).given++;
		return w.tx.mint(memberPool(this.#book.shop, ledgerOf(member), pool), key, units, `${document} ${number}`);
	}

	/** What an order took out of a purse and was not given back yet. */
	#historyOf(group: Group, purse: Purse, of: OrderId | undefined) {
		const taken = new Map<string, Taken>();
		const lent = new Map<string, Repaid>();
		const documents = new Set<string>();
		const add = (part: Taken, sign: number) => {
			const key = `${part.pool}/${part.key}`;
			taken.set(key, { ...part, units: (taken.get(key)?.units ?? 0) + sign * part.units });
		};
		const owe = ({ debt, units }: Repaid, sign: number) =>
			lent.set(debt, { debt, units: (lent.get(debt)?.units ?? 0) + sign * units });
		for (const id of group.ids) {
			const log = this.#book.shop.ledger(ledgerOf(id)).logs('member');
			for (const { value } of log.entries(id)) {
				const entry = value as unknown as MemberDocument; // what `append` wrote
				if (entry.verb === 'member.give_back') {
					if (entry.purse === purse) documents.add(entry.document);
					if (of === undefined || entry.of !== of || entry.purse !== purse) continue;
					for (const part of entry.given) add(part, -1);
					for (const part of entry.repaid) owe(part, -1);
				} else if (entry.verb === 'member.redeem' && of !== undefined && entry.order === of && entry.purse === purse) {
					for (const part of entry.taken) add(part, 1);
					if (entry.lent) owe(entry.lent, 1);
				}
			}
		}
		return { taken: [...taken.values()], lent: [...lent.values()], documents };
	}

	/** Where units of a purse come from, in their order, and the most that each may give. */
	#sources(tx: Tx, group: Group, purse: Purse, units: number): { buckets: Bucket[]; most: number }[] {
		const own = this.#bucketsOf(group, purse);
		if (purse !== 'stored') return [{ buckets: own, most: units }];
		const bonus = this.#bucketsOf(group, 'bonus');
		const here = (buckets: readonly Bucket[]) => buckets.reduce((sum, bucket) => sum + this.#here(tx, bucket), 0);
		const left = (bucket: Bucket) => this.#book.buckets.total(bucket) - this.#takenOf(tx, bucket);
		const total = [...own, ...bonus].reduce((sum, bucket) => sum + left(bucket), 0);
		const free = Math.max(0, total - this.#book.debts.owedBy(group));
		const [principalHere, bonusHere] = [here(own), here(bonus)];
		const most = Math.min(units, principalHere + bonusHere, free);
		const principal =
			this.#order === 'principal-first'
				? Math.min(most, principalHere)
				: this.#order === 'bonus-first'
					? most - Math.min(most, bonusHere)
					: (allocate(most, [principalHere, bonusHere])[0] ?? 0);
		return [
			{ buckets: own, most: principal },
			{ buckets: bonus, most: most - principal },
		];
	}

	/** What is valid of a purse: what expires first stands first, the root before its aliases. */
	#bucketsOf({ ids }: Group, purse: Purse): Bucket[] {
		const never = '9999-99-99';
		return ids
			.flatMap((id) => [...this.#book.validBuckets(id)].filter((bucket) => bucket.purse === purse))
			.sort((a, b) => ((a.expiresOn ?? never) < (b.expiresOn ?? never) ? -1 : a.expiresOn === b.expiresOn ? 0 : 1));
	}

	#takeFrom({ tx }: Writing, buckets: readonly Bucket[], units: number, taken: Taken[]): number {
		const paid = this.#paid(tx);
		let left = units;
		for (const bucket of buckets) {
			const { ledger, member, pool, key } = bucket;
			const take = Math.min(left, this.#here(tx, bucket));
			if (take <= 0) continue;
			tx.spend(memberPool(this.#book.shop, ledger, pool), key, take);
			paid.taken.set(`${pool}/${key}`, (paid.taken.get(`${pool}/${key}`) ?? 0) + take);
			taken.push({ member, pool, key, units: take });
			left -= take;
		}
		return units - left;
	}

	#here(tx: Tx, bucket: Bucket): number {
		return this.#book.buckets.here(bucket) - this.#takenOf(tx, bucket);
	}

	#takenOf(tx: Tx, { pool, key }: Bucket): number {
		return this.#paid(tx).taken.get(`${pool}/${key}`) ?? 0;
	}

	#lend(w: Writing, group: Group, units: Minor, order: OrderId | undefined): { debt: string; units: Minor } {
		const paid = this.#paid(w.tx);
		paid.lent += units;
		if (paid.lent > (this.#perSale ?? 0)) return w.tx.refuse(no('over_floor_limit', group.root));
		return this.#book.debts.lend(w, group, units, order);
	}

	/** Says who has the rest, where somebody does. */
	#refuse(w: Writing, group: Group, purse: Purse, lacking: number): never {
		const { buckets } = this.#book;
		const elsewhere = this.#bucketsOf(group, purse).find((bucket) => buckets.total(bucket) > buckets.here(bucket));
		const { ledger, pool, key } = elsewhere ?? bucketOf(group.root, purse);
		if (purse === 'stored' && !elsewhere) return w.tx.refuse(no('insufficient_balance', group.root));
		w.tx.spend(memberPool(this.#book.shop, ledger, pool), key, lacking);
		return w.tx.refuse(no('insufficient_balance', group.root));
	}

	#paid(tx: Tx): Paid {
		let paid = this.#commits.get(tx);
		if (!paid) {
			paid = { taken: new Map(), lent: 0, given: 0 };
			this.#commits.set(tx, paid);
		}
		return paid;
	}
}
