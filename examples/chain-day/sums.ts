export function sum<T>(of: Iterable<T>, amount: (item: T) => number): number {
	let total = 0;
	for (const item of of) total += amount(item);
	return total;
}

/** One sum for each key that turns up. */
export function sumBy<T>(of: Iterable<T>, key: (item: T) => string, amount: (item: T) => number): Map<string, number> {
	const sums = new Map<string, number>();
	for (const item of of) sums.set(key(item), (sums.get(key(item)) ?? 0) + amount(item));
	return sums;
}
