import type { LedgerName } from '../../base/ids.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { AppointmentId, OrderId, Tender } from '../documents/order.js';
import { checkDate, checkList, checkName } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import { declined, no, type Outcome } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Head, MaybeKeyed, WriteOptions, Writing } from '../shop/writing.js';
import { type Appointment, type AppointmentEvent, appointmentMoves, isLast } from './appointment.js';
import { type Booked, type Booking, cellsOf, checkBooking, checkDeposit } from './booking.js';
import { fetchCells, fetchMs, freeCells, poolsOf, rightOf, takeCells, whyNot } from './cells.js';
import { type CommissionQuery, type CommissionRow, commissionsOf } from './commissions.js';
import type { AppointmentDocument } from './documents.js';
import { doubleOffers, waitlistSource } from './exceptions.js';
import { Offering } from './offering.js';
import type { AppointmentParts } from './parts.js';
import { type DayQuery, type DayRow, Plan } from './plan.js';
import { checkSlot, isoOf, type Slot, type TimeCell } from './slots.js';

/**
 * Times of technicians, chairs and rooms, each cell of a grid one unit that is spent once: two tills that book the same time
 * with the line down cannot both have it (ESC1, S39). Whoever changes an appointment uses up the one right to its next
 * document, so that it is never moved here and cancelled there.
 */
export class Appointments {
	readonly #shop: Shop;
	readonly #parts: AppointmentParts;
	readonly #plan: Plan;
	readonly #offering: Offering;

