import type { LedgerName } from '../../base/ids.js';
import type { WaitOptions } from '../../ledger/live.js';
import type {
	AppointmentId,
	CouponId,
	LineId,
	MemberId,
	OrderDay,
	OrderId,
	PaymentId,
	PricedLine,
	Purse,
	Refunded,
	Settled,
	SoldGoods,
} from '../documents/order.js';
import type { Products, SkuId } from '../documents/sku.js';
import type { Told } from '../shop/limits.js';
import type { Minor } from '../shop/money.js';
import type { Head, Writing } from '../shop/writing.js';

/** What each capability does of a sale, inside the one commit. Each refuses by itself. */
export interface CheckoutParts {
	readonly catalog: Products & {
		price(
			sku: SkuId,
			options: { readonly channel?: string },
		): { readonly amount: Minor; readonly version: string } | undefined;
		discounted(
			lines: readonly PricedLine[],
			buyer: { readonly isMember: boolean; readonly channel?: string },
		): readonly PricedLine[];
	};
	readonly stock: {
		sell(
			w: Writing,
			lines: readonly PricedLine[],
			options: { readonly oversell?: { readonly reason: string } },
		): readonly SoldGoods[];
		restock(w: Writing, goods: readonly SoldGoods[], how: 'sell' | 'waste' | 'no', document: string): void;
	};
	readonly members: {
		/** Undefined where all of them are here; otherwise when they are, or the time is over. */
		comes(visit: Visit): Promise<void> | undefined;
		/** Refuses `unknown_member`, `member_not_here`, `member_erased`. */
		mustBe(w: Writing, member: MemberId): void;
		pay(
			w: Writing,
			member: MemberId,
			purse: Purse,
			units: number,
			options: { readonly lend?: boolean; readonly for: OrderId },
		): void;
		/** To where the order took it from. */
		giveBack(w: Writing, member: MemberId, purse: Purse, units: number, document: string, of: OrderId): void;
		credit(w: Writing, member: MemberId, points: number, source: string): boolean;
		useCoupon(w: Writing, coupon: CouponId, options: { readonly member?: MemberId }): void;
	};
	readonly orders: {
		begin(
			w: Writing,
			order: { readonly member?: MemberId; readonly channel?: string },
		): { readonly id: OrderId; readonly ledger: LedgerName };
		mustBeOpen(w: Writing, id: OrderId): OpenOrder;
		settle(w: Writing, id: OrderId, ledger: LedgerName, settled: Omit<Settled, keyof Head>): void;
		refund(w: Writing, id: OrderId, ledger: LedgerName, refunded: Omit<Refunded, keyof Head> & Told): void;
		get(id: OrderId): { get(): SettledOrder | undefined };
		refundable(id: OrderId, line: LineId): { readonly qty: number };
		/** Keeps the orders of a day and store from now on; false where not all of them came. */
		bring(day: OrderDay, wait: WaitOptions): Promise<boolean>;
		fetchRefundable(
			id: OrderId,
			lines: readonly { readonly line: LineId; readonly qty: number }[],
			wait: WaitOptions,
		): Promise<boolean>;
	};
	readonly appointments?: {
		useDeposit(w: Writing, appointment: AppointmentId, amount: Minor, order: OrderId): void;
	};
	readonly receipts: { next(w: Writing, series?: string): string };
	readonly payments: { use(w: Writing, payment: PaymentId, amount: Minor, order: OrderId): void };
	readonly day: { mustBeOpen(w: Writing, date: string): void };
}

export interface Visit {
	readonly members: readonly (MemberId | undefined)[];
	readonly coupons: readonly CouponId[];
}

export interface OpenOrder {
	readonly id: OrderId;
	readonly ledger: LedgerName;
	readonly lines: readonly PricedLine[];
	readonly member?: MemberId;
	readonly channel?: string;
}

/** An order as refunds read it. */
export interface SettledOrder {
	readonly id: OrderId;
	readonly ledger: LedgerName;
	readonly settledIn?: LedgerName;
	readonly state: 'open' | 'parked' | 'settled' | 'voided';
	readonly member?: MemberId;
	readonly settled: Settled | undefined;
	readonly refunds: readonly { readonly value: Refunded }[];
}
