import { BadArgument } from '../../base/errors.js';
import type { CouponId, MemberId, NewLine, OrderId, Tender } from '../documents/order.js';
import { checkLine } from '../documents/prices.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkAmount, checkDate, checkInteger, checkList, checkName, checkOneOf, checkWhole } from '../shop/check.js';
import type { Currency } from '../shop/money.js';

export interface CheckoutInput {
	/** An order that is open; without it `lines` are a sale of their own. */
	readonly order?: OrderId;
	/** Added to the order's. */
	readonly lines?: readonly NewLine[];
	readonly member?: MemberId;
	readonly tenders: readonly Tender[];
	/** Coupons that this sale uses up; a voucher with a face value is a tender. */
	readonly coupons?: readonly CouponId[];
	/** Points that the member earns. */
	readonly earn?: number;
	/** Series of the receipt's number. */
	readonly series?: string;
	/** Why soft stock may be sold beyond what is here; without it `oversold` is a warning all the same. */
	readonly oversell?: { readonly reason: string };
	readonly channel?: string;
	/** People served; 1 by default. */
	readonly visitors?: number;
	/** Today's by default. */
	readonly businessDate?: IsoDate;
	/** Where the member's balance is elsewhere and the line is down: lend up to the floor limit (S29). */
	readonly lend?: boolean;
	/** ISO 4217; refused where it is not the store's. */
	readonly currency?: Currency['code'];
}

/** Throws `BadArgument` that names the path. A sale without an order has at least `linesMin` lines. */
export function checkCheckout(input: CheckoutInput, linesMin = 1): void {
	if (typeof input !== 'object' || input === null) throw new BadArgument('input', 'expected an object.');
	const { order, lines = [], member, tenders, coupons = [], earn, series, visitors, businessDate } = input;
	if (order !== undefined) checkName('order', order);
	checkList(
		'lines',
		lines,
		(path, line) => {
			checkLine(path, line);
			checkShares(path, line);
		},
		order === undefined ? linesMin : 0,
	);
	if (member !== undefined) checkName('member', member);
	checkTenders('tenders', tenders);
	if (member === undefined && (earn !== undefined || tenders.some(({ kind }) => kind === 'purse')))
		throw new BadArgument('member', 'expected one: a purse pays, or points are earned.');
	checkList('coupons', coupons, checkName, 0);
	if (new Set(coupons).size < coupons.length) throw new BadArgument('coupons', 'one of them comes twice.');
	if (earn !== undefined) checkWhole('earn', earn);
	if (series !== undefined) checkName('series', series);
	if (visitors !== undefined) checkWhole('visitors', visitors);
	if (businessDate !== undefined) checkDate('businessDate', businessDate);
}

function checkShares(path: string, { performers = [] }: NewLine): void {
	const shares = performers.reduce((sum, { shareBp }) => sum + shareBp, 0);
	if (shares > 10_000) throw new BadArgument(`${path}.performers`, `shares come to ${shares} of 10000.`);
}

const kinds = ['cash', 'purse', 'card', 'wallet', 'coupon', 'deposit', 'other'] as const;

export function checkTenders(path: string, tenders: readonly Tender[]): void {
	checkList(
		path,
		tenders,
		(at, tender) => {
			checkOneOf(`${at}.kind`, tender?.kind, kinds);
			checkInteger(`${at}.amount`, tender.amount);
			if (tender.kind === 'cash' && tender.given !== undefined) {
				checkInteger(`${at}.given`, tender.given);
				if (tender.given < tender.amount) throw new BadArgument(`${at}.given`, 'less than the amount.');
			}
			if (tender.kind !== 'cash' && tender.amount < 0) throw new BadArgument(`${at}.amount`, 'expected 0 or more.');
			if (tender.kind === 'purse' && tender.units !== undefined) checkAmount(`${at}.units`, tender.units);
			if (tender.kind === 'card' || tender.kind === 'wallet') checkName(`${at}.payment`, tender.payment);
			if (tender.kind === 'coupon') checkName(`${at}.coupon`, tender.coupon);
			if (tender.kind === 'deposit') checkName(`${at}.appointment`, tender.appointment);
			if (tender.kind === 'other') checkName(`${at}.name`, tender.name);
		},
		0,
	);
}
