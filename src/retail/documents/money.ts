import type { StoreId } from '../../base/ids.js';
import type { Minor } from '../shop/money.js';
import type { Head, Writing } from '../shop/shop.js';
import type { MemberId, Tender } from './order.js';

/** What money is taken for where no order stands behind it, and what is given back of it. */
export type AccountName = 'top_up' | 'pack' | 'deposit' | 'repayment' | 'stored_refund' | 'deposit_refund';

/** Minor units by what they were for: below zero what was given back. */
export type OnAccount = Readonly<Partial<Record<AccountName, Minor>>>;

/** By kind; `other` and purses by their name. Below zero where money was given back. */
export interface NamedTender {
	readonly name: string;
	readonly amount: Minor;
}

/**
 * ---- the log `account/<device>` in `orders/<store>/<date>` ----
 *
 * Money that came into a till or went out of it and is no sale. Members and appointments have ledgers of their own, which not
 * every till of a store keeps; so whatever verb takes tenders also writes this, in the same commit, where the store's sales
 * are: whoever can sum up a store's sales can sum up its money.
 */
export interface MovedOnAccount extends Head {
	readonly verb: 'day.on_account';
	/** Whose drawer it was. */
	readonly store: StoreId;
	readonly onAccount: OnAccount;
	/** They come to what is on account. */
	readonly tenders: readonly NamedTender[];
	/** Which member or appointment it was about. */
	readonly of: string;
}

/** Money that a verb takes or gives outside of a sale. Amounts are positive either way. */
export interface AccountMoney {
	readonly onAccount: OnAccount;
	/** They come to `onAccount`, else `wrong_amount`. */
	readonly tenders: readonly Tender[];
	/** Which member or appointment it is about. */
	readonly of: string;
	/** Whose purses pay. */
	readonly member?: MemberId | undefined;
}

/** The one way for money in and out of a till where no order stands behind it: it uses up what pays, and is in X and Z. */
export interface TenderDesk {
	/** In the commit of `w`. Refuses `wrong_amount`, `day_closed`, and what payments and purses refuse. */
	take(w: Writing, money: AccountMoney): void;
	/** Purses have it back at once, by `document`; cards and wallets go back by their own terminals. */
	give(w: Writing, money: AccountMoney, document: string): void;
}

/** What a tender is called in reports. */
export function tenderName(tender: Tender): string {
	if (tender.kind === 'other') return tender.name;
	return tender.kind === 'purse' ? tender.purse : tender.kind;
}
