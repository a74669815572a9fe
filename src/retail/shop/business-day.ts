import { BadArgument } from '../../base/errors.js';

/** `2026-02-14`: a business date, in the store's zone and by its cut. */
export type IsoDate = string;

/** Offsets change at whole quarters of an hour: one question to the runtime serves all moments of a quarter. */
const quarterMs = 15 * 60_000;
const dayMs = 86_400_000;

export interface DaySettings {
	/** IANA name of the store's zone, such as `Asia/Shanghai`. */
	readonly zone: string;
	/** When the business day begins, such as `04:00`; midnight by default. */
	readonly dayCut?: string;
}

/** Which business day a moment belongs to. */
export class BusinessDay {
	readonly #format: Intl.DateTimeFormat;
	readonly #cutMs: number;
	#quarter = Number.NaN;
	#offsetMs = 0;

	constructor({ zone, dayCut = '00:00' }: DaySettings) {
		this.#cutMs = cutOf(dayCut);
		this.#format = formatOf(zone);
	}

	/** The business date of a moment, given in milliseconds since 1970. */
	of(ms: number): IsoDate {
		return new Date(ms + this.#offsetAt(ms) - this.#cutMs).toISOString().slice(0, 10);
	}

	/** The hour of the day on the store's clock, 0 to 23. */
	hourOf(ms: number): number {
		return new Date(ms + this.#offsetAt(ms)).getUTCHours();
	}

	#offsetAt(ms: number): number {
		const quarter = Math.floor(ms / quarterMs);
		if (quarter !== this.#quarter) {
			const part = Object.fromEntries(
				this.#format.formatToParts(quarter * quarterMs).map((p) => [p.type, Number(p.value)]),
			);
			const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part;
			this.#offsetMs = Date.UTC(year, month - 1, day, hour, minute) - quarter * quarterMs;
			this.#quarter = quarter;
		}
		return this.#offsetMs;
	}
}

function cutOf(dayCut: string): number {
	const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(dayCut) ?? [];
	if (hour === undefined) throw new BadArgument('dayCut', `expected a time such as 04:00, got "${dayCut}".`);
	return Number(hour) * 3_600_000 + Number(minute) * 60_000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
	try {
		const numeric = 'numeric' as const;
		return new Intl.DateTimeFormat('en-US', {
			timeZone,
			hourCycle: 'h23',
			year: numeric,
			month: numeric,
			day: numeric,
			hour: numeric,
			minute: numeric,
		});
	} catch (cause) {
		throw new BadArgument('zone', `"${timeZone}" is no time zone (${cause instanceof Error ? cause.message : ''}).`);
	}
}

/** The first of so many business days, of which the last one has a moment in it. */
export function firstOf(days: number, ms: number, settings: DaySettings): IsoDate {
	return addDays(new BusinessDay(settings).of(ms), 1 - days);
}

export function addDays(date: IsoDate, days: number): IsoDate {
	return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}
