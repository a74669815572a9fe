import { BadArgument, TillmeshError } from '../../../../src/base/errors.js';
import type { Chance } from '../../machines/chance.js';
import { checkCount } from '../options.js';
import type { Pick } from './app.js';

/** What a faulty world does to whoever lets it through: no fault of the app's. */
const codesOfTheWorld = new Set<string>(['closed', 'storage_full', 'not_reached']);
const causesMost = 8;

/** The world explains it: a process died, a disk was full, nobody answered in time. Others' errors may carry it as their cause. */
export function isExplained(error: unknown): boolean {
	let cause = error;
	for (let i = 0; i < causesMost && cause instanceof Error; i++) {
		if (cause instanceof TillmeshError && codesOfTheWorld.has(cause.code)) return true;
		cause = cause.cause;
	}
	return false;
}

/** Draws for one action, and says what was drawn. */
export function pickFrom(chance: Chance, drawn: (n: number) => void): Pick {
	return (end) => {
		checkCount('pick', end, 1, 2 ** 31);
		const n = chance.below(end);
		drawn(n);
		return n;
	};
}

/** Throws `BadArgument` where a check gave a promise: nobody would wait for what it finds. */
export function runCheck<W>(name: string, check: (world: W) => unknown, world: W): void {
	const answer = check(world);
	const then = (answer as { then?: unknown } | null | undefined)?.then;
	if (typeof then !== 'function') return;
	then.call(answer, undefined, () => {});
	throw new BadArgument(name, 'returned a promise; a check is synchronous.');
}
