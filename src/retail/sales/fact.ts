import type { DeviceId, StoreId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import { type NamedTender, tenderName } from '../documents/money.js';
import type { LineId, OrderDocument, OrderId, PricedLine, Refunded, Settled, Tax } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { judgeRefunds } from '../documents/true-refunds.js';
import type { IsoDate } from '../shop/business-day.js';
import { allocate, type Minor } from '../shop/money.js';
import type { StaffId } from '../shop/writing.js';

export interface FactLine {
	readonly sku: SkuId;
	/** Negative where it came back. */
	readonly qty: number;
	readonly net: Minor;
	/** Price times quantity, before discounts. */
	readonly gross: Minor;
	/** Who is credited with how much of the net; the cashier where nobody is named. */
	readonly staff: readonly { readonly staff: StaffId; readonly net: Minor }[];
}

/** One sale or refund, as sums need it: amounts of refunds are negative. */
export interface Fact {
	readonly kind: 'sale' | 'refund';
	readonly order: OrderId;
	readonly receiptNo: string;
	readonly store: StoreId;
	readonly date: IsoDate;
	readonly atMs: number;
	readonly device: DeviceId;
	/** Its author had been given up: it counts all the same (ESC7). */
	readonly late: boolean;
	readonly staff: StaffId | undefined;
	readonly channel: string;
	readonly visitors: number;
	readonly lines: readonly FactLine[];
	readonly net: Minor;
	readonly taxes: readonly Tax[];
	readonly tax: Minor;
	readonly rounding: Minor;
	readonly due: Minor;
	readonly tenders: readonly NamedTender[];
}

/** What an order's documents sold and took back. */
export function factsOf(order: OrderId, entries: readonly Stamped<OrderDocument>[]): readonly Fact[] | undefined {
	const facts: Fact[] = [];
	const refunded: Stamped<Refunded>[] = [];
	let channel: string | undefined;
	const sold = new Map<LineId, PricedLine>();
	for (const { value, atMs, device, late } of entries) {
		const from = { order, atMs, device, late };
		if (value.verb === 'order.open') channel = value.channel;
		else if (value.verb === 'order.settle') {
			facts.push(saleOf(value, from, channel));
			for (const line of value.lines) sold.set(line.id, line);
		} else if (value.verb === 'order.refund') refunded.push({ value, atMs, device, late });
	}
	for (const { value, ...from } of judgeRefunds(order, refunded).counted)
		facts.push(refundOf(value, { order, ...from }, channel, sold));
	return facts.length === 0 ? undefined : facts;
}

type From = Pick<Fact, 'order' | 'atMs' | 'device' | 'late'>;

function saleOf(sale: Settled, from: From, opened: string | undefined): Fact {
	const { store, date, receiptNo, net, taxes, tax, rounding, due, by, visitors = 1 } = sale;
	const { order, atMs, device, late } = from; // by name: spread into so many fields they would make a slow object
	return {
		order,
		atMs,
		device,
		late,
		kind: 'sale',
		store,
		date,
		receiptNo,
		staff: by,
		channel: sale.channel ?? opened ?? '',
		visitors,
		lines: sale.lines.map((line) => lineOf(line, by)),
		net,
		taxes,
		tax,
		rounding,
		due,
		tenders: sale.tenders.map((tender) => ({ name: tenderName(tender), amount: tender.amount })),
	};
}

function lineOf(line: PricedLine, by: StaffId | undefined): FactLine {
	const { sku, qty, net, discount = 0 } = line;
	return { sku, qty, net, gross: net + discount, staff: creditOf(net, line.performers, by) };
}

/** Shared by performers; what is nobody's share, and all of it where nobody is named, is the cashier's. */
function creditOf(
	net: Minor,
	performers: PricedLine['performers'] = [],
	by: StaffId | undefined = '',
): FactLine['staff'] {
	if (performers.length === 0) return by === '' || net === 0 ? [] : [{ staff: by, net }];
	const rest = 10_000 - performers.reduce((sum, { shareBp }) => sum + shareBp, 0);
	const shares = [...performers, { staff: by, shareBp: rest }];
	const nets = allocate(
		net,
		shares.map(({ shareBp }) => shareBp),
	);
	return shares
		.map(({ staff }, i) => ({ staff, net: nets[i] ?? 0 }))
		.filter((share, i) => share.staff !== '' && (share.net !== 0 || i < performers.length));
}

/** What performers were credited with goes back from them. */
function refundOf(
	refund: Refunded,
	from: From,
	opened: string | undefined,
	sold: ReadonlyMap<LineId, PricedLine>,
): Fact {
	const { store, date, receiptNo, net, taxes, tax, rounding, due, by } = refund;
	return {
		...from,
		kind: 'refund',
		store,
		date,
		receiptNo,
		staff: by,
		channel: opened ?? '',
		visitors: 0,
		lines: refund.lines.map(({ line, sku, qty, amount }) => ({
			sku,
			qty: -qty,
			net: -amount,
			gross: -amount,
			staff: creditOf(-amount, sold.get(line)?.performers, by),
		})),
		net: -net,
		taxes: taxes.map(({ code, amount }) => ({ code, amount: { ...amount, value: -amount.value } })),
		tax: -tax,
		rounding: -rounding,
		due: -due,
		tenders: refund.tenders.map((tender) => ({ name: tenderName(tender), amount: -tender.amount })),
	};
}
