import { BadArgument } from '../../base/errors.js';
import type { DeviceId } from '../../base/ids.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { Tx } from '../../ledger/tx.js';
import type { IsNumberUsed, Numbers } from '../documents/numbers.js';
import type { NumbersSkipped, RangeLeased, SeriesDocument, SeriesOpened } from '../documents/series.js';
import { checkAmount, checkName, checkOneOf, checkWhole } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import { no, type Outcome } from '../shop/outcome.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import { foldSeries, numberText, type Range, type Series } from './series.js';

export interface NewSeries {
	/** What it is asked for by; `receipt` is the one that sales use where they name none. */
	readonly series: string;
	/** Stands before each number. */
	readonly prefix: string;
	/** Numbers of a range: about what a till needs in a day. */
	readonly size: number;
	/** How many ranges: each till takes one at a time. At most 256 in one call; open it again to go on. */
	readonly ranges: number;
	/** The first number; 1 by default, or where the series ended. */
	readonly from?: number;
	/** Digits at least; 6 by default. */
	readonly digits?: number;
}

/** Numbers that no receipt bears. */
export interface Gap {
	readonly from: number;
	readonly to: number;
	readonly device: DeviceId;
	/**
	 * `skipped`: drawn for a sale that never got to the disk, or whose order is not known here. `leased`: still to be used.
	 * `returned`: the till gave them up. `lost`: the till was given up.
	 */
	readonly why: 'skipped' | 'leased' | 'returned' | 'lost';
}

const rangesMax = 256;
/** Tries so many free ranges before it gives up. */
const triesMax = 3;
/** Where each device begins to look among the free ranges, so that two tills do not ask for one. */
const spread = 8;
const leaseTimeoutMs = 2_000;

interface Drawn {
	/** Next number, by range or by prefix of the device. */
	readonly next: Map<string, number>;
	readonly leasing: Map<string, Promise<boolean>>;
}

/**
 * Numbers of receipts. A till takes a whole range for itself ahead of time, and numbers without asking anybody from then
 * on: no number is ever given twice, whoever has a line (S11). What the till has used is read from its orders.
 */
export class Receipts implements Numbers {
	readonly #shop: Shop;
	readonly #isUsed: IsNumberUsed;
	readonly #series: Index<SeriesDocument, Series>;
	readonly #drawn: Drawn;
	/** How many of each were drawn by a commit that is being made. */
	readonly #drawing = new WeakMap<Tx, Map<string, number>>();

	constructor(shop: Shop, isUsed: IsNumberUsed) {
		this.#shop = shop;
		this.#isUsed = isUsed;
		this.#series = shop.index<SeriesDocument, Series>('series', 'desk', 'series', foldSeries);
		this.#drawn = shop.shared('receipts', () => ({ next: new Map(), leasing: new Map() }));
	}

	/**
	 * Opens a series, or goes on with one. By one device of the store, such as the manager's: two that have no line to each
	 * other would open one series twice, and an exception of the ledger would say so. Refuses `wrong_state` where numbers
	 * from `from` are open already.
	 */
	async openSeries(
		{ series, prefix, size, ranges, from, digits = 6 }: NewSeries,
		options: WriteOptions,
	): Promise<Outcome<void>> {
		checkName('series', series);
		if (series.includes(':')) throw new BadArgument('series', 'expected a name without a colon.');
		if (typeof prefix !== 'string') throw new BadArgument('prefix', 'expected a text.');
		if (prefix !== '') checkName('prefix', prefix);
		checkAmount('size', size);
		checkAmount('ranges', ranges);
		if (ranges > rangesMax) throw new BadArgument('ranges', `at most ${rangesMax} at a time.`);
		if (from !== undefined) checkWhole('from', from);
		checkWhole('digits', digits);
		if (digits > 15) throw new BadArgument('digits', 'at most 15.');
		const input = { series, prefix, size, ranges, from, digits };
		return this.#shop.writeKeyed('series.open', input, options, (w) => {
			const last = this.#of(series)?.ranges.at(-1)?.to;
			const start = from ?? (last === undefined ? 1 : last + 1);
			if (last !== undefined && start <= last) w.tx.refuse(no('wrong_state', series));
			for (let i = 0; i < ranges; i++) {
				const key = keyOf(series, { from: start + i * size });
				w.tx.mint(this.#pool, key, 1, key);
			}
			const document = { ...w.head, verb: 'series.open', prefix, size, ranges, digits, from: start } as const;
			w.append<SeriesOpened>(this.#desk, 'series', series, document);
		});
	}

	/**
	 * Takes one more range for this till; false where none is free or in reach. Tills do it by themselves when numbers run
	 * low; call it where a till begins its day with a line.
	 */
	lease(series = 'receipt', options: WaitOptions = {}): Promise<boolean> {
		const known = this.#drawn.leasing.get(series);
		if (known) return known;
		const lease = this.#lease(series, options).finally(() => this.#drawn.leasing.delete(series));
		this.#drawn.leasing.set(series, lease);
		return lease;
	}

