import type { StoreId } from '../../base/ids.js';
import type { CareNoted, RiskGranted, TierSet } from '../documents/member.js';
import type { MemberId } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkAmount, checkDate, checkName } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import type { Outcome } from '../shop/outcome.js';
import type { MaybeKeyed, Shop, WriteOptions, Writing } from '../shop/shop.js';
import type { Paying } from './paying.js';
import { checkMember, ledgerOf, riskPool } from './purses.js';

export interface NewTier {
	readonly member: MemberId;
	readonly tier: string;
	/** The last day it stands. */
	readonly until?: IsoDate;
}

export interface NewCare {
	readonly member: MemberId;
	readonly kind: string;
	readonly ref: string;
}

export interface NewRisk {
	/** This one by default. */
	readonly store?: StoreId;
	readonly amount: Minor;
}

/** What is written down and moves no money. */
export class Notes {
	readonly #shop: Shop;
	readonly #paying: Paying;

	constructor(shop: Shop, paying: Paying) {
		this.#shop = shop;
		this.#paying = paying;
	}

	async tier(given: NewTier, options: MaybeKeyed): Promise<Outcome<void>> {
		const { tier, until } = given;
		checkName('tier', tier);
		if (until !== undefined) checkDate('until', until);
		return this.#note('member.tier', given, options, ({ head, append }, root) =>
			append<TierSet>(ledgerOf(root), 'member', root, {
				...head,
				verb: 'member.tier',
				tier,
				...(until !== undefined && { until }),
			}),
		);
	}

	async care(given: NewCare, options: MaybeKeyed): Promise<Outcome<void>> {
		const { kind, ref } = given;
		checkName('kind', kind);
		checkName('ref', ref);
		return this.#note('member.care', given, options, ({ head, append }, root) =>
			append<CareNoted>(ledgerOf(root), 'member', root, { ...head, verb: 'member.care', kind, ref }),
		);
	}

	async risk({ store = this.#shop.store, amount }: NewRisk, options: WriteOptions): Promise<Outcome<void>> {
		checkName('store', store);
		checkAmount('amount', amount);
		const ledger = ledgers.desk(store);
		return this.#shop.writeKeyed('member.risk', { store, amount }, options, ({ tx, head, append }) => {
			tx.mint(riskPool(this.#shop, ledger), store, amount, this.#shop.id());
			append<RiskGranted>(ledger, 'risk', store, { ...head, verb: 'member.risk', amount });
		});
	}

	#note(
		verb: 'member.tier' | 'member.care',
		given: { readonly member: MemberId },
		options: MaybeKeyed,
		write: (w: Writing, root: MemberId) => void,
	): Promise<Outcome<void>> {
		checkMember('member', given.member);
		return this.#shop.write(verb, given, options, (w) => write(w, this.#paying.group(w, given.member).root));
	}
}
