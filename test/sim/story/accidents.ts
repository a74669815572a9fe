import { strike } from '../hostile/step.js';
import type { Chance } from '../machines/chance.js';
import type { Till } from '../machines/till.js';
import { settle } from '../machines/time.js';
import type { World } from '../world.js';
import { newer } from './newer.js';
import type { FaultName } from './plan.js';

/** Makes it happen, to this device or to something near it. Answers the device that it was about, where it still runs. */
export type Accident = (world: World, till: Till, chance: Chance) => Promise<Till | undefined>;

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

/** A line is dead, or swallows frames one way or both ways, for a second to a month. */
const partition: Accident = async (world, till, chance) => {
	const { chain } = world;
	const lines = chain.linesOf(till.name);
	if (lines.length === 0) return till;
	const line = chance.pick(lines);
	const forMs = chance.stretch(1_000, 30 * dayMs);
	const between = `between ${line.a.who} and ${line.b.who} for ${Math.round(forMs / 1_000)} s`;
	const kind = chance.below(4);
	if (kind === 0) line.cut();
	else line.swallow(kind !== 1, kind !== 2);
	world.fault(
		'partition',
		kind === 0 ? `no line ${between}` : `frames get lost ${kind === 3 ? 'both ways' : 'one way'} ${between}`,
	);
	chain.time.after(forMs, () => line.heal());
	return till;
};

/** The power goes: at any moment, or around the sync and the answer of a sale that has just been made. */
const crash: Accident = async (world, till, chance) => {
	const { chain } = world;
	const offMs = chance.chance(60) ? 0 : chance.stretch(100, 600_000);
	const isSilent = chance.chance(50);
	if (chain.relays.length > 0 && chance.chance(25)) {
		const box = chance.pick(chain.relays);
		if (!box.running) return undefined;
		world.fault('crash', `${box.name} loses its power`);
		world.crashRelay(box, chance.below(box.disk.waiting + 1), isSilent, offMs);
		return undefined;
	}
	const kind = chance.pick(['now', 'before its sync', 'after its sync', 'at any await', 'after its answer'] as const);
	if (kind !== 'now') world.actAt(till, chance);
	if (kind === 'at any await') for (let turns = chance.below(40); turns > 0; turns--) await undefined;
	else if (kind !== 'now') await settle();
	if (kind === 'after its answer') await chain.time.pass(chance.between(1, 8));
	const { waiting } = till.disk;
	const survives = kind === 'before its sync' ? 0 : kind === 'after its sync' ? waiting : chance.below(waiting + 1);
	world.fault('crash', `${till.name} loses its power ${kind}`, till);
	world.crash(till, survives, isSilent, offMs);
	return undefined;
};

/** The disk had confirmed what is not there: its newest records are gone, one is cut off at a sector, or a bit is another. */
const torn: Accident = async (world, till, chance) => {
	const { device } = till.replica;
	const kind = chance.pick(['lost', 'torn', 'flipped'] as const);
	world.judge.tainted.add(device);
	world.crash(till, 0, false, 0);
	if (kind === 'lost') till.disk.loseTail(chance.between(1, 4));
	else if (kind === 'torn') till.disk.tear();
	else till.disk.flip();
	world.fault(
		'torn',
		`the disk of ${till.name} has ${kind === 'flipped' ? 'a bit flipped' : `its tail ${kind}`}`,
		till,
	);
	world.down.delete(till);
	await world.switchOn(till);
	if (till.running && till.running.device !== device) world.gone.add(device);
	return till;
};

/** The next sync fails, or there is no room for it. */
const disk: Accident = async (world, till, chance) => {
	const code = chance.pick(['storage_full', 'storage_failed'] as const);
	const boxes = world.chain.relays.filter((box) => box.running);
	if (boxes.length > 0 && chance.chance(25)) {
		const box = chance.pick(boxes);
		box.disk.failNext = code;
		world.fault('disk', `the disk of ${box.name} is about to fail: ${code}`);
		return till;
	}
	till.disk.failNext(code);
	world.fault('disk', `the disk of ${till.name} is about to fail: ${code}`, till);
	return till;
};

/** A clock jumps by up to ten years, or stands still. */
const clock: Accident = async (world, till, chance) => {
	const { clock } = till.processes;
	if (chance.chance(30)) {
		clock.freeze();
		world.fault('clock', `the clock of ${till.name} stands still`, till);
		return till;
	}
	const ms = chance.stretch(1_000, 10 * yearMs) * (chance.chance(50) ? 1 : -1);
	clock.jump(ms);
	world.fault('clock', `the clock of ${till.name} jumps by ${Math.round(ms / 1_000)} s`, till);
	return till;
};

/** Somebody puts back an image of the disk. */
const restore: Accident = async (world, till, chance) => {
	const images = world.backups.get(till) ?? [];
	if (images.length === 0) return till;
	const { image, device, atMs } = chance.pick(images);
	const { time } = world.chain;
	if (time.nowMs - atMs < 60_000) await time.pass(60_000);
	world.judge.tainted.add(device);
	if (till.running) world.judge.tainted.add(till.running.device);
	world.crash(till, 0, false, 0);
	till.disk.become(image);
	world.fault('restore', `${till.name} is set back by ${Math.round((time.nowMs - atMs) / 1_000)} s`, till);
	world.down.delete(till);
	await world.switchOn(till);
	return till;
};

/** Somebody copies the disk into a second machine, and both go on selling. */
const clone: Accident = async (world, till, chance) => {
	const { chain } = world;
	if (chain.tills.length > 8) return till;
	world.judge.tainted.add(till.replica.device);
	const twin = chain.addTill({
		...till.role,
		name: `${till.name} copy ${chain.tills.length}`,
		home: [],
		archive: false,
	});
	twin.disk.become(till.disk.image());
	for (const [i, line] of chain.linesOf(till.name).entries())
		if (i === 0 || chance.chance(80))
			chain.join(twin.name, line.a.who === till.name ? line.b.who : line.a.who).faults = world.plan.line;
	world.fault('clone', `${till.name} is copied to ${twin.name}`, till);
	await world.switchOn(twin);
	return till;
};

/** A relay's disk is lost: it begins with nothing, and the devices fill it again. */
const relayLost: Accident = async (world, till, chance) => {
	const boxes = world.chain.relays.filter((box) => box.running);
	if (boxes.length === 0) return till;
	const box = chance.pick(boxes);
	const device = world.chain.find(`${box.name}/home`)?.running?.device ?? '';
	world.crashRelay(box, 0, chance.chance(50), 0);
	box.newDisk();
	const home = chance.chance(50) ? world.chain.find(`${box.name}/home`) : undefined;
	if (home) {
		world.judge.tainted.add(device);
		world.gone.add(device);
		home.newDisk();
	}
	world.fault('relay-lost', `${box.name} has lost its disk${home ? ', and the home beside it' : ''}`);
	world.down.delete(box);
	await world.switchOn(box);
	return till;
};

export const accidents: Readonly<Record<Exclude<FaultName, 'delay' | 'duplicate'>, Accident>> &
	Record<'delay' | 'duplicate', Accident> = {
	partition,
	crash,
	torn,
	disk,
	clock,
	restore,
	clone,
	'relay-lost': relayLost,
	newer,
	hostile: strike,
	delay: async (_world, till) => till,
	duplicate: async (_world, till) => till,
};
