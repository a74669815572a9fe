import type { LedgerName } from '../../base/ids.js';
import type { Minor } from '../shop/money.js';
import type { Head } from '../shop/shop.js';
import type { OrderId, Tender } from './order.js';

/** ---- the log `payment/<id>`, in the ledger of its order ---- */

export interface PaymentAttempted extends Head {
	readonly verb: 'payment.attempt';
	readonly order: OrderId;
	readonly amount: Minor;
	readonly driver: string;
}

export interface PaymentAnswered extends Head {
	readonly verb: 'payment.result';
	readonly state: 'approved' | 'declined' | 'unknown' | 'reversed';
	readonly ref?: string;
	readonly brand?: string;
	readonly last4?: string;
}

/** Written before the terminal is asked to give the money back. */
export interface PaymentReversed extends Head {
	readonly verb: 'payment.reverse';
}

/** The money was given back by other means, or kept for a reason. */
export interface PaymentResolved extends Head {
	readonly verb: 'payment.resolve';
	readonly outcome: string;
}

export type PaymentDocument = PaymentAttempted | PaymentAnswered | PaymentReversed | PaymentResolved;

/** What payments read of the order that they are for. */
export interface PaidOrder {
	readonly ledger: LedgerName;
	/** All that it lies in. */
	readonly ledgers: readonly LedgerName[];
	readonly state: 'open' | 'parked' | 'settled' | 'voided';
	/** Every settlement of it. */
	readonly settlements: readonly { readonly value: { readonly tenders: readonly Tender[] } }[];
}

export interface PaidOrders {
	order(id: OrderId): PaidOrder | undefined;
	onChange(listener: () => void): () => void;
}
