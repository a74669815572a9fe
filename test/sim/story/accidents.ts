import { strike } from '../hostile/step.js';
import { settle } from '../machines/time.js';
import { namesOf, switchOnAnew } from './names.js';
import { newer } from './newer.js';
import type { FaultName } from './plan.js';
import { relayLost } from './relay-lost.js';
import type { Accident } from './scene.js';

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

/** A line is dead, or swallows frames one way or both ways, for a second to a month. */
const partition: Accident = async (scene, till, chance) => {
	const { chain } = scene;
	const lines = chain.linesOf(till.name);
	if (lines.length === 0) return till;
	const line = chance.pick(lines);
	const forMs = chance.stretch(1_000, 30 * dayMs);
	const between = `between ${line.a.who} and ${line.b.who} for ${Math.round(forMs / 1_000)} s`;
	const kind = chance.below(4);
	if (kind === 0) line.cut();
	else line.swallow(kind !== 1, kind !== 2);
	scene.fault(
		'partition',
		kind === 0 ? `no line ${between}` : `frames get lost ${kind === 3 ? 'both ways' : 'one way'} ${between}`,
	);
	chain.time.after(forMs, () => line.heal());
	return till;
};

/** The power goes: at any moment, or around the sync and the answer of a sale that has just been made. */
const crash: Accident = async (scene, till, chance) => {
	const { chain } = scene;
	const offMs = chance.chance(60) ? 0 : chance.stretch(100, 600_000);
	const isSilent = chance.chance(50);
	if (chain.relays.length > 0 && chance.chance(25)) {
		const box = chance.pick(chain.relays);
		if (!box.running) return undefined;
		scene.fault('crash', `${box.name} loses its power`);
		scene.power.crashRelay(box, chance.below(box.disk.waiting + 1), isSilent, offMs);
		return undefined;
	}
	const kind = chance.pick(['now', 'before its sync', 'after its sync', 'at any await', 'after its answer'] as const);
	if (kind !== 'now') scene.actAt(till, chance);
	if (kind === 'at any await') for (let turns = chance.below(40); turns > 0; turns--) await undefined;
	else if (kind !== 'now') await settle();
	if (kind === 'after its answer') await chain.time.pass(chance.between(1, 8));
	const { waiting } = till.disk;
	const survives = kind === 'before its sync' ? 0 : kind === 'after its sync' ? waiting : chance.below(waiting + 1);
	scene.fault('crash', `${till.name} loses its power ${kind}`, till);
	scene.power.crash(till, survives, isSilent, offMs);
	return undefined;
};

/** The disk had confirmed what is not there: its newest records are gone, one is cut off at a sector, or a bit is another. */
const torn: Accident = async (scene, till, chance) => {
	const names = namesOf(till);
	const kind = chance.pick(['lost', 'torn', 'flipped'] as const);
	scene.judge.tainted.add(till.replica.device);
	scene.power.crash(till, 0, false, 0);
	if (kind === 'lost') till.disk.loseTail(chance.between(1, 4));
	else if (kind === 'torn') till.disk.tear();
	else till.disk.flip();
	scene.fault(
		'torn',
		`the disk of ${till.name} has ${kind === 'flipped' ? 'a bit flipped' : `its tail ${kind}`}`,
		till,
	);
	await switchOnAnew(scene, till, names);
	return till;
};

/** The next sync fails, or there is no room for it. */
const disk: Accident = async (scene, till, chance) => {
	const code = chance.pick(['storage_full', 'storage_failed'] as const);
	const boxes = scene.chain.relays.filter((box) => box.running);
	if (boxes.length > 0 && chance.chance(25)) {
		const box = chance.pick(boxes);
		box.disk.failNext = code;
		scene.fault('disk', `the disk of ${box.name} is about to fail: ${code}`);
		return till;
	}
	till.disk.failNext(code);
	scene.fault('disk', `the disk of ${till.name} is about to fail: ${code}`, till);
	return till;
};

/** A clock jumps by up to ten years, or stands still. */
const clock: Accident = async (scene, till, chance) => {
	const { clock } = till.processes;
	if (chance.chance(30)) {
		clock.freeze();
		scene.fault('clock', `the clock of ${till.name} stands still`, till);
		return till;
	}
	const ms = chance.stretch(1_000, 10 * yearMs) * (chance.chance(50) ? 1 : -1);
	clock.jump(ms);
	scene.fault('clock', `the clock of ${till.name} jumps by ${Math.round(ms / 1_000)} s`, till);
	return till;
};

/** Somebody puts back an image of the disk. */
const restore: Accident = async (scene, till, chance) => {
	const images = scene.backups.get(till) ?? [];
	if (images.length === 0) return till;
	const { image, device, atMs } = chance.pick(images);
	const { time } = scene.chain;
	if (time.nowMs - atMs < 60_000) await time.pass(60_000);
	scene.judge.tainted.add(device);
	const names = namesOf(till);
	if (till.running) scene.judge.tainted.add(till.running.device);
	scene.power.crash(till, 0, false, 0);
	till.disk.become(image);
	scene.fault('restore', `${till.name} is set back by ${Math.round((time.nowMs - atMs) / 1_000)} s`, till);
	await switchOnAnew(scene, till, names);
	return till;
};

/** Somebody copies the disk into a second machine, and both go on selling. */
const clone: Accident = async (scene, till, chance) => {
	const { chain } = scene;
	if (chain.tills.length > 8) return till;
	scene.judge.tainted.add(till.replica.device);
	const twin = chain.addTill({
		...till.role,
		name: `${till.name} copy ${chain.tills.length}`,
		home: [],
		archive: false,
	});
	twin.disk.become(till.disk.image());
	for (const [i, line] of chain.linesOf(till.name).entries())
		if (i === 0 || chance.chance(80))
			chain.join(twin.name, line.a.who === till.name ? line.b.who : line.a.who).faults = scene.plan.line;
	scene.fault('clone', `${till.name} is copied to ${twin.name}`, till);
	await scene.power.switchOn(twin);
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
	delay: async (_scene, till) => till,
	duplicate: async (_scene, till) => till,
};
