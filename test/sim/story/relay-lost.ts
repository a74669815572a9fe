import type { Chance } from '../machines/chance.js';
import { goodLine, type Line } from '../machines/network.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import { namesOf } from './names.js';
import type { Accident, Scene } from './scene.js';
import { done, putUp, quiet, stockOf, storeOf, tendHome } from './staged.js';

/** Two archives hold every row (JRN11): that both are lost at once nobody promises to survive. */
const lost = new WeakMap<Scene, RelayBox>();

/** The box whose disk is lost, now or again. */
function boxToLose(scene: Scene, chance: Chance): RelayBox | undefined {
	const boxes = scene.chain.relays.filter((box) => box.running);
	if (boxes.length === 0) return undefined;
	const box = lost.get(scene) ?? chance.pick(boxes);
	return box.running && box;
}

/** It begins with nothing on its disk, and so does the home beside it where that is lost too. */
async function lose(scene: Scene, box: RelayBox, isSilent: boolean, isHomeLost: () => boolean): Promise<void> {
	const { chain, gone, judge, power } = scene;
	lost.set(scene, box);
	const beside = chain.find(`${box.name}/home`);
	const names = beside ? namesOf(beside) : [];
	power.crashRelay(box, 0, isSilent, 0);
	box.newDisk();
	const home = isHomeLost() ? beside : undefined;
	if (home) {
		for (const name of names) {
			judge.tainted.add(name);
			gone.add(name);
		}
		home.newDisk();
	}
	scene.fault('relay-lost', `${box.name} has lost its disk${home ? ', and the home beside it' : ''}`);
	await power.switchOn(box);
}

/** A relay's disk is lost: it begins with nothing, and the devices fill it again. */
export const relayLost: Accident = async (scene, till, chance) => {
	const box = boxToLose(scene, chance);
	if (box) await lose(scene, box, chance.chance(50), () => chance.chance(50));
	return till;
};

/** A store whose relay box will be lost, and who is linked to it. */
interface Store {
	readonly box: RelayBox;
	readonly home: Till;
	/** Somebody who sells there. */
	readonly till: Till;
	readonly sell: () => Promise<boolean>;
}

function storeToLose(scene: Scene, chance: Chance): Store | undefined {
	const box = boxToLose(scene, chance);
	if (!box) return undefined;
	const home = scene.chain.find(`${box.name}/home`);
	const tills = scene.running.filter((till) => storeOf(till) === box.name && !till.role.archive);
	// Whoever has it all from its first row on may have room for one more.
	if (!home?.running || tills.length === 0 || scene.chain.tills.length > 8) return undefined;
	const till = chance.pick(tills);
	const sell = async () => {
		if (till.running?.health.get().state !== 'ok') return false;
		const stock = till.running.ledger(stockOf(till)).pool('stock');
		return done(scene, till, 'sell 1 of 2 cup', (tx) => {
			tx.mint(stock, 'cup', 2, `lost-${chance.next()}`);
			tx.spend(stock, 'cup', 1);
		});
	};
	return { box, home, till, sell };
}

/** The lines of a box to others, all dead: they come back one by one. */
function cutOff({ chain }: Scene, { name }: RelayBox): Line[] {
	const lines = chain.linesOf(name).filter((line) => !line.isInBox);
	for (const line of lines) line.cut();
	return lines;
}

/**
 * One till is put up and away for so long that others sell and let go of what a checkpoint covers. Then the box is lost, with
 * all of its lines dead. Answers what brings the lines of a device back, for a while.
 */
async function loseWhatIsCovered(
	scene: Scene,
	{ box, home, till, sell }: Store,
	late: Till,
): Promise<((of: Till, forMs: number) => Promise<void>) | undefined> {
	const { chain, plan, power } = scene;
	const isArchive = (other: Till) => other !== late && other.role.archive && storeOf(other) === box.name;
	if (!plan.topology.hq && !chain.tills.some(isArchive))
		await putUp(scene, `${box.name}/archive`, till, box.name, true);
	await quiet(scene, 2_000);
	chain.network.spoil(goodLine);
	await sell();
	await tendHome(scene, home, 1_000);
	for (const line of chain.linesOf(late.name)) line.cut();
	await sell();
	if (till.running) await power.restart(till, false);
	await chain.time.pass(600);
	await power.tend();
	await sell();
	await chain.time.pass(1_000); // until an archive has told that it has them
	await tendHome(scene, home, 3_000);
	if (!till.running || !box.running) return undefined;
	const lines = cutOff(scene, box);
	await lose(scene, box, false, () => true);
	return async ({ name }, forMs) => {
		for (const line of lines) if (line.a.who === name || line.b.who === name) line.heal();
		await chain.time.pass(forMs);
	};
}

/** To a relay that lost its disk somebody brings the newest checkpoint, under which rows have gone; and then another an older one. */
export const olderPoint: Accident = async (scene, near, chance) => {
	const store = storeToLose(scene, chance);
	if (!store) return near;
	const { box, till } = store;
	const late = await putUp(scene, `${box.name}/late`, till, box.name);
	const comeBack = await loseWhatIsCovered(scene, store, late);
	await comeBack?.(till, chance.between(1_500, 3_000));
	await comeBack?.(late, chance.between(1_500, 3_000));
	if (comeBack) scene.fault('older-point', `${late.name} is back after ${till.name}`);
	await quiet(scene, 2_000);
	return till.running && till;
};

/** A new home knows what an archive knew that was away for long, and writes a checkpoint of it before it meets anybody else. */
export const lesserPoint: Accident = async (scene, near, chance) => {
	const store = storeToLose(scene, chance);
	if (!store) return near;
	const { box, home, till } = store;
	const late = await putUp(scene, `${box.name}/late archive`, till, box.name, true);
	const comeBack = await loseWhatIsCovered(scene, store, late);
	await comeBack?.(late, chance.between(1_500, 3_000));
	if (comeBack) await tendHome(scene, home, 1_000);
	await comeBack?.(till, chance.between(1_500, 3_000));
	if (comeBack) scene.fault('lesser-point', `${till.name} is back after ${late.name}`);
	// When all are back they bring what it lacks: what it shows meanwhile is looked at now.
	scene.judge.stepped(till.running && till);
	await quiet(scene, 2_000);
	return till.running && till;
};
