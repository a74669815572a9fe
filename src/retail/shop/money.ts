import { BadArgument } from '../../base/errors.js';

/** Integer minor units of a currency: 18.00 CNY is 1800. */
export type Minor = number;

/** A number with its decimals: 4.1005 is `{ value: 41005, scale: 4 }`. */
export interface Fixed {
	readonly value: number;
	/** Decimals, 0 to 8. */
	readonly scale: number;
}

/** Halves away from zero, halves to the even neighbour, towards zero, away from zero. */
export type Rounding = 'half-up' | 'half-even' | 'down' | 'up';

export interface Currency {
	/** ISO 4217, such as `CNY`. */
	readonly code: string;
	/** Decimals of the minor unit: JPY 0, CNY 2, BHD 3. */
	readonly decimals: 0 | 1 | 2 | 3;
	/** The smallest coin in minor units, where cash is rounded to it: 5 for five cents. */
	readonly cashStep?: number;
}

/** `numerator / denominator` as a whole number. Exact: goes over BigInt where a product may pass 2^53. */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): number {
	const sign = numerator < 0n !== denominator < 0n ? -1n : 1n;
	const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
	const whole = n / d;
	const rest = n % d;
	const half = rest * 2n - d;
	const up =
		rest > 0n &&
		(rounding === 'up' ||
			(rounding !== 'down' && (half > 0n || (half === 0n && (rounding === 'half-up' || whole % 2n === 1n)))));
	return safe(sign * (up ? whole + 1n : whole));
}

/** Sum at the finest scale among them. */
export function addFixed(a: Fixed, b: Fixed): Fixed {
	const scale = Math.max(a.scale, b.scale);
	return { value: safe(BigInt(a.value) * tens(scale - a.scale) + BigInt(b.value) * tens(scale - b.scale)), scale };
}

/** As minor units of a currency with so many decimals. */
export function toMinor(fixed: Fixed, decimals: number, rounding: Rounding): Minor {
	return divideRounded(BigInt(fixed.value) * tens(decimals), tens(fixed.scale), rounding);
}

/** `amount` times a quantity of `scale` decimals: 19.90 a kilogram, 1,500 g of it. */
export function timesQty(amount: Minor, qty: number, scale: number, rounding: Rounding): Minor {
	const pieces = amount * qty;
	if (scale === 0 && Number.isSafeInteger(pieces)) return pieces;
	return divideRounded(BigInt(amount) * BigInt(qty), tens(scale), rounding);
}

/** The part of `amount` that falls to `part` of `of`; nothing of nothing. */
export function share(amount: number, part: number, of: number): number {
	return of === 0 ? 0 : divideRounded(BigInt(amount) * BigInt(part), BigInt(of), 'half-up');
}

/** What one more part adds to the share of those before it: however many parts, they come to the amount. */
export function nextShare(amount: number, before: number, part: number, of: number): number {
	return share(amount, before + part, of) - share(amount, before, of);
}

export function sum(amounts: readonly number[]): number {
	return amounts.reduce((all, amount) => all + amount, 0);
}

/** `amount` in parts by weights that come to exactly `amount`: what is left over goes to the first parts. */
export function allocate(amount: Minor, weights: readonly number[]): Minor[] {
	const whole = sum(weights);
	if (whole <= 0) return weights.map((_, i) => (i === 0 ? amount : 0));
	const parts = weights.map((weight) => divideRounded(BigInt(amount) * BigInt(weight), BigInt(whole), 'down'));
	let left = amount - sum(parts);
	for (let i = 0; left !== 0 && i < parts.length; i++) {
		if (weights[i] === 0) continue;
		const one = Math.sign(left);
		parts[i] = (parts[i] ?? 0) + one;
		left -= one;
	}
	return parts;
}

/** What cash is rounded by: `amount` plus this can be paid in coins. */
export function cashRounding(amount: Minor, { cashStep = 1 }: Currency): Minor {
	if (cashStep === 1) return 0;
	return divideRounded(BigInt(amount), BigInt(cashStep), 'half-up') * cashStep - amount;
}

/** `1234.56` of 2 decimals as 123456. Throws `BadArgument` for anything finer or that is no number. */
export function parseMinor(text: string, decimals: number): Minor {
	const { value, scale } = parseFixed(text);
	if (scale <= decimals) return safe(BigInt(value) * tens(decimals - scale));
	const cut = divideRounded(BigInt(value), tens(scale - decimals), 'down');
	if (BigInt(cut) * tens(scale - decimals) !== BigInt(value))
		throw new BadArgument('amount', `"${text}" has more than ${decimals} decimals.`);
	return cut;
}

export function parseFixed(text: string): Fixed {
	const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(text.trim()) ?? [];
	if (whole === undefined) throw new BadArgument('amount', `"${text}" is no number of at most 8 decimals.`);
	return { value: safe(BigInt(`${sign}${whole}${part}`)), scale: part.length };
}

export function formatMinor(amount: Minor, decimals: number): string {
	const digits = String(Math.abs(amount)).padStart(decimals + 1, '0');
	const whole = digits.slice(0, digits.length - decimals);
	return `${amount < 0 ? '-' : ''}${whole}${decimals > 0 ? `.${digits.slice(-decimals)}` : ''}`;
}

function tens(n: number): bigint {
	return 10n ** BigInt(n);
}

function safe(n: bigint): number {
	const value = Number(n);
	if (!Number.isSafeInteger(value)) throw new BadArgument('amount', `${n} is beyond 2^53 - 1.`);
	return value === 0 ? 0 : value;
}
