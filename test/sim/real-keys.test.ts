import { expect, test } from 'vitest';
import { play } from './play.js';
import { planOf } from './story/plan.js';

const properties = [19, 20, 21, 22, 23, 24];
const seeds = 120;

test(`P19 P20 P21 P22 P23 P24 hold with real keys in ${seeds} seeds with restored and copied disks, each of them in play`, async () => {
	const inPlay = new Map<number, number>();
	let played = 0;
	for (let seed = 1; played < seeds; seed++) {
		const plan = planOf(seed);
		if (plan.topology.stores > 1 || !(plan.faults.has('clone') || plan.faults.has('restore'))) continue;
		played++;
		const result = await play({ ...plan, realKeys: true });
		expect({ seed, violation: result.violation }).toEqual({ seed, violation: undefined });
		for (const property of properties)
			inPlay.set(property, (inPlay.get(property) ?? 0) + (result.inPlay.get(`property ${property}`) ?? 0));
	}
	expect(properties.filter((property) => !inPlay.get(property))).toEqual([]);
});

test('with real keys a seed does the same each time', async () => {
	const plan = planOf(1391);
	const played = () => play({ ...plan, realKeys: true });
	const [one, other] = [await played(), await played()];
	expect(one.hash).toBe(other.hash);
	expect(one.hash).not.toBe((await play(plan)).hash);
});
