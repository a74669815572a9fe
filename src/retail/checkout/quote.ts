import type { OrderId, PricedLine, Promotion, Tax } from '../documents/order.js';
import { cashRounding, type Minor } from '../shop/money.js';
import type { Declined } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Writing } from '../shop/writing.js';
import { billOf, priceLines, promoted } from './bill.js';
import { type CheckoutInput, checkCheckout } from './input.js';
import type { CheckoutParts } from './parts.js';

/** What is asked of: lines as they are scanned, an open order, or both. Tenders are not known yet. */
export type QuoteInput = Pick<CheckoutInput, 'order' | 'lines' | 'member' | 'channel' | 'currency'>;

/** What a sale would cost now. */
export interface Quote {
	readonly ok: true;
	readonly order?: OrderId;
	/** The order's first, then those that were handed in, in their order: these have ids for this answer alone. */
	readonly lines: readonly PricedLine[];
	/** Before discounts. */
	readonly gross: Minor;
	/** By hand and by promotions. */
	readonly discounts: Minor;
	/** What each promotion takes off the whole of it. */
	readonly promotions: readonly Promotion[];
	readonly net: Minor;
	/** By code, exact. */
	readonly taxes: readonly Tax[];
	/** What taxes add; 0 where prices include them. */
	readonly tax: Minor;
	/** net + tax: what is to be paid where none of it is paid in coins. */
	readonly due: Minor;
	/** Where all of it is: net + tax + rounding. */
	readonly cash: { readonly rounding: Minor; readonly due: Minor };
}

/** What these lines, or this open order, would cost now: priced as `checkout` prices them. Writes nothing, uses up nothing. */
export function quoteOf(shop: Shop, parts: CheckoutParts, input: QuoteInput): Quote | Declined {
	checkCheckout({ lines: [], ...input, tenders: [] }, 0);
	const quotes: Quote[] = [];
	const refusal = shop.rehearse('order.settle', {}, (w) => quotes.push(quoted(w, shop, parts, input)));
	return refusal ?? (quotes[0] as Quote); // the work ran to its end
}

function quoted(w: Writing, shop: Shop, { catalog, orders, members }: CheckoutParts, input: QuoteInput): Quote {
	const order = input.order === undefined ? undefined : orders.mustBeOpen(w, input.order);
	const member = input.member ?? order?.member;
	const channel = input.channel ?? order?.channel;
	if (member !== undefined) members.mustBe(w, member);
	const lineId = (i: number) => `quoted-${i}`;
	const asked = priceLines(shop, catalog, w, input.lines ?? [], { channel, lineId });
	const before = [...(order?.lines ?? []), ...asked];
	const lines = promoted(shop, catalog, before, { channel, isMember: member !== undefined });
	const { net, taxes, tax, due } = billOf(lines, [], shop);
	const discounts = lines.reduce((sum, { discount = 0 }) => sum + discount, 0);
	const rounding = cashRounding(due, shop.settings.currency);
	return {
		ok: true,
		...(order && { order: order.id }),
		lines,
		gross: net + discounts,
		discounts,
		promotions: sumPromotions(lines.flatMap(({ promotions = [] }) => promotions)),
		net,
		taxes,
		tax,
		due,
		cash: { rounding, due: due + rounding },
	};
}

function sumPromotions(all: readonly Promotion[]): Promotion[] {
	const sums = new Map<string, Promotion>();
	for (const one of all) {
		const id = JSON.stringify([one.version, one.kind, one.name]);
		const sum = sums.get(id);
		sums.set(id, sum ? { ...sum, off: sum.off + one.off } : one);
	}
	return [...sums.values()];
}