	/**
	 * The next number, in this commit. Where the series is not open or this till has none left of it, a number of the
	 * till's own: `<till>-<date>-<n>`. Never the same twice, over restarts too.
	 */
	next(w: Writing, series = 'receipt'): string {
		const known = this.#of(series);
		const leased = known?.ranges.filter((range) => range.device === this.#shop.device && !range.ended) ?? [];
		for (const range of leased) {
			const number = this.#draw(w, keyOf(series, range), () => this.#firstFree(known as Series, range));
			if (number > range.to) continue;
			if (known && this.#left(known, leased, range, number) < (range.to - range.from + 1) / 4) this.#refill(w, series);
			return numberText(known as Series, number);
		}
		if (known) this.#refill(w, series);
		return this.#ownNumber(w, series);
	}

	/** Gives up what a till has not used of its ranges: its own before it is put away, or those of one that was lost. */
	async skip(
		{ series, device, why }: { readonly series: string; readonly device: DeviceId; readonly why: Gap['why'] },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		checkName('series', series);
		checkName('device', device);
		checkOneOf('why', why, ['returned', 'lost']);
		const input = { series, device, why };
		return this.#shop.writeKeyed('series.skip', input, options, (w) => {
			const ranges = this.#of(series)?.ranges.filter((range) => range.device === device && !range.ended) ?? [];
			if (ranges.length === 0) w.tx.refuse(no('wrong_state', series));
			w.append<NumbersSkipped>(this.#desk, 'series', series, {
				...w.head,
				verb: 'series.skip',
				device,
				ranges: ranges.map(({ from }) => from),
				why: why === 'lost' ? 'lost' : 'returned',
			});
		});
	}

	/** Numbers of leased ranges that no receipt known here bears, and why. */
	gaps(series = 'receipt'): readonly Gap[] {
		const known = this.#of(series);
		const gaps: Gap[] = [];
		for (const { from, to, device, ended } of known?.ranges ?? []) {
			if (!known || device === undefined) continue;
			const next = this.#firstFree(known, { from, to });
			for (let n = from; n < next; n++) {
				if (this.#isUsed(series, numberText(known, n))) continue;
				const last = gaps.at(-1);
				if (last?.why === 'skipped' && last.to === n - 1 && last.device === device)
					gaps[gaps.length - 1] = { ...last, to: n };
				else gaps.push({ from: n, to: n, device, why: 'skipped' });
			}
			if (next <= to) gaps.push({ from: next, to, device, why: ended ?? 'leased' });
		}
		return gaps;
	}

	get #desk() {
		return ledgers.desk(this.#shop.store);
	}

	get #pool() {
		return this.#shop.desk.pool('range', { restsAt: 'store' });
	}

	#of(series: string): Series | undefined {
		return this.#series.get(series, this.#desk);
	}

	async #lease(series: string, { timeoutMs = leaseTimeoutMs, signal }: WaitOptions): Promise<boolean> {
		for (let tries = 0; tries < triesMax; tries++) {
			const free = this.#of(series)?.ranges.filter(({ device }) => device === undefined) ?? [];
			const mine = free.find((range) => this.#pool.mine(keyOf(series, range)) > 0);
			const start = Number.parseInt(this.#tag.slice(0, 6), 16) + tries;
			const range = mine ?? free[start % Math.min(spread, free.length)];
			if (!range || signal?.aborted) return false;
			const key = keyOf(series, range);
			if ((await this.#pool.ensure(key, 1, { timeoutMs, ...(signal && { signal }) })) < 1) continue;
			const taken = await this.#shop.write('series.lease', {}, {}, (w) => {
				w.tx.spend(this.#pool, key, 1);
				w.append<RangeLeased>(this.#desk, 'series', series, { ...w.head, verb: 'series.lease', range: range.from });
			});
			if (taken.ok) return true;
		}
		return false;
	}

	/** One after the highest that is used. */
	#firstFree(series: Series, { from, to }: Pick<Range, 'from' | 'to'>): number {
		for (let n = to; n >= from; n--) if (this.#isUsed(series.name, numberText(series, n))) return n + 1;
		return from;
	}

	/** What this till has left of its ranges after this number. */
	#left(series: Series, leased: readonly Range[], now: Range, number: number): number {
		let left = now.to - number;
		for (const range of leased)
			if (range.from > now.from)
				left += range.to - this.#nextOf(keyOf(series.name, range), () => this.#firstFree(series, range)) + 1;
		return left;
	}

	#refill(w: Writing, series: string): void {
		w.kept(() => void this.lease(series).catch(() => {})); // a broken disk has told the replica; otherwise it is tried again
	}

	/** `<till>-<date>-<n>`; a number to call out is short: `<till>-<n>`. */
	#ownNumber(w: Writing, series: string): string {
		const isShort = series.startsWith('pickup');
		const prefix = isShort ? this.#tag.slice(0, 4) : `${this.#tag}-${w.head.date.replaceAll('-', '')}`;
		const text = (n: number) => `${prefix}-${n}`;
		const number = this.#draw(w, `${series} ${text(0)}`, () => {
			let n = 1;
			while (this.#isUsed(series, text(n))) n++;
			return n;
		});
		return text(number);
	}

	get #tag(): string {
		const { device } = this.#shop;
		return this.#shop.shared(`tag ${device}`, () => this.#shop.hash(['till', device]).slice(0, 8));
	}

	/** Counts in memory from the first free number on: what is still being written is taken, what was refused is not. */
	#draw({ tx, kept }: Writing, key: string, firstFree: () => number): number {
		const { next } = this.#drawn;
		const start = this.#nextOf(key, firstFree);
		const drawing = this.#drawing.get(tx) ?? new Map<string, number>();
		this.#drawing.set(tx, drawing);
		const number = start + (drawing.get(key) ?? 0);
		drawing.set(key, number - start + 1);
		kept(() => next.set(key, Math.max(next.get(key) ?? 0, number + 1)));
		return number;
	}

	/** Known from the first time on. */
	#nextOf(key: string, firstFree: () => number): number {
		const known = this.#drawn.next.get(key);
		if (known !== undefined) return known;
		const first = firstFree();
		this.#drawn.next.set(key, first);
		return first;
	}
}

/** Name of the right to a range, and of the count of its numbers. */
function keyOf(series: string, { from }: Pick<Range, 'from'>): string {
	return `${series}:${from}`;
}
