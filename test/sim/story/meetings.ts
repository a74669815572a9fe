import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Epoch } from '../../../src/journal/journal.js';
import type { Part } from '../../../src/journal/leg.js';
import { keys } from '../../../src/replica/records.js';
import { volley } from '../hostile/volley.js';
import { goodLine, type LineFaults } from '../machines/network.js';
import type { Till } from '../machines/till.js';
import { namesOf, switchOnAnew } from './names.js';
import type { MeetingName } from './plan.js';
import { lesserPoint, olderPoint } from './relay-lost.js';
import type { Accident, Scene } from './scene.js';
import { done, homeOf, quiet, stockOf, tendHome } from './staged.js';

/** Off and on again, while nobody can be reached who knows what it was about: what it may do by itself has to wait (JRN7). */
const alone: Accident = async (scene, till, chance) => {
	const { chain, power } = scene;
	const stock = till.replica.ledger(stockOf(till)).pool('stock');
	const document = `alone-${chance.next()}`;
	const leaseMs = chance.pick([100, 300, 1_000]);
	const isOpen = await done(scene, till, `hold 1 tea for ${leaseMs} ms`, (tx) => {
		tx.mint(stock, 'tea', 1, document);
		tx.hold(stock, 'tea', 1, { leaseMs });
	});
	if (!isOpen) return till;
	await chain.time.pass(chance.below(60));
	const cut = chain.linesOf(till.name).filter((line) => !line.isPartitioned);
	for (const line of cut) line.cut();
	scene.fault('alone', `${till.name} loses its power, and is on again before anybody can be reached`, till);
	power.crash(till, till.disk.waiting, false, 0);
	await power.switchOn(till);
	await chain.time.pass(chance.between(2_500, 4_000));
	for (const line of cut) line.heal();
	return till.running && till;
};

/** A part of an own commit that others have, and one of the same commit that nobody else has. */
interface Half {
	readonly out: EpochId;
	readonly lost: Part;
}

/** Those who can be reached now get at times one part of a commit and not the other. */
const lossyLine: LineFaults = { delayMsMax: 40, reorderPercent: 0, dropPercent: 40, duplicatePercent: 0 };

function othersHave({ chain }: Scene, till: Till, epoch: EpochId, index: number): boolean {
	const others = chain.replicas.filter((other) => other !== till);
	return (
		others.some(({ running }) => (running?.core.journal.get(epoch)?.count ?? 0) > index) ||
		chain.relays.some(({ running }) => (running?.keeping.get(epoch)?.count ?? 0) > index)
	);
}

function halfOut(scene: Scene, till: Till): Half | undefined {
	const { core } = till.replica;
	for (const epoch of core.journal.all()) {
		if (!core.isOwn(epoch) || epoch.durable === 0) continue;
		const index = epoch.durable - 1;
		if (!othersHave(scene, till, epoch.id, index)) continue;
		const lost = epoch.entry(index).parts.find((part) => !othersHave(scene, till, part.epoch, part.index));
		if (lost) return { out: epoch.id, lost };
	}
	return undefined;
}

/** A disk forgets a commit of which one part has got out and the other one has not: that one is not coming (JRN4). */
const halfLost: Accident = async (scene, till, chance) => {
	const { chain, judge, power } = scene;
	const { replica } = till;
	const lines = chain.linesOf(till.name).filter((line) => !line.isInBox);
	const before = lines.map(({ faults }) => faults);
	for (const line of lines) line.faults = lossyLine;
	let half: Half | undefined;
	for (let sale = 0; sale < 4 && !half; sale++) {
		const what = `half-${chance.next()}`;
		const isSold = await done(scene, till, 'a sale over two ledgers', (tx) => {
			tx.mint(replica.ledger('members/m').pool('points'), 'ann', 1, what);
			tx.mint(replica.ledger(stockOf(till)).pool('stock'), 'cup', 1, what);
		});
		if (!isSold) break;
		for (let ms = 0; ms < 60 && !half; ms++) {
			await chain.time.pass(1);
			if (till.running !== replica) break;
			half = halfOut(scene, till);
		}
	}
	for (const [i, line] of lines.entries()) line.faults = before[i] ?? goodLine;
	if (!half || till.running !== replica) return till;
	const names = namesOf(till);
	judge.tainted.add(replica.device);
	power.crash(till, 0, false, 0);
	if (till.disk.loseFrom(keys.row(half.lost.epoch, half.lost.index)))
		scene.fault('half-lost', `the disk of ${till.name} has lost a commit of which half has got out`, till);
	await switchOnAnew(scene, till, names);
	return till.running && till;
};

const end = ({ core }: Till['replica'], ledger: LedgerName): Epoch | undefined =>
	core.journal.get(core.writer.tip(ledger)?.epoch ?? 0);

/** A disk forgets sales; of some of them a checkpoint tells, others have come after it (JRN7, JRN11). */
const covered: Accident = async (scene, near, chance) => {
	const { chain, judge, power } = scene;
	// An archive is sent all rows at once, others what a checkpoint does not cover.
	const plain = scene.running.filter(({ role }) => !role.archive && !role.home);
	const till = plain.length > 0 ? chance.pick(plain) : near;
	const ledger = stockOf(till);
	const home = homeOf(scene, ledger);
	if (!home?.running || home === till || !chain.replicas.some(({ role }) => role.archive || role.name === 'hq/home'))
		return till;
	const { replica } = till;
	const stock = replica.ledger(ledger).pool('stock');
	const sell = () =>
		done(scene, till, 'sell 1 of 2 cup', (tx) => {
			tx.mint(stock, 'cup', 2, `covered-${chance.next()}`);
			tx.spend(stock, 'cup', 1);
		});
	const { running } = home;
	const areThere = () => home.running === running && till.running === replica;
	const compact = async () => {
		await quiet(scene, 2_000);
		if (!areThere()) return;
		await tendHome(scene, home, 0);
		await quiet(scene, 500);
	};
	// What it is sent afterwards is this one checkpoint, and not another ledger's before it.
	await compact();
	if (!areThere()) return till;
	const image = till.disk.image();
	if (!(await sell())) return till;
	await compact();
	if (!areThere() || !(await sell())) return till;
	await quiet(scene, 1_000);
	const epoch = end(replica, ledger);
	const isCovered = epoch && (running.core.view.base(ledger)?.cut.has(epoch.id) ?? false);
	if (!isCovered || !areThere()) return till;
	const names = namesOf(till);
	judge.tainted.add(replica.device);
	power.crash(till, 0, false, 0);
	till.disk.become(image);
	scene.fault('covered', `the disk of ${till.name} has forgotten sales that a checkpoint tells of`, till);
	await switchOnAnew(scene, till, names);
	await quiet(scene, 2_000);
	return till.running && till;
};

export const meetings: Readonly<Record<MeetingName, Accident>> = {
	alone,
	'half-lost': halfLost,
	covered,
	volley,
	'older-point': olderPoint,
	'lesser-point': lesserPoint,
};
