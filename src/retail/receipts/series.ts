import type { DeviceId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type { NumbersSkipped, SeriesDocument } from '../documents/series.js';

export interface Range {
	readonly from: number;
	readonly to: number;
	/** Whose it is; undefined while nobody has leased it. */
	readonly device: DeviceId | undefined;
	/** Its device uses no more of it. */
	readonly ended: NumbersSkipped['why'] | undefined;
}

/** A series of numbers as its documents tell it. */
export interface Series {
	readonly name: string;
	readonly prefix: string;
	readonly digits: number;
	/** In order of their numbers. */
	readonly ranges: readonly Range[];
}

/** The first opening names prefix and digits. Of two leases of a range, which pools rule out, the first would stand. */
export function foldSeries(name: string, entries: readonly Stamped<SeriesDocument>[]): Series | undefined {
	const starts = new Map<number, number>();
	const leases = new Map<number, Stamped<SeriesDocument>>();
	const ended = new Map<string, NumbersSkipped['why']>();
	let first: { prefix: string; digits: number; from: number } | undefined;
	for (const entry of entries) {
		const { value, atMs } = entry;
		if (value.verb === 'series.open') {
			if (!first || value.from < first.from) first = value;
			for (let i = 0; i < value.ranges; i++) starts.set(value.from + i * value.size, value.size);
		} else if (value.verb === 'series.lease') {
			const known = leases.get(value.range);
			if (!known || atMs < known.atMs || (atMs === known.atMs && entry.device < known.device))
				leases.set(value.range, entry);
		} else
			for (const range of value.ranges) {
				const key = `${range} ${value.device}`;
				if (ended.get(key) !== 'lost') ended.set(key, value.why);
			}
	}
	if (!first) return undefined;
	const ranges = [...starts]
		.sort(([a], [b]) => a - b)
		.map(([from, size]): Range => {
			const device = leases.get(from)?.device;
			return { from, to: from + size - 1, device, ended: ended.get(`${from} ${device}`) };
		});
	return { name, prefix: first.prefix, digits: first.digits, ranges };
}

export function numberText({ prefix, digits }: Series, number: number): string {
	return prefix + String(number).padStart(digits, '0');
}
