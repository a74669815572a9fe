import { BadArgument } from '../../base/errors.js';
import type { AppointmentId, MemberId, Tender } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { checkAmount, checkList, checkName, checkOneOf } from '../shop/check.js';
import { cellsMost, checkSlot, type Grid, type Slot, type TimeCell } from './slots.js';

export interface Booking {
	/** Everything that it needs at once: the technician, the chair and the room. */
	readonly slots: readonly Slot[];
	readonly service: SkuId;
	readonly member?: MemberId;
	/** Paid now, used up by a tender `deposit` of a checkout: cash, payments, purses. */
	readonly deposit?: readonly Tender[];
	/** Where a time is taken or cannot be had here: written down all the same, as `waitlisted`. */
	readonly orWaitlist?: boolean;
}

export interface Booked {
	readonly id: AppointmentId;
	readonly state: 'held' | 'waitlisted';
}

export function checkBooking(booking: Booking): void {
	if (typeof booking !== 'object' || booking === null) throw new BadArgument('booking', 'expected an object.');
	checkList('slots', booking.slots, checkSlot);
	checkName('service', booking.service);
	if (booking.member !== undefined) checkName('member', booking.member);
	if (booking.deposit !== undefined) checkDeposit('deposit', booking.deposit);
	if (booking.member === undefined && booking.deposit?.some(({ kind }) => kind === 'purse'))
		throw new BadArgument('member', 'expected one: a purse pays.');
}

/** Amounts are positive; a coupon or another deposit pays none. */
export function checkDeposit(path: string, tenders: readonly Tender[]): void {
	checkList(path, tenders, (at, tender) => {
		checkOneOf(`${at}.kind`, tender?.kind, ['cash', 'card', 'wallet', 'purse', 'other']);
		checkAmount(`${at}.amount`, tender.amount);
		if (tender.kind === 'card' || tender.kind === 'wallet') checkName(`${at}.payment`, tender.payment);
		if (tender.kind === 'purse') checkName(`${at}.purse`, tender.purse);
		if (tender.kind === 'other') checkName(`${at}.name`, tender.name);
	});
}

/** The cells of slots that were checked. */
export function cellsOf(grid: Grid, path: string, slots: readonly Slot[]): readonly TimeCell[] {
	const cells = grid.touched(slots);
	if (cells.length > cellsMost)
		throw new BadArgument(
			path,
			`needs ${cells.length} cells of ${grid.cellMs / 60_000} minutes, more than ${cellsMost}.`,
		);
	return cells;
}
