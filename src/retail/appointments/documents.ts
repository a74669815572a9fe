import type { MemberId, OrderId, Tender } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import type { Head } from '../shop/writing.js';
import type { Slot } from './slots.js';

/** ---- the log `offer/<resource>:<business date>` in `desk/<store>` ---- */

/** Times that somebody may be booked for; each of their cells was minted with it. Taken back, they may be offered anew. */
export interface SlotsOffered extends Head {
	readonly verb: 'appointment.offer';
	readonly stretches: readonly Slot[];
}

/** Times that nobody may be booked for any more; whatever was left of each of their cells was spent with it. */
export interface SlotsWithdrawn extends Head {
	readonly verb: 'appointment.withdraw';
	readonly stretches: readonly Slot[];
}

export type OfferDocument = SlotsOffered | SlotsWithdrawn;

/** ---- the log `appointment/<id>` in `desk/<store>` ---- */

/**
 * Every document uses up the one right to say what becomes of the appointment, and names its number: there is one document
 * of each number, whoever wrote it and whatever his clock said.
 */
interface Numbered extends Head {
	readonly rev: number;
}

export interface AppointmentBooked extends Numbered {
	readonly verb: 'appointment.book';
	readonly state: 'held' | 'waitlisted';
	readonly slots: readonly Slot[];
	readonly service: SkuId;
	readonly member?: MemberId;
	readonly deposit?: readonly Tender[];
}

export interface AppointmentMoved extends Numbered {
	readonly verb: 'appointment.move';
	readonly slots: readonly Slot[];
}

export interface AppointmentPromoted extends Numbered {
	readonly verb: 'appointment.promote';
}

export interface AppointmentCancelled extends Numbered {
	readonly verb: 'appointment.cancel';
	/** What was given back of the deposit. */
	readonly giveBack?: readonly Tender[];
}

export interface AppointmentArrived extends Numbered {
	readonly verb: 'appointment.arrive';
	readonly order: OrderId;
}

export interface AppointmentMissed extends Numbered {
	readonly verb: 'appointment.no_show';
}

export type AppointmentDocument =
	| AppointmentBooked
	| AppointmentMoved
	| AppointmentPromoted
	| AppointmentCancelled
	| AppointmentArrived
	| AppointmentMissed;
