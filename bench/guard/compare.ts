/** What the guard knows of a figure. Less is better in all of them. */
export interface Guarded {
	readonly value: number;
	/** It may grow by so much before the guard fails. */
	readonly percent: number;
}

export interface Kept {
	/** Allocations are those of an engine: on another major version of Node they are not compared. */
	readonly node: number;
	readonly figures: Readonly<Record<string, Guarded>>;
}

export interface Compared {
	readonly lines: readonly string[];
	readonly isWorse: boolean;
}

export const ofEngine = (figure: string): boolean => figure.endsWith('AllocatedBytes');

const change = (from: number, to: number): string => {
	if (from === 0) return to === 0 ? '' : 'from nothing';
	const percent = ((to - from) / from) * 100;
	return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
};

/** Every figure beside the one that is kept. A figure without a fellow is worse: it would guard nothing from now on. */
export function compare(
	{ figures, node }: Kept,
	measured: Readonly<Record<string, number>>,
	nodeNow: number,
): Compared {
	const lines: string[] = [];
	let isWorse = false;
	const add = (mark: 'ok' | 'better' | 'skipped' | 'WORSE', name: string, text: string) => {
		lines.push(`${mark.padEnd(7)} ${name}: ${text}`);
		isWorse ||= mark === 'WORSE';
	};
	for (const name of new Set([...Object.keys(figures), ...Object.keys(measured)])) {
		const [kept, value] = [figures[name], measured[name]];
		if (kept === undefined) add('WORSE', name, `${value}, and bench/guard.json does not know it`);
		else if (value === undefined || !Number.isFinite(value)) add('WORSE', name, 'not measured any more');
		else if (ofEngine(name) && node !== nodeNow)
			add('skipped', name, `${value}; kept on Node ${node}, this is ${nodeNow}`);
		else {
			const part = (kept.value * kept.percent) / 100;
			const mark = value > kept.value + part ? 'WORSE' : value < kept.value - part ? 'better' : 'ok';
			const moved = value === kept.value ? '' : `, ${kept.value} before: ${change(kept.value, value)}`;
			add(mark, name, `${value}${moved}${mark === 'WORSE' ? ` where ${kept.percent} % is allowed` : ''}`);
		}
	}
	return { lines, isWorse };
}

/** For a person who sees it fail. */
export const advice = [
	'A figure that noise cannot move got worse. If nobody meant it, look for what this change writes, sends, allocates or imports more than it',
	'needs: `npm run bench:guard` after each step of `git bisect` finds the commit. If it is the price of something, pay it on purpose:',
	'`npm run bench:guard -- --accept` writes bench/guard.json anew, and the commit says what the price is for.',
].join('\n');
