import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kept } from './kept.js';
import { bundleSim } from './run/bundle.js';
import { commandOf } from './run/command.js';
import type { Order, Played } from './run/order.js';
import { Players } from './run/players.js';
import { type FaultName, faultNames, isMeeting, meetingNames, type Plan, planOf } from './story/plan.js';

let players: Players;
beforeAll(async () => {
	players = new Players({ bundle: await bundleSim(), cores: 2 });
});
afterAll(() => players.close());

/** Where it fails: what to type to see why. */
async function playSound(order: Order): Promise<Played> {
	const played = await players.play(order);
	expect(played.violation && { replay: commandOf(order), ...played.violation }).toBeUndefined();
	return played;
}

describe('what was found once', () => {
	it.each(kept)('$name: $found', async ({ name, found, ...order }) => {
		const { violation } = await players.play(order);
		expect(violation && { name, found, ...violation }).toBeUndefined();
	});
});

/** Seeds of small worlds that may have this fault. */
function* seedsWith(fault: FaultName): Iterable<Plan> {
	for (let seed = 1; seed < 2_000; seed++) {
		const plan = planOf(seed);
		const isInLines = fault === 'delay' || fault === 'duplicate';
		const happens = isInLines || plan.steps.some(({ kind }) => kind === fault);
		if (plan.faults.has(fault) && happens && plan.topology.stores === 1) yield plan;
	}
}

const triesMax = 20;

describe('one seed of each fault', () => {
	it.each(faultNames)('%s happens, and everything holds', async (fault) => {
		let tries = 0;
		for (const plan of seedsWith(fault)) {
			const { inPlay } = await playSound({ seed: plan.seed });
			if ((inPlay[`fault ${fault}`] ?? 0) > 0) return;
			if (++tries === triesMax) break;
		}
		expect.fail(`in ${tries} seeds it never happened`);
	});
});

describe('one seed of each meeting of faults', () => {
	it.each(meetingNames)('%s happens, and everything holds', async (meeting) => {
		let tries = 0;
		for (let seed = 1; tries < triesMax; seed++) {
			const { steps, topology } = planOf(seed);
			if (topology.stores > 1 || !steps.some(({ kind }) => kind === meeting)) continue;
			const { inPlay } = await playSound({ seed });
			if ((inPlay[`meeting ${meeting}`] ?? 0) > 0) return;
			tries++;
		}
		expect.fail(`in ${tries} seeds it never happened`);
	});

	it('leaves the other steps of a seed what they were', () => {
		for (let seed = 1; seed <= 100; seed++) {
			const others = planOf(seed).steps.filter(({ kind }) => !isMeeting(kind));
			expect(others.map(({ index }) => index)).toEqual(others.map((_, i) => i));
		}
	});
});
