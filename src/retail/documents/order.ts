import type { Id, StoreId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Fixed, Minor } from '../shop/money.js';
import type { Head, StaffId } from '../shop/shop.js';
import type { LotId, SkuId } from './sku.js';

export type OrderId = Id<'order'>;
export type LineId = Id<'line'>;
export type MemberId = Id<'member'>;
export type CouponId = Id<'coupon'>;
export type PaymentId = Id<'payment'>;
export type AppointmentId = Id<'appointment'>;

/** Which ledger an order lies in. */
export interface OrderDay {
	readonly businessDate: IsoDate;
	/** This till's by default. */
	readonly store?: StoreId;
}

/** `pack:<name>`: prepaid visits, counted in visits; the others in minor units or points. */
export type Purse = 'stored' | 'bonus' | 'points' | `pack:${string}`;

export type Tender =
	| { readonly kind: 'cash'; readonly amount: Minor; readonly given?: Minor }
	/** `amount` is what it pays of the bill; `units` what leaves the purse, where that differs (points, visits). */
	| { readonly kind: 'purse'; readonly purse: Purse; readonly amount: Minor; readonly units?: number }
	| { readonly kind: 'card' | 'wallet'; readonly amount: Minor; readonly payment: PaymentId }
	| { readonly kind: 'coupon'; readonly coupon: CouponId; readonly amount: Minor }
	| { readonly kind: 'deposit'; readonly appointment: AppointmentId; readonly amount: Minor }
	| { readonly kind: 'other'; readonly name: string; readonly amount: Minor };

export interface Tax {
	readonly code: string;
	readonly amount: Fixed;
}

export interface Performer {
	readonly staff: StaffId;
	/** Of ten thousand: 10000 is all of it. */
	readonly shareBp: number;
}

/** What a vendor says of a line. */
export interface NewLine {
	readonly sku: SkuId;
	/** At the SKU's scale. */
	readonly qty: number;
	/** Minor units for one whole unit; the catalogue's price by default. */
	readonly unitPrice?: Minor;
	/** The price version that the customer was shown: `stale_price` where another is in force now. */
	readonly priceVersion?: string;
	/** Taken off the whole line, a positive number. */
	readonly discount?: Minor;
	readonly taxes?: readonly Tax[];
	readonly lot?: LotId;
	readonly performers?: readonly Performer[];
	readonly note?: string;
	readonly ext?: Readonly<Record<string, Json>>;
}

/** A line with its price fixed, as documents keep it. */
export interface PricedLine extends NewLine {
	readonly id: LineId;
	readonly unitPrice: Minor;
	/** Price times quantity, less the discount. Taxes beside it. */
	readonly net: Minor;
	/** Its price is the catalogue's, so that promotions apply to it at settlement; silent where it was set by hand. */
	readonly listed?: true;
	/** Of a line that is settled or quoted: what promotions took off, as a part of `discount`. */
	readonly promotions?: readonly Promotion[];
}

/** What one promotion took off. */
export interface Promotion {
	/** The publication that it came with; silent where the vendor's engine does not say. */
	readonly version?: string;
	/** The rule's kind; `other` where the vendor's engine does not say. */
	readonly kind: string;
	readonly name?: string;
	readonly off: Minor;
}

/** ---- the log `order/<id>` in `orders/<store>/<date of opening>` ---- */

export interface OrderOpened extends Head {
	readonly verb: 'order.open';
	readonly table?: string;
	readonly member?: MemberId;
	readonly channel?: string;
	readonly externalId?: string;
	readonly pickup?: string;
	readonly followUpOf?: OrderId;
	/** Of an order that was split off another. */
	readonly splitOf?: OrderId;
}

export interface LinesAdded extends Head {
	readonly verb: 'order.add';
	readonly lines: readonly PricedLine[];
}

export interface LineChanged extends Head {
	readonly verb: 'order.change';
	readonly line: LineId;
	/** One more than the changes of this line that its author had seen: the highest one stands. */
	readonly n: number;
	/** With the quantity goes what it comes to. */
	readonly qty?: number;
	readonly net?: Minor;
	readonly taxes?: readonly Tax[];
	readonly text?: string;
}

export interface LineVoided extends Head {
	readonly verb: 'order.void_line';
	readonly line: LineId;
	readonly reason: string;
}