	constructor(shop: Shop, parts: AppointmentParts) {
		this.#shop = shop;
		this.#parts = parts;
		this.#plan = Plan.of(shop);
		this.#offering = new Offering(shop, this.#plan);
		shop.shared('appointment exceptions', () => {
			const resolve = { promote: this.promote.bind(this), cancel: this.cancel.bind(this) };
			shop.exceptions.add(waitlistSource(shop, this.#plan, resolve)).add(doubleOffers(shop, this.#plan));
			return true;
		});
	}

	/**
	 * Opens a resource's time for booking. A technician's day is offered by one device: cells that this one knows of are not
	 * offered twice, but two devices that have not met would each offer them; that opens an exception `double_offer`. Answers
	 * how many cells are new.
	 */
	offer(slot: Slot, options: MaybeKeyed = {}): Promise<Outcome<{ readonly cells: number }>> {
		return this.#offering.offer(slot, options);
	}

	/**
	 * Takes back what is offered of a resource's time, all of it or nothing: nobody can be booked for it until it is offered
	 * anew. A cell that the time lies in goes whole. Cells that another till has are fetched first. Refuses `slot_booked`, naming
	 * the appointments, `slot_closed` where nothing of it is offered, `slot_not_here`. Answers how many cells it were.
	 */
	withdraw(slot: Slot, options: MaybeKeyed & WaitOptions = {}): Promise<Outcome<{ readonly cells: number }>> {
		return this.#offering.withdraw(slot, options);
	}

	/** Fetches what is free of a resource's time to this till, to book it with the line down; answers how many cells are here. */
	bring(slot: Slot, wait: WaitOptions = {}): Promise<number> {
		return this.#offering.bring(slot, wait);
	}

	/**
	 * Takes every cell of every slot, or none. Cells that another till has are fetched first. Refuses `slot_taken`,
	 * `slot_not_here`, `slot_closed` (not offered, or taken back), and what a deposit refuses (`day_closed`); with `orWaitlist`
	 * it is `waitlisted` then.
	 */
	async book(booking: Booking, options: WriteOptions & WaitOptions): Promise<Outcome<Booked>> {
		checkBooking(booking);
		const { timeoutMs = fetchMs, signal, ...write } = options;
		const cells = cellsOf(this.#plan.grid, 'slots', booking.slots);
		const pools = this.#pools();
		await fetchCells(pools.slot, cells, { timeoutMs, ...(signal && { signal }) });
		const { slots, service, member, deposit = [], orWaitlist = false } = booking;
		return this.#shop.writeKeyed('appointment.book', booking, write, (w): Booked => {
			const id = this.#shop.id();
			const state = this.#take(w, this.#desk, cells, orWaitlist) ? 'held' : 'waitlisted';
			const paid = sumOf(deposit);
			if (paid > 0) {
				this.#parts.desk.take(w, { onAccount: { deposit: paid }, tenders: deposit, of: id, member });
				w.tx.mint(pools.deposit, id, paid, id);
			}
			this.#write(w, this.#desk, id, {
				...w.head,
				verb: 'appointment.book',
				rev: 0,
				state,
				slots,
				service,
				...(member !== undefined && { member }),
				...(deposit.length > 0 && { deposit }),
			});
			return { id, state };
		});
	}

	/** To other times, all of them or none; what it had and needs no more is free again. Refuses as `book` does, and `wrong_state`. */
	async move(id: AppointmentId, to: readonly Slot[], options: WriteOptions & WaitOptions): Promise<Outcome<void>> {
		checkList('to', to, checkSlot);
		const cells = cellsOf(this.#plan.grid, 'to', to);
		return this.#change('appointment.move', id, { id, to }, options, cells, (w, { ledger, state, slots, rev }) => {
			const { slot: pool } = poolsOf(this.#shop, ledger);
			if (state === 'held') {
				const had = this.#plan.grid.touched(slots);
				const [before, after] = [new Set(had.map(({ key }) => key)), new Set(cells.map(({ key }) => key))];
				this.#take(
					w,
					ledger,
					cells.filter(({ key }) => !before.has(key)),
				);
				freeCells(
					w,
					pool,
					had.filter(({ key }) => !after.has(key)),
					rightOf(id, rev),
				);
			}
			this.#write(w, ledger, id, { ...w.head, verb: 'appointment.move', rev: rev + 1, slots: to });
		});
	}

	/** From the waitlist into its times, now that they are free. Refuses as `book` does, and `wrong_state`. */
	async promote(id: AppointmentId, options: WriteOptions & WaitOptions): Promise<Outcome<void>> {
		const slots = this.get(id)?.slots ?? [];
		const cells = this.#plan.grid.touched(slots);
		return this.#change('appointment.promote', id, { id }, options, cells, (w, appointment) => {
			this.#take(w, appointment.ledger, this.#plan.grid.touched(appointment.slots));
			this.#write(w, appointment.ledger, id, { ...w.head, verb: 'appointment.promote', rev: appointment.rev + 1 });
		});
	}

	/**
	 * Its times are free again. What was paid ahead stays and may pay another checkout, unless it is given back: `giveBack`
	 * comes to no more than is left of it, else `deposit_not_here`, `day_closed`. Refuses `wrong_state`, `appointment_not_here`.
	 */
	async cancel(
		id: AppointmentId,
		options: WriteOptions & WaitOptions & { readonly giveBack?: readonly Tender[] },
	): Promise<Outcome<void>> {
		const { giveBack, ...rest } = options;
		if (giveBack !== undefined) checkDeposit('giveBack', giveBack);
		const input = { id, ...(giveBack && { giveBack }) };
		if (giveBack) await this.fetchDeposit(id, rest);
		return this.#change('appointment.cancel', id, input, rest, [], (w, { ledger, state, slots, rev, member }) => {
			const pools = poolsOf(this.#shop, ledger);
			if (state === 'held') freeCells(w, pools.slot, this.#plan.grid.touched(slots), rightOf(id, rev));
			if (giveBack?.length) {
				const back = sumOf(giveBack);
				w.tx.spend(pools.deposit, id, back);
				const money = { onAccount: { deposit_refund: back }, tenders: giveBack, of: id, member };
				this.#parts.desk.give(w, money, rightOf(id, rev));
			}
			this.#write(w, ledger, id, {
				...w.head,
				verb: 'appointment.cancel',
				rev: rev + 1,
				...(giveBack && { giveBack }),
			});
		});
	}

	/** They are here: opens an order, and fetches what was paid ahead to this till. */
	async arrive(id: AppointmentId, options: WriteOptions & WaitOptions): Promise<Outcome<OrderId>> {
		const { timeoutMs = fetchMs, signal } = options;
		await this.fetchDeposit(id, { timeoutMs, ...(signal && { signal }) });
		return this.#change('appointment.arrive', id, { id }, options, [], (w, { ledger, rev, member }) => {
			const order = this.#parts.orders.openIn(w, { ...(member !== undefined && { member }) });
			this.#write(w, ledger, id, { ...w.head, verb: 'appointment.arrive', rev: rev + 1, order });
			return order;
		});
	}

	/** They did not come. Its times stay used up, what was paid ahead stays where it is. */
	async noShow(id: AppointmentId, options: WriteOptions & WaitOptions): Promise<Outcome<void>> {
		return this.#change('appointment.no_show', id, { id }, options, [], (w, { ledger, rev }) =>
			this.#write(w, ledger, id, { ...w.head, verb: 'appointment.no_show', rev: rev + 1 }),
		);
	}

	get(id: AppointmentId): Appointment | undefined {
		return this.#plan.appointments.get(id);
	}

	/** A day of this store: what is booked, whatever became of it, and what is free. */
	day(query: DayQuery): Live<readonly DayRow[]> {
		checkDate('date', query.date);
		return this.#plan.live(() => this.#plan.day(query));
	}

	/** Who waits for a time, the first come first. */
	waitlist(): Live<readonly Appointment[]> {
		return this.#plan.live(() => this.#plan.waiting());
	}

	/** What each of the staff did of the sales in view: lines by their performers' shares, refunds taken off. */
	commissions(query: CommissionQuery): Live<readonly CommissionRow[]> {
		return commissionsOf(this.#shop, query);
	}

	/** What is left of what was paid ahead, as far as it is here. */
	deposit(id: AppointmentId): Minor {
		const appointment = this.get(id);
		return appointment ? poolsOf(this.#shop, appointment.ledger).deposit.mine(id) : 0;
	}

	/** Fetches what is left of what was paid ahead to this till; answers how much is here. */
	async fetchDeposit(id: AppointmentId, wait: WaitOptions = {}): Promise<Minor> {
		const appointment = this.get(id);
		if (!appointment || appointment.deposit === 0) return 0;
		const { deposit: pool } = poolsOf(this.#shop, appointment.ledger);
		const { level } = pool.now(id);
		const { timeoutMs = fetchMs, signal } = wait;
		return level < 1 ? 0 : pool.ensure(id, level, { timeoutMs, ...(signal && { signal }) });
	}

	/** Part of a checkout: a deposit pays, each unit of it once. Refuses `unknown_appointment`, `deposit_not_here`. */
	useDeposit({ tx }: Writing, id: AppointmentId, amount: Minor, _order: OrderId): void {
		const appointment = this.get(id) ?? tx.refuse(no('unknown_appointment', id));
		tx.spend(poolsOf(this.#shop, appointment.ledger).deposit, id, amount);
	}

	get #desk(): LedgerName {
		return this.#shop.desk.name;
	}

	#pools() {
		return poolsOf(this.#shop, this.#desk);
	}

	/** False where a cell cannot be had and `orElse` allows for it. */
	#take(w: Writing, ledger: LedgerName, cells: readonly TimeCell[], orElse = false): boolean {
		const { slot: pool } = poolsOf(this.#shop, ledger);
		for (const cell of cells) {
			const code = whyNot(pool, cell, () => this.#plan.holding(ledger, [cell]).length > 0);
			if (code === undefined) continue;
			if (orElse) return false;
			const resource = cell.key.slice(0, cell.key.length - 18);
			w.tx.refuse(no(code, `${resource} ${isoOf(cell.fromMs)}`));
		}
		takeCells(w, pool, cells);
		return true;
	}

	/** The document, and the right to the next one. */
	#write(w: Writing, ledger: LedgerName, id: AppointmentId, document: Head & AppointmentDocument): void {
		w.append(ledger, 'appointment', id, document);
		if (!isLast[document.verb])
			w.tx.mint(poolsOf(this.#shop, ledger).appointment, rightOf(id, document.rev), 1, rightOf(id, document.rev));
	}

	/** One document further, by the one right to it, which is fetched first where another till has it. */
	async #change<T>(
		event: AppointmentEvent,
		id: AppointmentId,
		input: unknown,
		{ timeoutMs = fetchMs, signal, ...write }: WriteOptions & WaitOptions,
		cells: readonly TimeCell[],
		work: (w: Writing, appointment: Appointment) => T,
	): Promise<Outcome<T>> {
		checkName('id', id);
		const known = this.get(id);
		if (!known) return declined('unknown_appointment', this.#shop.settings.locale, id);
		const { slot, appointment: right } = poolsOf(this.#shop, known.ledger);
		const wait = { timeoutMs, ...(signal && { signal }) };
		if (appointmentMoves[known.state][event] !== undefined) {
			const held = right.mine(rightOf(id, known.rev)) > 0 ? undefined : right.ensure(rightOf(id, known.rev), 1, wait);
			await Promise.all([held, fetchCells(slot, cells, wait)]);
		}
		return this.#shop.writeKeyed(event, input, write, (w) => {
			const now = this.get(id) ?? w.tx.refuse(no('unknown_appointment', id));
			if (appointmentMoves[now.state][event] === undefined) w.tx.refuse(no('wrong_state', id));
			w.tx.spend(right, rightOf(id, now.rev), 1);
			return work(w, now);
		});
	}
}

function sumOf(tenders: readonly Tender[]): Minor {
	return tenders.reduce((sum, { amount }) => sum + amount, 0);
}
