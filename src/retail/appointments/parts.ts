import type { TenderDesk } from '../documents/money.js';
import type { MemberId, OrderId } from '../documents/order.js';
import type { Writing } from '../shop/writing.js';

/** What appointments need of others. */
export interface AppointmentParts {
	/** Opens an order that stays open, in the commit of `w`. */
	readonly orders: { openIn(w: Writing, order: { readonly member?: MemberId }): OrderId };
	/** Takes what is paid ahead, and gives it back. */
	readonly desk: TenderDesk;
}
