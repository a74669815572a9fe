import type { DeviceId } from '../../base/ids.js';
import type { OnAccount } from '../documents/money.js';
import type { Tax } from '../documents/order.js';
import type { AccountFact } from '../sales/account-money.js';
import type { Fact } from '../sales/fact.js';
import type { IsoDate } from '../shop/business-day.js';
import { addFixed, type Fixed, type Minor } from '../shop/money.js';
import type { StaffId } from '../shop/writing.js';

/** Numbers of a series that no receipt known here bears. */
export interface ReceiptGap {
	readonly from: number;
	readonly to: number;
	readonly why: string;
}

/** What a day, a till or a cashier comes to. Money in minor units, taxes exact. */
export interface Report {
	readonly businessDate: IsoDate;
	readonly sales: number;
	readonly refundsCount: number;
	readonly visitors: number;
	/** Before discounts. */
	readonly gross: Minor;
	readonly discounts: Minor;
	/** Given back, taxes aside; positive. */
	readonly refunds: Minor;
	/** gross - discounts - refunds. */
	readonly net: Minor;
	/** By code. */
	readonly taxes: Readonly<Record<string, Fixed>>;
	/** What taxes added to the bills, rounded bill by bill. */
	readonly tax: Minor;
	/** What coins added or took. */
	readonly rounding: Minor;
	/** net + tax + rounding: what sales and refunds come to. */
	readonly due: Minor;
	/** Money that is no sale, by what it was for: top-ups, packs, deposits, repayments; below zero what was given back. */
	readonly onAccount: OnAccount;
	/** due and all that is on account: what the tenders come to. */
	readonly taken: Minor;
	readonly tenders: Readonly<Record<string, Minor>>;
	/** Nets by whoever is credited. */
	readonly byStaff: Readonly<Record<StaffId, Minor>>;
	/** Sales and refunds of each till: which ones are in the report, and by how much a later one differs. */
	readonly byDevice: Readonly<Record<DeviceId, number>>;
	/** Likewise, how often each till moved money on account. */
	readonly onAccountByDevice: Readonly<Record<DeviceId, number>>;
}

export function reportOf(businessDate: IsoDate, facts: readonly Fact[], money: readonly AccountFact[]): Report {
	const sum = (of: (fact: Fact) => number) => facts.reduce((total, fact) => total + of(fact), 0);
	const sales = facts.filter(({ kind }) => kind === 'sale');
	const refunds = facts.reduce((total, { kind, net }) => total - (kind === 'refund' ? net : 0), 0);
	const gross = sales.reduce((total, { lines }) => total + lines.reduce((of, line) => of + line.gross, 0), 0);
	const net = sum((fact) => fact.net);
	const due = sum((fact) => fact.due);
	return {
		businessDate,
		sales: sales.length,
		refundsCount: facts.length - sales.length,
		visitors: sum(({ visitors }) => visitors),
		gross,
		discounts: gross - refunds - net,
		refunds,
		net,
		taxes: taxesOf(facts),
		tax: sum(({ tax }) => tax),
		rounding: sum(({ rounding }) => rounding),
		due,
		onAccount: accountsOf(money),
		taken: money.reduce((total, { amount }) => total + amount, due),
		tenders: tendersOf([...facts, ...money]),
		byStaff: sums(facts.flatMap(({ lines }) => lines.flatMap(({ staff }) => staff.map((s) => [s.staff, s.net])))),
		byDevice: sums(facts.map(({ device }) => [device, 1])),
		onAccountByDevice: sums(money.map(({ device }) => [device, 1])),
	};
}

function accountsOf(money: readonly { readonly onAccount: OnAccount }[]): OnAccount {
	return sums(money.flatMap(({ onAccount }) => Object.entries(onAccount)));
}

function tendersOf(facts: readonly Pick<Fact, 'tenders'>[]): Record<string, Minor> {
	return sums(facts.flatMap(({ tenders }) => tenders.map(({ name, amount }) => [name, amount])));
}

function sums(of: readonly (readonly [string, number])[]): Record<string, number> {
	const totals = new Map<string, number>();
	for (const [name, amount] of of) totals.set(name, (totals.get(name) ?? 0) + amount);
	return Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function taxesOf(facts: readonly { readonly taxes: readonly Tax[] }[]): Record<string, Fixed> {
	const totals: Record<string, Fixed> = {};
	for (const { taxes } of facts)
		for (const { code, amount } of taxes) totals[code] = totals[code] ? addFixed(totals[code], amount) : amount;
	return totals;
}
