import type { MemberId, OrderId, Settled, SoldGoods, Tender } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Minor } from '../shop/money.js';
import { type Declined, declined, no, type Outcome } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Head, WriteOptions, Writing } from '../shop/writing.js';
import { type Bill, billOf, changeOf, priceLines, promoted } from './bill.js';
import { type CheckoutInput, checkCheckout } from './input.js';
import type { CheckoutParts, OpenOrder, Visit } from './parts.js';
import { type Quote, type QuoteInput, quoteOf } from './quote.js';

export interface Sale extends Omit<Bill, 'taxes'> {
	readonly order: OrderId;
	readonly receiptNo: string;
	readonly change: Minor;
	readonly businessDate: IsoDate;
	/** What left the stock; `oversold` of it was not there. */
	readonly goods: readonly SoldGoods[];
}

/**
 * Order, lines, tenders, stock, purses, points, coupons, receipt number: one commit, one sync to disk, or nothing (JRN4).
 * Nobody is asked over the network; what is scarce is spent from what this till holds (ESC1).
 */
export class Checkout {
	readonly #shop: Shop;
	readonly #parts: CheckoutParts;

	constructor(shop: Shop, parts: CheckoutParts) {
		this.#shop = shop;
		this.#parts = parts;
	}

	/** Refuses what any part refuses; throws `BadArgument`, `KeyReused`, and what a commit throws. Durable when it resolves. */
	async settle(input: CheckoutInput, options: WriteOptions): Promise<Outcome<Sale>> {
		checkCheckout(input);
		const foreign = this.#foreign(input);
		if (foreign) return foreign;
		const coming = this.#parts.members.comes(this.#visit(input));
		if (coming) await coming;
		return this.#shop.writeKeyed('order.settle', input, options, (w) => this.#work(w, input));
	}

	/** What `settle` would refuse now. Synchronous, writes nothing: grey out the button. */
	rehearse(input: CheckoutInput): Declined | undefined {
		checkCheckout(input);
		return this.#foreign(input) ?? this.#shop.rehearse('order.settle', {}, (w) => this.#work(w, input));
	}

	/** See `quoteOf`. */
	quote(input: QuoteInput): Quote | Declined {
		return this.#foreign(input) ?? quoteOf(this.#shop, this.#parts, input);
	}

	/** Whom and what of members it is about: at a till that keeps them as they come, they come now. */
	#visit({ member, order, coupons = [], tenders }: CheckoutInput): Visit {
		const owner = member ?? (order === undefined ? undefined : this.#parts.orders.get(order).get()?.member);
		const paid = tenders.flatMap((tender) => (tender.kind === 'coupon' ? [tender.coupon] : []));
		return { members: [owner], coupons: [...coupons, ...paid] };
	}

	#foreign({ currency }: Pick<CheckoutInput, 'currency'>): Declined | undefined {
		const { settings } = this.#shop;
		if (currency === undefined || currency === settings.currency.code) return undefined;
		return declined('foreign_currency', settings.locale, currency);
	}

	#work(given: Writing, input: CheckoutInput): Sale {
		const { stock, receipts, orders, day, catalog } = this.#parts;
		const w = dated(given, input.businessDate);
		day.mustBeOpen(w, w.head.date);
		const order = this.#order(w, input);
		const member = input.member ?? order.member;
		const channel = input.channel ?? order.channel;
		if (member !== undefined) this.#parts.members.mustBe(w, member);
		const lineId = () => this.#shop.id();
		const added = priceLines(this.#shop, catalog, w, input.lines ?? [], { channel, lineId });
		const buyer = { channel, isMember: member !== undefined };
		const lines = promoted(this.#shop, catalog, [...order.lines, ...added], buyer);
		if (lines.length === 0) w.tx.refuse(no('order_empty', order.id));
		const bill = billOf(lines, input.tenders, this.#shop);
		const { net, taxes, tax, rounding, due } = bill;
		const change = changeOf(w, bill, input.tenders);
		const goods = stock.sell(w, lines, { ...(input.oversell && { oversell: input.oversell }) });
		for (const tender of input.tenders) this.#take(w, tender, order.id, member, input.lend ?? false);
		for (const coupon of input.coupons ?? [])
			this.#parts.members.useCoupon(w, coupon, { ...(member !== undefined && { member }) });
		if (member !== undefined && input.earn) this.#parts.members.credit(w, member, input.earn, `order:${order.id}`);
		const receiptNo = receipts.next(w, input.series);
		const settled: Omit<Settled, keyof Head> = {
			store: this.#shop.store,
			receiptNo,
			lines,
			net,
			taxes,
			tax,
			rounding,
			due,
			tenders: input.tenders,
			change,
			goods,
			...(member !== undefined && { member }),
			...(input.earn !== undefined && { earned: input.earn }),
			...(input.coupons?.length && { coupons: input.coupons }),
			...(channel !== undefined && { channel }),
			...(input.visitors !== undefined && { visitors: input.visitors }),
		};
		orders.settle(w, order.id, order.ledger, settled);
		return { order: order.id, receiptNo, net, tax, rounding, due, change, businessDate: w.head.date, goods };
	}

	#order(w: Writing, { order, member, channel }: CheckoutInput): OpenOrder {
		const { orders } = this.#parts;
		if (order !== undefined) return orders.mustBeOpen(w, order);
		const begun = orders.begin(w, {
			...(member !== undefined && { member }),
			...(channel !== undefined && { channel }),
		});
		return { ...begun, lines: [] };
	}

	/** What pays the bill is used up by whoever keeps it. */
	#take(w: Writing, tender: Tender, order: OrderId, member: MemberId | undefined, lend: boolean): void {
		const { members, payments, appointments } = this.#parts;
		switch (tender.kind) {
			case 'purse':
				if (member === undefined) w.tx.refuse(no('unknown_member'));
				members.pay(w, member, tender.purse, tender.units ?? tender.amount, { lend, for: order });
				break;
			case 'card':
			case 'wallet':
				payments.use(w, tender.payment, tender.amount, order);
				break;
			case 'coupon':
				members.useCoupon(w, tender.coupon, { ...(member !== undefined && { member }) });
				break;
			case 'deposit':
				if (!appointments) w.tx.refuse(no('unknown_appointment', tender.appointment));
				appointments?.useDeposit(w, tender.appointment, tender.amount, order);
				break;
			case 'cash':
			case 'other':
		}
	}
}

/** A sale of a business day that the caller names. */
export function dated(w: Writing, date: IsoDate | undefined): Writing {
	return date === undefined ? w : { ...w, head: { ...w.head, date } };
}
