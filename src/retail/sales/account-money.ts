import type { DeviceId, StoreId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type { MovedOnAccount, NamedTender, OnAccount } from '../documents/money.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Minor } from '../shop/money.js';
import type { Shop } from '../shop/shop.js';
import type { StaffId } from '../shop/writing.js';
import { ByDate } from './by-date.js';

/** Money that is no sale: taken on account, or given back of it (below zero). */
export interface AccountFact {
	readonly store: StoreId;
	readonly date: IsoDate;
	readonly atMs: number;
	readonly device: DeviceId;
	/** Counted up by one with each of its till's on that day, from 1. */
	readonly no: number;
	readonly staff: StaffId | undefined;
	readonly of: string;
	readonly onAccount: OnAccount;
	/** What all of it comes to, and so do the tenders. */
	readonly amount: Minor;
	readonly tenders: readonly NamedTender[];
}

/** All of it that is here, by business date. */
export class AccountMoney extends ByDate<AccountFact> {
	/** One for all of a till: `AccountMoney.of(shop)`. */
	static of(shop: Shop): AccountMoney {
		return shop.shared('account money', () => new AccountMoney(shop));
	}

	private constructor(shop: Shop) {
		super(
			shop.index<MovedOnAccount, readonly AccountFact[]>('account money', 'orders', 'account', accountFactsOf),
			earlier,
		);
	}
}

/** What one till moved on one day. */
export function accountFactsOf(
	_: DeviceId,
	entries: readonly Stamped<MovedOnAccount>[],
): readonly AccountFact[] | undefined {
	if (entries.length === 0) return undefined;
	return entries.map(({ value, atMs, device }, i) => ({
		store: value.store,
		date: value.date,
		atMs,
		device,
		no: i + 1,
		staff: value.by,
		of: value.of,
		onAccount: value.onAccount,
		amount: value.tenders.reduce((sum, { amount }) => sum + amount, 0),
		tenders: value.tenders,
	}));
}

function earlier(a: AccountFact, b: AccountFact): number {
	return a.atMs - b.atMs || (a.device < b.device ? -1 : a.device > b.device ? 1 : a.no - b.no);
}
