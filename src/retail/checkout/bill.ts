import type { LineId, NewLine, PricedLine, Tax, Tender } from '../documents/order.js';
import { priceLine, scaleTaxes } from '../documents/prices.js';
import {
	addFixed,
	type Currency,
	cashRounding,
	type Fixed,
	type Minor,
	type Rounding,
	toMinor,
} from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Writing } from '../shop/writing.js';
import type { CheckoutParts } from './parts.js';

/** What a sale comes to: `due` is net + tax + rounding. */
export interface Bill {
	readonly net: Minor;
	readonly taxes: readonly Tax[];
	readonly tax: Minor;
	readonly rounding: Minor;
	readonly due: Minor;
}

/** Lines with their price fixed: the caller's, else the catalogue's in force now. */
export function priceLines(
	shop: Shop,
	catalog: CheckoutParts['catalog'],
	w: Writing,
	lines: readonly NewLine[],
	{ channel, lineId }: { readonly channel: string | undefined; lineId(i: number): LineId },
): PricedLine[] {
	const { rounding } = shop.settings;
	return lines.map((line, i): PricedLine => {
		const list =
			line.unitPrice === undefined ? catalog.price(line.sku, channel === undefined ? {} : { channel }) : undefined;
		if (line.priceVersion !== undefined && list && list.version !== line.priceVersion)
			w.tx.refuse(no('stale_price', line.sku));
		return priceLine(w, lineId(i), line, { products: catalog, prices: { priceOf: () => list?.amount }, rounding });
	});
}

/**
 * All lines of a bill, whoever added them when, with what the promotions in force now take off those whose price is the
 * catalogue's. Taxes that such a line names go down with what it costs.
 */
export function promoted(
	shop: Shop,
	catalog: CheckoutParts['catalog'],
	lines: readonly PricedLine[],
	{ channel, isMember }: { readonly channel: string | undefined; readonly isMember: boolean },
): PricedLine[] {
	const listed = lines.filter((line) => line.listed);
	if (listed.length === 0) return [...lines];
	const now = catalog.discounted(listed, { isMember, ...(channel !== undefined && { channel }) });
	const byId = new Map(now.map((line) => [line.id, line]));
	return lines.map((before) => {
		const line = byId.get(before.id) ?? before;
		if (line.net === before.net || !line.taxes) return line;
		return { ...line, taxes: scaleTaxes(line.taxes, before.net, line.net, shop.settings.rounding) };
	});
}

/** Taxes of lines by code, exact; what they add is rounded once a code and bill. */
export function billOf(
	lines: readonly { readonly net: Minor; readonly taxes?: readonly Tax[] }[],
	tenders: readonly Tender[],
	shop: Shop,
): Bill {
	const { currency, rounding: how, taxes: kind = 'included' } = shop.settings;
	const net = lines.reduce((sum, line) => sum + line.net, 0);
	const taxes = sumTaxes(lines.flatMap(({ taxes = [] }) => taxes));
	const tax = kind === 'added' ? taxOf(taxes, currency, how) : 0;
	const rounding = roundingOf(net + tax, tenders, currency);
	return { net, taxes, tax, rounding, due: net + tax + rounding };
}

export function sumTaxes(taxes: readonly Tax[]): Tax[] {
	const sums = new Map<string, Fixed>();
	for (const { code, amount } of taxes) {
		const sum = sums.get(code);
		sums.set(code, sum ? addFixed(sum, amount) : amount);
	}
	return [...sums].map(([code, amount]) => ({ code, amount }));
}

export function taxOf(taxes: readonly Tax[], { decimals }: Currency, rounding: Rounding): Minor {
	return taxes.reduce((sum, { amount }) => sum + toMinor(amount, decimals, rounding), 0);
}

/** Only what is paid in coins is rounded to coins. */
function roundingOf(before: Minor, tenders: readonly Tender[], currency: Currency): Minor {
	if (!tenders.some(({ kind }) => kind === 'cash')) return 0;
	const others = tenders.reduce((sum, tender) => sum + (tender.kind === 'cash' ? 0 : tender.amount), 0);
	return cashRounding(before - others, currency);
}

/** What goes back over the counter. Refuses `wrong_amount` where the tenders do not come to what is due. */
export function changeOf({ tx }: Writing, { due }: Bill, tenders: readonly Tender[]): Minor {
	const paid = tenders.reduce((sum, { amount }) => sum + amount, 0);
	if (paid !== due) tx.refuse(no('wrong_amount', `${paid} / ${due}`));
	let change = 0;
	for (const tender of tenders)
		if (tender.kind === 'cash' && tender.given !== undefined) change += tender.given - tender.amount;
	return change;
}
