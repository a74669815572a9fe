import { BadArgument } from '../../base/errors.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { LineId, OrderDay, OrderId, PricedLine, RefundLine, Settled, Tax, Tender } from '../documents/order.js';
import { checkAmount, checkDay, checkList, checkName, checkOneOf, checkWhole } from '../shop/check.js';
import { type Minor, nextShare, share, sum } from '../shop/money.js';
import { no, type Outcome } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { WriteOptions, Writing } from '../shop/writing.js';
import { type Bill, billOf, changeOf, sumTaxes } from './bill.js';
import { goodsBack } from './goods-back.js';
import { checkTenders } from './input.js';
import type { CheckoutParts, SettledOrder } from './parts.js';

export interface RefundInput {
	readonly order: OrderId;
	readonly lines: readonly {
		readonly line: LineId;
		/** At the SKU's scale; all that is left by default. */
		readonly qty?: number;
		/** Given back for it, taxes aside; its part of what was paid by default. */
		readonly amount?: Minor;
		readonly restock: 'sell' | 'waste' | 'no';
	}[];
	/** When and where it was sold: the orders of a day that this till does not keep are fetched. */
	readonly sold?: OrderDay;
	/** How the money goes back: amounts are positive. */
	readonly tenders: readonly Tender[];
	readonly series?: string;
}

export interface Refund extends Omit<Bill, 'taxes'> {
	readonly order: OrderId;
	readonly refund: string;
	readonly receiptNo: string;
}

interface Taken {
	readonly line: PricedLine;
	readonly of: RefundLine;
	/** Of the line's quantity, by the refunds known here. */
	readonly before: number;
	readonly taxes: readonly Tax[];
}

/** Gives money and goods back, line by line, in whatever store the rights can be had: each unit once (S13). */
export class Refunds {
	readonly #shop: Shop;
	readonly #parts: CheckoutParts;

	constructor(shop: Shop, parts: CheckoutParts) {
		this.#shop = shop;
		this.#parts = parts;
	}

	/** Fetches the rights to refund where they are elsewhere, for 2 s unless told; then one commit. */
	async refund(input: RefundInput, options: WriteOptions & WaitOptions): Promise<Outcome<Refund>> {
		checkRefund(input);
		const { timeoutMs = 2_000, signal, ...write } = options;
		const { orders, members } = this.#parts;
		const wait = { timeoutMs, ...(signal && { signal }) };
		if (input.sold && !orders.get(input.order).get()) await orders.bring(input.sold, wait);
		const coming = members.comes({ members: [orders.get(input.order).get()?.settled?.member], coupons: [] });
		if (coming) await coming;
		const left = (line: LineId) => Math.max(1, orders.refundable(input.order, line).qty);
		const wanted = input.lines.map(({ line, qty = left(line) }) => ({ line, qty }));
		await orders.fetchRefundable(input.order, wanted, wait);
		const { sold: _, ...asked } = input; // where it was looked for is no part of what was asked
		return this.#shop.writeKeyed('order.refund', asked, write, (w) => this.#work(w, asked));
	}

	#work(w: Writing, input: RefundInput): Refund {
		const { orders, receipts, day } = this.#parts;
		day.mustBeOpen(w, w.head.date);
		const order = orders.get(input.order).get() ?? w.tx.refuse(no('unknown_order', input.order));
		const settled = order.settled ?? w.tx.refuse(no('wrong_state', input.order));
		const taken = input.lines.map((line) => this.#take(w, settled, order.refunds, line));
		const lines = taken.map(({ of }) => of);
		const bill = billOf(
			taken.map(({ of, taxes }) => ({ net: of.amount, taxes })),
			input.tenders,
			this.#shop,
		);
		changeOf(w, bill, input.tenders);
		const ledger = order.settledIn ?? order.ledger;
		const told = this.#shop.limits.checkTold(w, bill.due, input, settled.receiptNo, ledger);
		const refund = this.#shop.id();
		this.#restock(w, settled, taken, refund);
		for (const tender of input.tenders)
			if (tender.kind === 'purse' && settled.member !== undefined)
				this.#parts.members.giveBack(w, settled.member, tender.purse, tender.units ?? tender.amount, refund, order.id);
		const receiptNo = receipts.next(w, input.series);
		const { member } = settled;
		orders.refund(w, order.id, ledger, {
			...told,
			store: this.#shop.store,
			refund,
			receiptNo,
			lines,
			...bill,
			tenders: input.tenders,
			...(member !== undefined && { member }),
		});
		const { net, tax, rounding, due } = bill;
		return { order: order.id, refund, receiptNo, net, tax, rounding, due };
	}

	/** The part of a line that goes back: of what is left, so that piece after piece comes to what was paid and no more. */
	#take(
		{ tx }: Writing,
		settled: Settled,
		refunds: SettledOrder['refunds'],
		{ line: id, qty, amount, restock }: RefundInput['lines'][number],
	): Taken {
		const line = settled.lines.find((l) => l.id === id) ?? tx.refuse(no('unknown_line', id));
		const before = refunds.flatMap(({ value }) => value.lines).filter((l) => l.line === id);
		const [qtyBefore, amountBefore] = [sum(before.map((l) => l.qty)), sum(before.map((l) => l.amount))];
		const left = { qty: line.qty - qtyBefore, amount: line.net - amountBefore };
		const taking = qty ?? left.qty;
		if (taking < 1 || taking > left.qty) tx.refuse(no('already_refunded', id));
		const given = amount ?? share(Math.max(0, left.amount), taking, left.qty);
		if (given > left.amount) tx.refuse(no('refund_too_high', id));
		const taxes = (line.taxes ?? []).map((tax) => ({
			code: tax.code,
			amount: { ...tax.amount, value: nextShare(tax.amount.value, amountBefore, given, line.net) },
		}));
		const of = { line: id, sku: line.sku, qty: taking, amount: given, restock };
		return { line, of, before: qtyBefore, taxes: sumTaxes(taxes) };
	}

	#restock(w: Writing, settled: Settled, taken: readonly Taken[], document: string): void {
		for (const { line, of, before } of taken) {
			const sold = settled.goods.filter((goods) => goods.line === line.id);
			const goods = goodsBack(sold, before, of.qty, line.qty);
			this.#parts.stock.restock(w, goods, of.restock, `${document}/${line.id}`);
		}
	}
}

function checkRefund(input: RefundInput): void {
	if (typeof input !== 'object' || input === null) throw new BadArgument('input', 'expected an object.');
	checkName('order', input.order);
	if (input.sold !== undefined) checkDay('sold', input.sold);
	checkList('lines', input.lines, (path, { line, qty, amount, restock }) => {
		checkName(`${path}.line`, line);
		if (qty !== undefined) checkAmount(`${path}.qty`, qty);
		if (amount !== undefined) checkWhole(`${path}.amount`, amount);
		checkOneOf(`${path}.restock`, restock, ['sell', 'waste', 'no']);
	});
	if (new Set(input.lines.map(({ line }) => line)).size < input.lines.length)
		throw new BadArgument('lines', 'one of them comes twice.');
	checkTenders('tenders', input.tenders);
}
