import { BadArgument } from '../../base/errors.js';
import { checkInstant, checkName } from '../shop/check.js';

/** A time of a technician, a chair or a room. Instants in world time, such as `2026-02-14T08:00:00Z`. */
export interface Slot {
	readonly resource: string;
	readonly from: string;
	readonly to: string;
}

/** One unit of the pool `slot`: a cell of a resource's time. */
export interface TimeCell {
	readonly key: string;
	readonly fromMs: number;
}

const minuteMs = 60_000;
const slotMsMost = 86_400_000;
/** Cells of one booking: with the longest names they stay under the limit of an entry. */
export const cellsMost = 200;

/** How time is cut: every till of a store by the same grid. */
export class Grid {
	readonly cellMs: number;

	constructor(minutes: number) {
		if (!(Number.isSafeInteger(minutes) && minutes > 0 && (24 * 60) % minutes === 0))
			throw new BadArgument('slotMinutes', `expected minutes that a day is made of, such as 15, got ${minutes}.`);
		this.cellMs = minutes * minuteMs;
	}

	/** Cells that lie within the time: nobody is there for a part of one. */
	within({ resource, from, to }: Slot): TimeCell[] {
		return this.#cells(resource, Math.ceil(Date.parse(from) / this.cellMs), Math.floor(Date.parse(to) / this.cellMs));
	}

	/** Cells that any of the time lies in, each once. */
	touched(slots: readonly Slot[]): TimeCell[] {
		const cells = slots.flatMap(({ resource, from, to }) =>
			this.#cells(resource, Math.floor(Date.parse(from) / this.cellMs), Math.ceil(Date.parse(to) / this.cellMs)),
		);
		return [...new Map(cells.map((cell) => [cell.key, cell])).values()];
	}

	/** Cells in a row as one time each. */
	stretches(resource: string, cells: readonly TimeCell[]): Slot[] {
		const slots: { resource: string; from: string; to: string }[] = [];
		let endMs = Number.NaN;
		for (const { fromMs } of [...cells].sort((a, b) => a.fromMs - b.fromMs)) {
			const last = slots.at(-1);
			const to = isoOf(fromMs + this.cellMs);
			if (last && fromMs === endMs) last.to = to;
			else slots.push({ resource, from: isoOf(fromMs), to });
			endMs = fromMs + this.cellMs;
		}
		return slots;
	}

	#cells(resource: string, first: number, end: number): TimeCell[] {
		const cells: TimeCell[] = [];
		for (let n = first; n < end; n++) {
			const fromMs = n * this.cellMs;
			cells.push({ key: `${resource}:${new Date(fromMs).toISOString().slice(0, 16)}Z`, fromMs });
		}
		return cells;
	}
}

export function isoOf(ms: number): string {
	return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** At most a day long. */
export function checkSlot(path: string, slot: Slot): void {
	if (typeof slot !== 'object' || slot === null) throw new BadArgument(path, 'expected a slot.');
	checkName(`${path}.resource`, slot.resource);
	if (slot.resource.length > 64) throw new BadArgument(`${path}.resource`, 'longer than 64 characters.');
	const fromMs = checkInstant(`${path}.from`, slot.from);
	const toMs = checkInstant(`${path}.to`, slot.to);
	if (toMs <= fromMs) throw new BadArgument(`${path}.to`, 'does not come after `from`.');
	if (toMs - fromMs > slotMsMost) throw new BadArgument(`${path}.to`, 'more than a day after `from`.');
}
