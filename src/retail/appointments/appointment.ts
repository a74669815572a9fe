import type { LedgerName } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type { AppointmentId, MemberId, OrderId } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import type { Minor } from '../shop/money.js';
import type { StaffId } from '../shop/writing.js';
import type { AppointmentDocument } from './documents.js';
import type { Slot } from './slots.js';

export type AppointmentState = 'waitlisted' | 'held' | 'arrived' | 'cancelled' | 'no_show';
export type AppointmentEvent = Exclude<AppointmentDocument['verb'], 'appointment.book'>;

/** What an event makes of an appointment; undefined where it is refused with `wrong_state`. */
export const appointmentMoves: Readonly<
	Record<AppointmentState, Readonly<Record<AppointmentEvent, AppointmentState | undefined>>>
> = {
	waitlisted: {
		'appointment.move': 'waitlisted',
		'appointment.promote': 'held',
		'appointment.cancel': 'cancelled',
		'appointment.arrive': undefined,
		'appointment.no_show': undefined,
	},
	held: {
		'appointment.move': 'held',
		'appointment.promote': undefined,
		'appointment.cancel': 'cancelled',
		'appointment.arrive': 'arrived',
		'appointment.no_show': 'no_show',
	},
	arrived: ended(),
	cancelled: ended(),
	no_show: ended(),
};

function ended(): Record<AppointmentEvent, undefined> {
	return {
		'appointment.move': undefined,
		'appointment.promote': undefined,
		'appointment.cancel': undefined,
		'appointment.arrive': undefined,
		'appointment.no_show': undefined,
	};
}

/** After which documents nothing more can happen to an appointment. */
export const isLast: Readonly<Record<AppointmentDocument['verb'], boolean>> = {
	'appointment.book': false,
	'appointment.move': false,
	'appointment.promote': false,
	'appointment.cancel': true,
	'appointment.arrive': true,
	'appointment.no_show': true,
};

/** In which states the cells of its slots are its own. */
export const takesCells: Readonly<Record<AppointmentState, boolean>> = {
	waitlisted: false,
	held: true,
	arrived: true,
	cancelled: false,
	no_show: true,
};

export interface Appointment {
	readonly id: AppointmentId;
	readonly ledger: LedgerName;
	readonly state: AppointmentState;
	/** Number of the last document. */
	readonly rev: number;
	readonly slots: readonly Slot[];
	readonly service: SkuId;
	readonly member?: MemberId;
	/** Paid ahead, in minor units; how much of it is left the pool `deposit` knows. */
	readonly deposit: Minor;
	readonly order?: OrderId;
	/** Who booked it. */
	readonly by?: StaffId;
	readonly note?: string;
	/** When it was booked, in milliseconds since 1970. */
	readonly atMs: number;
}

/** The documents in the order of their numbers; undefined as long as the booking itself is not here. */
export function foldAppointment(
	id: AppointmentId,
	entries: readonly Stamped<AppointmentDocument>[],
	ledger: LedgerName,
): Appointment | undefined {
	let appointment: Appointment | undefined;
	for (const { value, atMs } of [...entries].sort((a, b) => a.value.rev - b.value.rev)) {
		const { rev } = value;
		if (value.verb === 'appointment.book') {
			if (appointment) continue;
			const { state, slots, service, member, deposit = [], by, note } = value;
			const paid = deposit.reduce((sum, { amount }) => sum + amount, 0);
			appointment = {
				id,
				ledger,
				state,
				rev,
				slots,
				service,
				deposit: paid,
				atMs,
				...(member !== undefined && { member }),
				...(by !== undefined && { by }),
				...(note !== undefined && { note }),
			};
			continue;
		}
		const state: AppointmentState | undefined = appointment && appointmentMoves[appointment.state][value.verb];
		if (!appointment || state === undefined) continue;
		appointment = {
			...appointment,
			state,
			rev,
			...(value.verb === 'appointment.move' && { slots: value.slots }),
			...(value.verb === 'appointment.arrive' && { order: value.order }),
		};
	}
	return appointment;
}
