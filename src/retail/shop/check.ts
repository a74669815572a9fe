import { BadArgument } from '../../base/errors.js';
import { checkAmount, checkName } from '../../base/limits.js';

/** Checks at the border: each throws `BadArgument` that names the path, as in `lines[2].qty`. */

/** A whole number, negative ones too. */
export function checkInteger(path: string, n: number): void {
	if (!Number.isSafeInteger(n)) throw new BadArgument(path, `expected a whole number, got ${n}.`);
}

/** A whole number from 0. */
export function checkWhole(path: string, n: number): void {
	if (!Number.isSafeInteger(n) || n < 0) throw new BadArgument(path, `expected a whole number from 0, got ${n}.`);
}

export function checkOneOf<T extends string>(path: string, value: T, of: readonly T[]): void {
	if (!of.includes(value)) throw new BadArgument(path, `expected ${of.join(', ')}, got ${String(value)}.`);
}

export function checkDate(path: string, date: string): void {
	const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
	if (!(new Date(ms || Number.NaN).getTime() === ms && new Date(ms).toISOString().startsWith(date)))
		throw new BadArgument(path, `expected a date such as 2026-02-14, got ${String(date)}.`);
}

/** A business date, and the store whose it is. */
export function checkDay(path: string, day: { readonly businessDate: string; readonly store?: string }): void {
	if (typeof day !== 'object' || day === null) throw new BadArgument(path, 'expected a businessDate.');
	checkDate(`${path}.businessDate`, day.businessDate);
	if (day.store === undefined) return;
	checkName(`${path}.store`, day.store);
	if (day.store.includes('/')) throw new BadArgument(`${path}.store`, 'has no slash.');
}

/** Milliseconds since 1970 of an ISO instant in world time. */
export function checkInstant(path: string, instant: string): number {
	const ms = typeof instant === 'string' && instant.endsWith('Z') ? Date.parse(instant) : Number.NaN;
	if (Number.isNaN(ms))
		throw new BadArgument(path, `expected an instant such as 2026-02-14T08:00:00Z, got ${String(instant)}.`);
	return ms;
}

export function checkList<T>(path: string, list: readonly T[], check: (path: string, item: T) => void, min = 1): void {
	if (!Array.isArray(list)) throw new BadArgument(path, 'expected a list.');
	if (list.length < min) throw new BadArgument(path, `expected at least ${min}.`);
	for (const [i, item] of list.entries()) check(`${path}[${i}]`, item);
}

export { BadArgument, checkAmount, checkName };
