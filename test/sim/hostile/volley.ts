import { goodLine } from '../machines/network.js';
import type { Accident } from '../story/scene.js';
import { HostileMachine } from './machine.js';
import { nonsenseAttacks } from './nonsense.js';
import { updateAttacks } from './updates.js';

/** Until it is a peer, and has been told what there is. */
const greetingMs = 1_500;
/** Between one and the next. */
const nextMs = 3;

/**
 * The hostile machine tries every door of one kind, one after the other. There are so many ways in which an update or an entry
 * may be wrong that each of them alone is hardly ever tried.
 */
export const volley: Accident = async (scene, till, chance) => {
	const { chain, plan, judge } = scene;
	const machine = await HostileMachine.join(chain, plan.seed ^ 0x7f4a7c15);
	judge.tainted.add(machine.device);
	const wire = machine.wire(chance, goodLine);
	if (!wire) return till;
	wire.line.mend();
	for (let ms = 0; ms < greetingMs && !(wire.isLive && machine.loot.epochs.size > 0); ms += 50)
		await chain.time.pass(50);
	if (!wire.isLive) return till;
	const [kind, attacks] = chance.pick([
		['updates', updateAttacks],
		['entries', nonsenseAttacks],
	] as const);
	machine.quiet = undefined;
	scene.fault('volley', `the hostile machine at ${wire.victim}: every bad thing about ${kind}`);
	for (const attack of attacks) {
		if (wire.isLive) await attack.run({ machine, wire, chance: chance.fork() });
		await chain.time.pass(nextMs);
	}
	return till;
};
