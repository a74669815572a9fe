import type { StoreId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Minor } from '../shop/money.js';
import type { Head } from '../shop/shop.js';
import type { MemberId, OrderId, Purse, Tender } from './order.js';

/** Units that left one bucket of a purse: `pool` and `key` name it in the ledger of whose it is. */
export interface Taken {
	readonly member: MemberId;
	readonly pool: 'stored' | 'bonus' | 'points' | 'pack';
	readonly key: string;
	readonly units: number;
}

/** ---- the log `member/<id>` in `members/<shard of the id>`; no name, no phone is ever in it ---- */

export interface MemberRegistered extends Head {
	readonly verb: 'member.register';
	readonly store: StoreId;
	/** Keyed hashes of phone and card. */
	readonly contacts: readonly string[];
}

export interface MemberAliased extends Head {
	readonly verb: 'member.alias';
	/** Whose member the other one is from now on. */
	readonly to: MemberId;
	/** Who is; in the log of `to` alone. */
	readonly from?: MemberId;
}

/** Also in the logs of the member's contacts, with the member named. */
export interface MemberErased extends Head {
	readonly verb: 'member.erase';
	readonly member: MemberId;
}

/** What a payment or the stored value paid back of debts. */
export interface Repaid {
	readonly debt: string;
	readonly units: Minor;
}

export interface ToppedUp extends Head {
	readonly verb: 'member.top_up';
	readonly store: StoreId;
	readonly topUp: string;
	readonly paid: Minor;
	readonly bonus: Minor;
	/** Of `paid`, what went to debts and not to the purse. */
	readonly repaid: readonly Repaid[];
	readonly tenders: readonly Tender[];
}

export interface StoredRefunded extends Head {
	readonly verb: 'member.refund_stored';
	readonly store: StoreId;
	readonly amount: Minor;
	readonly taken: readonly Taken[];
	readonly tenders: readonly Tender[];
}

export interface PointsEarned extends Head {
	readonly verb: 'member.earn';
	readonly store: StoreId;
	readonly points: number;
	/** What they were earned by, such as an order: it counts once. */
	readonly source: string;
	readonly expiresOn?: IsoDate;
}

export interface Redeemed extends Head {
	readonly verb: 'member.redeem';
	readonly store: StoreId;
	readonly purse: Purse;
	readonly units: number;
	readonly taken: readonly Taken[];
	/** Beyond the balance at hand; a `member.debt` stands beside it. */
	readonly lent?: { readonly debt: string; readonly units: Minor };
	readonly order?: OrderId;
	readonly reason?: string;
}

export interface GivenBack extends Head {
	readonly verb: 'member.give_back';
	readonly purse: Purse;
	readonly units: number;
	/** By what, such as a refund. */
	readonly document: string;
	readonly of?: OrderId;
	readonly given: readonly Taken[];
	/** What was lent for the order and is not owed any more. */
	readonly repaid: readonly Repaid[];
}

export interface PackSold extends Head {
	readonly verb: 'member.sell_pack';
	readonly store: StoreId;
	readonly pack: string;
	readonly visits: number;
	readonly price: Minor;
	readonly expiresOn?: IsoDate;
	readonly tenders: readonly Tender[];
}

/** Set by hand; it stands above the rule. */
export interface TierSet extends Head {
	readonly verb: 'member.tier';
	readonly tier: string;
	readonly until?: IsoDate;
}

/** A treatment, a consent, a recipe: where to find it, never what it says. */
export interface CareNoted extends Head {
	readonly verb: 'member.care';
	readonly kind: string;
	readonly ref: string;
}

/** Lent beyond the balance at hand, within the store's risk (ESC5). */
export interface DebtMade extends Head {
	readonly verb: 'member.debt';
	readonly debt: string;
	readonly store: StoreId;
	readonly units: Minor;
	readonly order?: OrderId;
}

export interface DebtRepaid extends Head {
	readonly verb: 'member.repay';
	readonly repaid: readonly Repaid[];
	/** `written_off`: nobody paid, and a person decided so. */
	readonly source: 'tenders' | 'stored' | 'written_off';
	readonly taken: readonly Taken[];
	readonly tenders: readonly Tender[];
}

export type MemberDocument =
	| MemberRegistered
	| MemberAliased
	| MemberErased
	| ToppedUp
	| StoredRefunded
	| PointsEarned
	| Redeemed
	| GivenBack
	| PackSold
	| TierSet
	| CareNoted
	| DebtMade
	| DebtRepaid;

/** ---- the log `risk/<store>` in `desk/<store>` ---- */

export interface RiskGranted extends Head {
	readonly verb: 'member.risk';
	readonly amount: Minor;
}

/** ---- the log `contact/<keyed hash>` in `members/<shard of the hash>` ---- */

export interface ContactRegistered extends Head {
	readonly verb: 'member.register';
	readonly member: MemberId;
}

export type ContactDocument = ContactRegistered | MemberErased;

/** ---- the log `coupons/<batch>` in the ledger that the batch's first characters name ---- */

export interface CouponsIssued extends Head {
	readonly verb: 'coupon.issue';
	readonly campaign: string;
	readonly count: number;
	/** What it is worth, for the vendor's engine. */
	readonly value: Json;
	/** Valid from, in milliseconds since 1970. */
	readonly fromMs: number;
	/** Not valid any more from then on. */
	readonly untilMs: number;
	readonly member?: MemberId;
	/** Everywhere, where none are named. */
	readonly stores?: readonly StoreId[];
}
