import type { Chance } from '../machines/chance.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { Scene } from '../story/scene.js';
import type { Attack, Strike } from './attack.js';
import { HostileMachine } from './machine.js';
import { isHeard, neighboursOf } from './promptness.js';
import { repertoire } from './repertoire.js';
import type { HostileWire } from './wire.js';

/** On a good line it is a peer within this. */
const greetingMs = 12;
/** What comes of a frame comes of it within this. */
const quietMs = 40;
/** Devices look after themselves at the full second: not near it. */
const backgroundMs = 1_000;

const victimOf = ({ chain }: Scene, { victim }: HostileWire): Till | RelayBox | undefined =>
	chain.relays.find(({ name }) => name === victim) ?? chain.find(victim);

/** The hostile machine does one bad thing, and the promises that are made about it are put to the test. */
export async function strike(scene: Scene, till: Till, chance: Chance): Promise<Till | undefined> {
	const { chain, plan, judge } = scene;
	const machine = await HostileMachine.join(chain, plan.seed ^ 0x7f4a7c15);
	judge.tainted.add(machine.device);
	const wire = machine.wire(chance, plan.line);
	if (!wire) return till;
	await chain.time.pass(greetingMs);
	const attack = chance.pick(chance.pick(repertoire));
	const victim = victimOf(scene, wire);
	const at: Strike = { machine, wire, chance: chance.fork() };
	const neighbours = chance.chance(50) && victim?.running ? neighboursOf(chain, victim) : undefined;
	// What is not heard in time before it is not heard in time for another reason.
	const isPrompt = neighbours && (await isHeard(chain, neighbours));
	await awayFromTheSecond(scene);
	machine.quiet = undefined;
	if (attack.isQuiet && !isPrompt && victim && isStill(scene, victim))
		machine.noteQuiet(attack.name, wire.victim, quietMs);
	scene.fault('hostile', `the hostile machine at ${wire.victim}: ${attack.name}`);
	await perform(attack, at);
	if (neighbours && isPrompt) {
		const heard = await isHeard(chain, neighbours);
		if (heard !== undefined) judge.play(30);
		const { a, b, withinMs } = neighbours;
		judge.demand(
			30,
			heard !== false,
			() => `${b.name} waits more than ${withinMs} ms for ${a.name} after ${attack.name}`,
		);
	} else await chain.time.pass(quietMs);
	return till;
}

async function perform(attack: Attack, at: Strike): Promise<void> {
	const { wire } = at;
	const run = async () => attack.run(at);
	if (attack.needs === 'up' ? wire.isUp : wire.isLive) await run();
	else wire.whenLive(run);
}

/** Nothing that was sent or written before can come of itself now. */
function isStill({ chain }: Scene, victim: Till | RelayBox): boolean {
	return (
		victim.disk.waiting === 0 &&
		chain.linesOf(victim.name).every(({ faults }) => faults.delayMsMax <= 2 && faults.reorderPercent === 0)
	);
}

async function awayFromTheSecond({ chain }: Scene): Promise<void> {
	const pastMs = chain.time.nowMs % backgroundMs;
	if (pastMs < 100) await chain.time.pass(100 - pastMs);
	else if (pastMs > 800) await chain.time.pass(backgroundMs + 100 - pastMs);
}
