import { describe, expect, it } from 'vitest';
import { repertoire } from './hostile/repertoire.js';
import { goodLine } from './machines/network.js';
import { play } from './play.js';
import type { Result } from './result.js';
import { type Plan, planOf } from './story/plan.js';

/** A quiet shop in which every third thing that happens is somebody hostile. */
function besieged(seed: number): Plan {
	const plan = planOf(seed);
	const steps = plan.steps
		.filter(({ kind }) => kind === 'act')
		.map((step, i) => (i % 3 === 2 ? { ...step, kind: 'hostile' as const } : step));
	return { ...plan, line: goodLine, faults: new Set(['hostile']), steps };
}

const seeds = [1, 2, 3, 4, 5, 6, 8, 9, 10, 12];

describe('a hostile machine in the network', () => {
	it('P5 P11 P20 P30 does what it likes: nothing bad is taken, forks are seen, nobody waits', async () => {
		const results: Result[] = [];
		for (const seed of seeds) results.push(await play(besieged(seed), { history: true }));
		for (const { seed, violation } of results) expect({ seed, violation }).toEqual({ seed, violation: undefined });
		const inPlay = (property: number) =>
			results.reduce((sum, result) => sum + (result.inPlay.get(`property ${property}`) ?? 0), 0);
		for (const property of [5, 11, 20, 30]) expect(inPlay(property)).toBeGreaterThan(0);
		const done = results.flatMap(({ history }) => history.filter((line) => line.includes('! the hostile machine')));
		expect(done.length).toBeGreaterThan(50);
	}, 120_000);

	it('P5 P11 is enrolled as a cashier’s till in some chains with a root key: what it does beyond that is taken nowhere', async () => {
		for (const seed of [7, 23, 39, 55]) {
			const plan = besieged(seed);
			expect(plan.topology.root).toBe(true);
			const { violation, history } = await play(plan, { history: true });
			expect({ seed, violation }).toEqual({ seed, violation: undefined });
			expect(history.some((line) => line.includes('! the hostile machine'))).toBe(true);
		}
	}, 120_000);

	it('does the same again from the same seed', async () => {
		const [first, again] = [await play(besieged(2)), await play(besieged(2))];
		expect(again.hash).toBe(first.hash);
	}, 60_000);

	it('knows each attack by one name', () => {
		const names = [...new Set(repertoire.flat())].map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		expect(names.length).toBeGreaterThan(100);
	});
});
