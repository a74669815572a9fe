import { compareStrings } from '../../base/bytes.js';
import type { DeviceId, LedgerName } from '../../base/ids.js';
import { createLive, type Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
import type { AppointmentId, MemberId } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { addDays, type IsoDate } from '../shop/business-day.js';
import type { Change, Index } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';
import { type Appointment, type AppointmentState, foldAppointment, takesCells } from './appointment.js';
import { freeOf, poolsOf } from './cells.js';
import type { AppointmentDocument, OfferDocument } from './documents.js';
import { Grid, type Slot, type TimeCell } from './slots.js';

/** A time of somebody's day: an appointment's, or a free one. */
export interface DayRow extends Slot {
	readonly state: AppointmentState | 'free';
	readonly id?: AppointmentId;
	/** The time is kept for them, by a unit that nobody else can spend. */
	readonly confirmed: boolean;
	readonly service?: SkuId;
	readonly member?: MemberId;
}

/** What was offered of a resource's day, and taken back. */
export interface OfferedDay {
	readonly id: string;
	readonly ledger: LedgerName;
	/** In order of time. */
	readonly stretches: readonly Stretch[];
}

interface Stretch extends Slot {
	readonly isOffered: boolean;
	readonly device: DeviceId;
	readonly atMs: number;
}

export interface DayQuery {
	readonly date: IsoDate;
	readonly resource?: string;
}

/** What is offered and what is booked, by day: one for all of a till. */
export class Plan {
	readonly grid: Grid;
	readonly appointments: Index<AppointmentDocument, Appointment>;
	readonly offers: Index<OfferDocument, OfferedDay>;
	readonly #shop: Shop;
	readonly #byDate = new Map<IsoDate, Set<Appointment>>();
	readonly #waiting = new Set<Appointment>();
	readonly #listeners = new Set<() => void>();
	#version = 0;

	static of(shop: Shop): Plan {
		return shop.shared('appointments', () => new Plan(shop));
	}

	private constructor(shop: Shop) {
		this.#shop = shop;
		this.grid = new Grid(shop.settings.slotMinutes ?? 15);
		this.appointments = shop.index('appointments', 'desk', 'appointment', foldAppointment);
		this.offers = shop.index('offers', 'desk', 'offer', foldOffer);
		for (const appointment of this.appointments.values()) this.#add(appointment);
		this.appointments.onChange((changes) => this.#appointmentsChanged(changes));
		this.offers.onChange(() => this.#tell());
	}

	live<T>(read: () => T): Live<T> {
		return createLive({
			version: () => this.#version,
			read,
			timers: this.#shop.platform.timers,
			listen: (changed) => {
				const listener = () => changed();
				this.#listeners.add(listener);
				return () => this.#listeners.delete(listener);
			},
		});
	}

	/** Appointments of a day at this store, whatever became of them, and its free times. */
	day({ date, resource }: DayQuery): DayRow[] {
		const ledger = this.#shop.desk.name;
		const isMeant = (slot: Slot) => resource === undefined || slot.resource === resource;
		const here = [...(this.#byDate.get(date) ?? [])].filter((appointment) => appointment.ledger === ledger);
		const rows = here.flatMap((appointment) =>
			appointment.slots.filter(isMeant).map((slot): DayRow => rowOf(appointment, slot)),
		);
		const { slot: pool } = poolsOf(this.#shop, ledger);
		const taken = new Set(
			this.grid
				.touched(here.filter(({ state }) => takesCells[state]).flatMap(({ slots }) => slots))
				.map(({ key }) => key),
		);
		for (const offered of this.offers.values(ledger)) {
			if (!offered.id.endsWith(`:${date}`)) continue;
			const cells = this.grid
				.touched(offered.stretches.filter(isMeant))
				.filter((cell) => !taken.has(cell.key) && freeOf(pool, cell) > 0);
			const [first] = offered.stretches;
			if (first)
				for (const slot of this.grid.stretches(first.resource, cells))
					rows.push({ ...slot, state: 'free', confirmed: false });
		}
		return rows.sort(
			(a, b) =>
				compareStrings(a.resource, b.resource) ||
				Date.parse(a.from) - Date.parse(b.from) ||
				compareStrings(a.id ?? '', b.id ?? ''),
		);
	}

	/** Appointments that have any of these cells, in order of their ids. */
	holding(ledger: LedgerName, cells: readonly TimeCell[]): Appointment[] {
		const keys = new Set(cells.map(({ key }) => key));
		const [fromMs, untilMs] = [
			Math.min(...cells.map((cell) => cell.fromMs)),
			Math.max(...cells.map((cell) => cell.fromMs)),
		];
		const isNear = ({ from, to }: Slot) => Date.parse(to) > fromMs && Date.parse(from) < untilMs + this.grid.cellMs;
		const dates = new Set(cells.map((cell) => this.#shop.days.of(cell.fromMs)));
		const near = new Set([...dates].flatMap((date) => [...(this.#byDate.get(date) ?? [])]));
		return [...near]
			.filter((of) => of.ledger === ledger && takesCells[of.state])
			.filter(({ slots }) => this.grid.touched(slots.filter(isNear)).some(({ key }) => keys.has(key)))
			.sort((a, b) => compareStrings(a.id, b.id));
	}

	/** Of these cells, which were offered as a part of which day: by its id. */
	offeredAs(ledger: LedgerName, resource: string, cells: readonly TimeCell[]): Map<string, TimeCell[]> {
		const days = new Map<string, TimeCell[]>();
		const dates = new Set(cells.map(({ fromMs }) => this.#shop.days.of(fromMs)));
		// An offer is named by the day that it begins on, and may go on past the cut.
		const ids = [...new Set([...dates].flatMap((date) => [addDays(date, -1), date]))];
		let left = cells;
		for (const id of ids.map((date) => `${resource}:${date}`)) {
			const stretches = this.offers.get(id, ledger)?.stretches ?? [];
			const offered = new Set(this.grid.touched(stretches).map(({ key }) => key));
			const here = left.filter(({ key }) => offered.has(key));
			if (here.length > 0) days.set(id, here);
			left = left.filter(({ key }) => !offered.has(key));
		}
		return days;
	}

	/** On the waitlist of this store, the first come first. */
	waiting(): Appointment[] {
		return [...this.#waiting]
			.filter(({ ledger }) => ledger === this.#shop.desk.name)
			.sort((a, b) => a.atMs - b.atMs || compareStrings(a.id, b.id));
	}

	#appointmentsChanged(changes: readonly Change<Appointment>[]): void {
		for (const { before, after } of changes) {
			if (before) {
				for (const date of this.#datesOf(before)) this.#byDate.get(date)?.delete(before);
				this.#waiting.delete(before);
			}
			if (after) this.#add(after);
		}
		this.#tell();
	}

	#add(appointment: Appointment): void {
		if (appointment.state === 'waitlisted') this.#waiting.add(appointment);
		for (const date of this.#datesOf(appointment)) {
			const on = this.#byDate.get(date);
			if (on) on.add(appointment);
			else this.#byDate.set(date, new Set([appointment]));
		}
	}

	#datesOf({ slots }: Appointment): Set<IsoDate> {
		const { days } = this.#shop;
		return new Set(slots.flatMap(({ from, to }) => [days.of(Date.parse(from)), days.of(Date.parse(to) - 1)]));
	}

	#tell(): void {
		this.#version++;
		for (const listener of [...this.#listeners]) listener();
	}
}

function rowOf({ id, state, service, member }: Appointment, slot: Slot): DayRow {
	return { ...slot, id, state, confirmed: takesCells[state], service, ...(member !== undefined && { member }) };
}

function foldOffer(id: string, entries: readonly Stamped<OfferDocument>[], ledger: LedgerName): OfferedDay | undefined {
	const stretches = entries.flatMap(({ value, device, atMs }) =>
		value.stretches.map((slot) => ({ ...slot, isOffered: value.verb === 'appointment.offer', device, atMs })),
	);
	return stretches.length === 0 ? undefined : { id, ledger, stretches };
}
