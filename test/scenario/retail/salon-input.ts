import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../shared/data/hair_salon', import.meta.url));

export interface SalonRow {
	readonly client: string;
	readonly staff: string;
	readonly service: string;
	/** `2018-03-14`. */
	readonly date: string;
	/** Minutes since midnight; bookings alone have it. */
	readonly minute: number;
}

export interface Salon {
	readonly bookings: readonly SalonRow[];
	readonly cancellations: readonly SalonRow[];
	readonly noShows: readonly SalonRow[];
	readonly expected: { readonly bookings: number; readonly cancellations: number; readonly no_shows: number };
}

/** A salon's bookings where they lie beside the repository; undefined, saying so, where they do not. */
export function readSalon(): Salon | undefined {
	if (!existsSync(folder)) {
		console.warn(`A salon's bookings are not at ${folder}: what needs them is skipped.`);
		return undefined;
	}
	return {
		bookings: rows('bookings.csv', 'Date'),
		cancellations: rows('cancellations.csv', 'Booking Date'),
		noShows: rows('no_shows.csv', 'Date'),
		expected: JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')),
	};
}

function rows(file: string, dated: string): SalonRow[] {
	const [head = '', ...lines] = readFileSync(join(folder, file), 'utf8').trim().split(/\r?\n/);
	const names = head.split(',');
	return lines.map((line) => {
		const row = Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell]));
		const [month, day, year] = (row[dated] ?? '').split('/');
		return {
			client: row.Code || 'walk-in',
			staff: row.Staff ?? '',
			service: row.Service ?? '',
			date: `${year}-${month}-${day}`,
			minute: Number(row.TimeInt ?? 0),
		};
	});
}
