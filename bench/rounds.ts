/** Figures are medians over rounds that alternate between all who are measured, so that noise falls on everybody. */

export function quantile(values: readonly number[], q: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What one contestant took, round by round. */
export interface Taken {
	readonly median: number;
	readonly min: number;
	readonly max: number;
}

export function taken(values: readonly number[]): Taken {
	return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** `2.41 (2.30-2.77)`: median and spread. */
export function shown({ median: middle, min, max }: Taken, digits = 2): string {
	return `${middle.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

/** Leaves the garbage of one contestant to itself; Node has to run with --expose-gc. */
export const collect = (): void => (globalThis as { gc?: () => void }).gc?.();

/** Runs every contestant once a round; `warmUp` rounds do not count. Each answers what it measured of itself. */
export async function rounds<T>(
	contestants: readonly (() => T | Promise<T>)[],
	count: number,
	warmUp: number,
): Promise<T[][]> {
	const results = contestants.map((): T[] => []);
	for (let round = 0; round < warmUp + count; round++)
		for (const [i, run] of contestants.entries()) {
			collect();
			const result = await run();
			if (round >= warmUp) results[i]?.push(result);
		}
	return results;
}

export function round(value: number, digits = 3): number {
	return Number(value.toFixed(digits));
}

/** A line on the terminal while something long runs. */
export function progress(text: string): void {
	process.stderr.write(`  ${text}\n`);
}
