import type { AppointmentId, MemberId, OrderId, Tender } from '../documents/order.js';
import type { Writing } from '../shop/writing.js';

/** What appointments need of others. */
export interface AppointmentParts {
	/** Opens an order that stays open, in the commit of `w`. */
	readonly orders: { openIn(w: Writing, order: { readonly member?: MemberId }): OrderId };
	/** Without it a deposit is written down, and nobody uses up what pays it. */
	readonly deposits?: {
		/** Uses up a purse's units, or a payment that was approved. Refuses by itself. */
		take(w: Writing, tender: Tender, appointment: AppointmentId, member: MemberId | undefined): void;
		giveBack(
			w: Writing,
			tender: Tender,
			appointment: AppointmentId,
			member: MemberId | undefined,
			document: string,
		): void;
	};
}
