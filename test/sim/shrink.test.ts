import { describe, expect, it } from 'vitest';
import type { Part } from './run/order.js';
import { type ShrinkOptions, shrink } from './run/shrink.js';
import { type Plan, planOf, type Step, type StepKind } from './story/plan.js';

const kinds: readonly StepKind[] = ['act', 'act', 'crash', 'act', 'partition'];

function planWith(length: number): Plan {
	const steps: Step[] = Array.from({ length }, (_, index) => ({
		index,
		kind: kinds[index % kinds.length] ?? 'act',
		seed: index,
		waitMs: 0,
	}));
	return { ...planOf(1), faults: new Set(['crash', 'partition', 'delay', 'duplicate']), steps };
}

/** Fails where all of these steps are played, and none of these faults is taken out. */
function shrinkTo(needed: readonly number[], without: Part['without'] = [], more: Partial<ShrinkOptions> = {}) {
	const tried: Part[] = [];
	const options: ShrinkOptions = {
		plan: planWith(100),
		lastStep: undefined,
		fails: async (part) => {
			tried.push(part);
			return needed.every((index) => part.steps?.includes(index)) && !without.some((n) => part.without?.includes(n));
		},
		atOnce: 2,
		playsMax: 2_000,
		nowMs: () => 0,
		msMax: 1,
		...more,
	};
	return shrink(options).then((shrunk) => ({ shrunk, tried }));
}

describe('making a failing seed smaller', () => {
	it.each([[[3, 17, 20]], [[0]], [[99]], [[0, 99]], [[50, 51, 52, 53]], [[]]])('finds steps %j', async (needed) => {
		const { shrunk } = await shrinkTo(needed);
		expect(shrunk).toMatchObject({ steps: needed, isDone: true });
		expect(shrunk.plays).toBeLessThan(120);
	});

	it('drops faults that are not needed, and names only those of the lines: the others are steps', async () => {
		const { shrunk } = await shrinkTo([2, 7], ['duplicate']);
		expect(shrunk).toMatchObject({ steps: [2, 7], without: ['delay'] });
	});

	it('keeps a fault kind whose steps are needed', async () => {
		const { shrunk, tried } = await shrinkTo([4, 9]);
		expect(shrunk.steps).toEqual([4, 9]);
		expect(tried.some((part) => part.without?.includes('crash'))).toBe(true);
	});

	it('tries nothing that comes after the step it was found at, where it fails without', async () => {
		const { shrunk, tried } = await shrinkTo([5], [], { lastStep: 30 });
		expect(Math.max(...tried.flatMap((part) => part.steps ?? []))).toBe(30);
		expect(shrunk.steps).toEqual([5]);
	});

	it('gives the smallest it has when plays are used up, or time is', async () => {
		const { shrunk } = await shrinkTo([3, 17, 20], [], { playsMax: 8 });
		expect(shrunk.isDone).toBe(false);
		expect(shrunk.plays).toBeLessThanOrEqual(9);
		expect([3, 17, 20].every((index) => shrunk.steps.includes(index))).toBe(true);
		let nowMs = 0;
		const timed = await shrinkTo([3, 17, 20], [], { nowMs: () => nowMs++, msMax: 6 });
		expect(timed.shrunk.isDone).toBe(false);
		expect([3, 17, 20].every((index) => timed.shrunk.steps.includes(index))).toBe(true);
	});

	it('keeps everything where no part fails', async () => {
		const { shrunk } = await shrinkTo([], [], { fails: async () => false });
		expect(shrunk.steps).toHaveLength(100);
		expect(shrunk.without).toEqual([]);
	});
});