export interface OrderVoided extends Head {
	readonly verb: 'order.void';
	readonly reason: string;
}

export interface OrderParked extends Head {
	readonly verb: 'order.park';
	/** One more than the parkings and recalls that its author had seen: the highest one stands. */
	readonly n: number;
}

export interface OrderRecalled extends Head {
	readonly verb: 'order.recall';
	readonly n: number;
}

/** The lines that left for other orders. */
export interface OrderSplit extends Head {
	readonly verb: 'order.split';
	readonly into: readonly { readonly order: OrderId; readonly lines: readonly LineId[] }[];
}

/** What came to light after a settlement, and what was done about it. */
export interface OrderResolved extends Head {
	readonly verb: 'order.resolve';
	readonly exception: string;
	readonly kind: MatterKind;
	readonly outcome: string;
	/** Minor units that it was about. */
	readonly amount: Minor;
	/** Of late changes: how much of each line is dealt with. */
	readonly lines?: readonly { readonly line: LineId; readonly qty: number; readonly net: Minor }[];
	/** Of settlements beyond the first: how many are dealt with. */
	readonly settlements?: number;
	/** Of refunds that do not count: how many were looked at. */
	readonly refunds?: number;
	/** The order that bills what came late. */
	readonly followUp?: OrderId;
}

/**
 * `late_change`: the order was changed where its settlement was not known. `refund_request`: it was voided where its payment
 * was not known. `double_settle`: it was named outside, opened at two tills and paid at both. `false_refund`: a refund is not
 * what it says, or rests on a yes that was used: it counts nowhere.
 */
export type MatterKind = 'late_change' | 'refund_request' | 'double_settle' | 'false_refund';

/** Goods that left the stock by a line, kits taken apart. */
export interface SoldGoods {
	readonly line: LineId;
	readonly sku: SkuId;
	readonly qty: number;
	readonly lot?: LotId;
	/** Of `qty`, sold beyond the stock at hand. */
	readonly oversold?: number;
	/** Owed to this supplier, in minor units. */
	readonly owed?: { readonly supplier: string; readonly amount: Minor };
}

/** The one sale of an order: everything that totals, receipts and refunds need of it. */
export interface Settled extends Head {
	readonly verb: 'order.settle';
	readonly store: StoreId;
	readonly receiptNo: string;
	readonly lines: readonly PricedLine[];
	/** Sum of the lines' nets. */
	readonly net: Minor;
	/** By code, exact. */
	readonly taxes: readonly Tax[];
	/** What taxes add to the bill after rounding; 0 where prices include them. */
	readonly tax: Minor;
	/** What the cash drawer's coins add or take. */
	readonly rounding: Minor;
	/** net + tax + rounding: what the tenders come to. */
	readonly due: Minor;
	readonly tenders: readonly Tender[];
	readonly change: Minor;
	readonly goods: readonly SoldGoods[];
	readonly member?: MemberId;
	readonly earned?: number;
	readonly coupons?: readonly CouponId[];
	readonly channel?: string;
	/** People served; 1 by default. */
	readonly visitors?: number;
}

export interface RefundLine {
	readonly line: LineId;
	readonly sku: SkuId;
	readonly qty: number;
	/** Given back for it, taxes aside. */
	readonly amount: Minor;
	/** `sell`: back on the shelf; `waste`: thrown away; `no`: it never came back. */
	readonly restock: 'sell' | 'waste' | 'no';
}

export interface Refunded extends Head {
	readonly verb: 'order.refund';
	/** Where the money was given back. */
	readonly store: StoreId;
	readonly refund: string;
	readonly receiptNo: string;
	readonly lines: readonly RefundLine[];
	/** Sum of the lines' amounts. */
	readonly net: Minor;
	readonly taxes: readonly Tax[];
	readonly tax: Minor;
	readonly rounding: Minor;
	/** net + tax + rounding, given back by the tenders: all positive. */
	readonly due: Minor;
	readonly tenders: readonly Tender[];
	readonly member?: MemberId;
}

export type OrderDocument =
	| OrderOpened
	| LinesAdded
	| LineChanged
	| LineVoided
	| OrderVoided
	| OrderParked
	| OrderRecalled
	| OrderSplit
	| OrderResolved
	| Settled
	| Refunded;
