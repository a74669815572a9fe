import type { Chance } from '../../machines/chance.js';
import type { Till } from '../../machines/till.js';
import { settle } from '../../machines/time.js';
import type { SimulatedWorld } from '../simulated-world.js';
import type { StepFault } from './plan.js';

/** The stage on which accidents happen. */
export interface Scene {
	readonly world: SimulatedWorld;
	nameOf(name: string): string;
	tell(what: string): void;
	/** Somebody does something with the app there, just now. */
	actAt(till: Till, chance: Chance): void;
	/** The process dies; somebody switches the machine on again after `offMs`. */
	crash(till: Till, crash: { readonly survives: number; readonly isSilent: boolean; readonly offMs: number }): void;
	/** The till runs again: its app is started. */
	began(till: Till): void;
}

/** Makes it happen to this till, or to something near it. */
type Accident = (scene: Scene, till: Till, chance: Chance) => Promise<void> | void;

const dayMs = 86_400_000;
const tenYearsMs = 3_650 * dayMs;
/** No more machines than this come to be by copying. */
const tillsMost = 8;

const seconds = (ms: number) => `${Math.max(1, Math.round(ms / 1_000))} s`;

const partition: Accident = ({ world, nameOf, tell }, till, chance) => {
	const lines = world.chain.linesOf(till.name);
	if (lines.length === 0) return;
	const line = chance.pick(lines);
	const forMs = chance.stretch(1_000, dayMs);
	const isSilent = chance.chance(40);
	if (isSilent) line.swallow(true, true);
	else line.cut();
	const between = `between ${nameOf(line.a.who)} and ${nameOf(line.b.who)} for ${seconds(forMs)}`;
	tell(isSilent ? `! everything gets lost ${between}` : `! no line ${between}`);
	world.chain.time.after(forMs, () => line.heal());
};

const crash: Accident = async (scene, till, chance) => {
	const offMs = chance.chance(60) ? 0 : chance.stretch(100, 600_000);
	const isSilent = chance.chance(50);
	const when = chance.pick(['before its write is on disk', 'after its write is on disk', 'at any moment'] as const);
	if (chance.chance(70)) scene.actAt(till, chance);
	if (when === 'at any moment') for (let turns = chance.below(40); turns > 0; turns--) await undefined;
	else await settle();
	if (!till.running) return;
	const { waiting } = till.disk;
	const survives =
		when === 'at any moment' ? chance.below(waiting + 1) : when.startsWith('after') && waiting > 0 ? waiting : 0;
	scene.tell(`! ${scene.nameOf(till.name)} loses its power ${waiting > 0 ? when : 'while it writes nothing'}`);
	scene.crash(till, { survives, isSilent, offMs });
};

const clock: Accident = ({ nameOf, tell }, till, chance) => {
	const { clock } = till.processes;
	if (chance.chance(30)) {
		clock.freeze();
		tell(`! the clock of ${nameOf(till.name)} stands still`);
		return;
	}
	const ms = chance.stretch(1_000, tenYearsMs) * (chance.chance(50) ? 1 : -1);
	clock.jump(ms);
	tell(`! the clock of ${nameOf(till.name)} jumps ${ms < 0 ? 'back' : 'ahead'} by ${seconds(Math.abs(ms))}`);
};

const diskFull: Accident = ({ nameOf, tell }, till) => {
	till.disk.failNext('storage_full');
	tell(`! the disk of ${nameOf(till.name)} is full`);
};

const oldVersion: Accident = ({ nameOf, tell }, till, chance) => {
	const { core } = till.replica;
	const ledgers = till.replica.ledgers();
	if (ledgers.length === 0) return;
	const ledger = chance.pick(ledgers);
	const unknown = {
		kind: 'unknown',
		code: 100 + chance.below(3),
		stops: [],
		body: Uint8Array.of(chance.below(256)),
	} as const;
	core.writer.write([core.writer.draft(ledger, [unknown], [])]).catch(() => {}); // the disk has told the replica
	tell(`! ${nameOf(till.name)} is newer: it writes what others do not know in ${ledger}`);
};

const restore: Accident = async (scene, till, chance) => {
	const { world, nameOf, tell } = scene;
	if (world.nowMs < 1_000) return;
	const ageMs = Math.min(world.nowMs, chance.stretch(1_000, world.nowMs));
	tell(`! ${nameOf(till.name)} is set back by ${seconds(ageMs)}`);
	scene.crash(till, { survives: 0, isSilent: false, offMs: 0 });
	await world.setBack(till, ageMs);
	scene.began(till);
};

const clone: Accident = async (scene, till) => {
	const { world, nameOf, tell } = scene;
	if (world.chain.tills.length >= tillsMost) return;
	const twin = await world.copy(till);
	tell(`! ${nameOf(till.name)} is copied to ${nameOf(twin.name)}`);
	scene.began(twin);
};

export const accidents: Readonly<Record<StepFault, Accident>> = {
	partition,
	crash,
	clock,
	'disk-full': diskFull,
	'old-version': oldVersion,
	restore,
	clone,
};
