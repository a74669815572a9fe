/**
 * A whole chain in one process: production replicas over storage in memory and lines handed over frame by frame, with
 * crashes, restored backups, clones, disks that lie, fences and newcomers. Then everything heals, and everybody must
 * see the same: what the plain recomputation sees over every row that anybody still holds.
 */
import { equalBytes } from '../../../src/base/bytes.js';
import type { DeviceId, EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Checkpoint } from '../../../src/journal/checkpoint.js';
import { decodeEntry } from '../../../src/journal/entry.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import { LedgerFigures, readFigures } from '../../../src/ledger/figures.js';
import type { Tx } from '../../../src/ledger/tx.js';
import { Dice } from '../update-model.js';
import { HandDriven, settle } from './hand-driven.js';
import type { WrittenEpoch } from './history.js';
import { Line } from './line.js';
import { Machine, type Role } from './machine.js';
import { type Counts, epochOf, plainCut } from './plain-cut.js';
import { describeFigures, describePlain, difference } from './plain-figures.js';
import { demand, plainBase } from './till.js';

export const worldLedgers: readonly LedgerName[] = ['members/m', 'orders/a', 'stock/a'];
const machinesMax = 8;

/** How often something happened, over all histories of a run: a fault that never comes proves nothing. */
export const happened = new Map<string, number>();
const note = (what: string): void => {
	happened.set(what, (happened.get(what) ?? 0) + 1);
};

export class World {
	readonly hand: HandDriven;
	readonly machines: Machine[] = [];
	/** Every row that was ever durable anywhere. */
	readonly epochs = new Map<EpochId, WrittenEpoch>();
	/** Devices that were cloned, restored, torn or fenced: theirs alone may go below zero. */
	readonly tainted = new Set<DeviceId>();
	/** Every name that a machine ever went by. */
	readonly #devices = new Set<DeviceId>();
	readonly #faultPercent: number;
	readonly #isKind: boolean;
	#documents = 0;

	private constructor(dice: Dice, isKind: boolean) {
		this.#isKind = isKind;
		this.hand = new HandDriven(dice.below(0x7fffffff));
		this.#faultPercent = dice.pick([0, 10, 30]);
	}

	/** In a kind world lines fail and processes die, but every disk keeps what it confirmed and nobody copies one. */
	static async open(seed: number, isKind = false): Promise<World> {
		const dice = new Dice(seed);
		const world = new World(dice, isKind);
		const one = dice.chance(50);
		await world.#join({
			name: 'home',
			keeps: worldLedgers,
			home: one ? worldLedgers : ['members/m', 'stock/a'],
			archive: true,
		});
		await world.#join({ name: 'second', keeps: worldLedgers, home: one ? [] : ['orders/a'], archive: true });
		for (let i = 2 + dice.below(3); i > 0; i--) await world.#join(tillRole(dice));
		const [home] = world.machines;
		for (const machine of world.machines) {
			if (home) world.#connect(home, machine);
			await machine.replica.commit((tx) => {
				for (const ledger of machine.role.keeps) {
					const { pool, key } = scarce(machine, ledger);
					tx.mint(pool, key, 5 + dice.below(25), `opening float of ${machine.device}`);
				}
			});
		}
		return world;
	}

	/** One history from its beginning to its end; a failure that nobody awaited counts too. */
	static async play(seed: number, story: readonly number[], isKind: boolean): Promise<void> {
		const failures: unknown[] = [];
		const fail = (reason: unknown): void => {
			failures.push(reason);
		};
		process.on('unhandledRejection', fail);
		try {
			const world = await World.open(seed, isKind);
			for (const step of story) await world.step(step);
			await world.heal(seed);
		} finally {
			process.off('unhandledRejection', fail);
		}
		if (failures.length > 0) throw failures[0];
	}

	async #join(role: Role, from?: Machine): Promise<Machine> {
		const machine = new Machine(role, this.hand.platform, from?.storage);
		this.machines.push(machine);
		await machine.open();
		return machine;
	}

	get #live(): Machine[] {
		return this.machines.filter((machine) => !machine.isDead);
	}

	#lines(): Line[] {
		return [...new Set(this.#live.flatMap((machine) => [...machine.lines.keys()]))];
	}

	async step(seed: number): Promise<void> {
		const dice = new Dice(seed);
		const machine = dice.pick(this.#live);
		const kind = dice.below(100);
		if (kind < 38) await this.#act(dice, machine);
		else if (kind < 50) this.#connect(machine, dice.pick(this.#live));
		else if (kind < 53) dice.pick([...this.#lines(), undefined])?.cut();
		else if (kind < 73) await this.#handOver(dice, this.#faultPercent, 12);
		else if (kind < 83) await this.hand.advance(100 + dice.below(900));
		else if (kind < 88) await machine.replica.tend({ compact: dice.chance(60) });
		else await this.#fault(dice, machine, kind);
		if (dice.chance(10) && !machine.isDead) machine.backup = machine.storage.copy();
		await settle();
		if (!machine.isDead) this.check(machine);
		else this.check(dice.pick(this.#live));
	}

	async #fault(dice: Dice, machine: Machine, kind: number): Promise<void> {
		const isTill = machine.role.home.length === 0 && !machine.role.archive;
		if (kind < 91) await this.#restart(machine, dice.chance(50));
		else if (kind === 91) {
			if (this.machines.length < machinesMax) await this.#join(tillRole(dice));
		} else if (!isTill || this.#isKind) return;
		else if (kind < 94 && machine.backup) {
			note('backup restored');
			this.#harvest();
			this.tainted.add(machine.device);
			machine.crash();
			machine.storage = Object.assign(machine.backup.copy(), { platform: machine.storage.platform });
			await this.#reopenElsewhere(machine);
		} else if (kind === 94 && this.machines.length < machinesMax) {
			note('cloned');
			this.tainted.add(machine.device);
			await this.#join({ ...machine.role }, machine);
		} else if (kind === 95) {
			note('torn');
			this.#harvest();
			this.tainted.add(machine.device);
			await machine.tear(dice);
			await this.#reopenElsewhere(machine);
		} else if (kind === 96) await this.#fence(machine.device);
		else if (kind === 97 && this.#live.length > 3) {
			this.#harvest();
			machine.die();
		} else await this.#restart(machine, dice.chance(50));
	}

	async #fence(device: DeviceId): Promise<void> {
		note('fenced');
		this.tainted.add(device);
		for (const machine of this.#live) if (machine.role.home.length > 0) await machine.replica.fence(device);
	}

	async #restart(machine: Machine, kill: boolean): Promise<void> {
		note(kill ? 'crashed' : 'restarted');
		if (kill) machine.crash();
		else await machine.shutdown();
		await machine.open();
	}

	/** What was shown on a disk that went back may be shown less of. */
	async #reopenElsewhere(machine: Machine): Promise<void> {
		machine.shown.clear();
		machine.kept.clear();
		await machine.open();
	}

	#connect(x: Machine, y: Machine): void {
		if (x === y) return;
		const known = [...x.lines.keys()].find((line) => y.lines.has(line));
		if (known) {
			if (!known.isUp) known.up();
			return;
		}
		const line = new Line();
		const [leaveX, leaveY] = [x.replica.addLink(line.a), y.replica.addLink(line.b)];
		const leave = (): void => {
			leaveX();
			leaveY();
			x.lines.delete(line);
			y.lines.delete(line);
		};
		x.lines.set(line, leave);
		y.lines.set(line, leave);
		line.up();
	}

	async #handOver(dice: Dice, faultPercent: number, frames: number): Promise<void> {
		for (let i = 0; i < frames; i++) {
			const busy = this.#lines().filter((line) => line.busy);
			if (busy.length === 0) return;
			dice.pick(busy).handOver(dice, faultPercent);
			if (dice.chance(70)) await settle();
		}
	}

	// ---- what people do ----

	async #act(dice: Dice, machine: Machine): Promise<void> {
		const { replica } = machine;
		const ledger = dice.pick(machine.role.keeps);
		const amount = 1 + dice.below(5);
		if (dice.chance(8)) {
			const { pool, key } = scarce(machine, ledger);
			pool.ensure(key, amount, { timeoutMs: 400 }).catch(() => note('ensure gave up'));
			return;
		}
		// Several in one turn: what the first takes is not in view yet when the next decides (ESC1).
		for (let i = dice.pick([1, 1, 1, 3]); i > 0; i--)
			replica
				.commit((tx) => this.#work(dice, machine, tx, ledger, amount))
				.then(
					(outcome) => note(outcome.ok ? 'committed' : `refused ${outcome.code}`),
					(error: Error) => note(`failed ${error.name}`),
				);
		if (dice.chance(85)) await settle();
	}

	#work(dice: Dice, machine: Machine, tx: Tx, ledger: LedgerName, amount: number): void {
		const { replica, role } = machine;
		const { pool, key } = scarce(machine, ledger);
		const kind = dice.below(12);
		if (kind < 3) tx.spend(pool, key, amount);
		else if (kind < 5) {
			const others = this.#live.filter((m) => m.role.keeps.includes(ledger) && m.device !== machine.device);
			if (others.length > 0) tx.grant(pool, key, amount, dice.pick(others).device);
			else tx.append(replica.ledger(ledger).log('notes'), 'alone');
		} else if (kind < 6)
			machine.holds.push({ ledger, hold: tx.hold(pool, key, amount, { leaseMs: 300 + dice.below(4000) }) });
		else if (kind < 7 && machine.holds.length > 0) {
			const held = dice.pick(machine.holds);
			if (dice.chance(60)) tx.capture(scarce(machine, held.ledger).pool, held.hold);
			else tx.release(scarce(machine, held.ledger).pool, held.hold);
		} else if (kind < 10 && role.keeps.length > 1) {
			this.#documents += 1;
			const [from, ...into] = dice.chance(50) ? role.keeps : [...role.keeps].reverse();
			if (from !== undefined) tx.spend(scarce(machine, from).pool, scarce(machine, from).key, amount);
			for (const to of into)
				tx.mint(scarce(machine, to).pool, scarce(machine, to).key, amount, `move-${this.#documents}`);
		} else if (kind < 11) {
			const notes = replica.ledger(ledger);
			tx.append(notes.log('notes'), { amount });
			tx.set(notes.cell('price'), amount);
			tx.add(notes.counter('visits'), 1);
		} else
			tx.spend(replica.ledger(ledger).pool('soft', { policy: 'soft' }), 'S', amount, {
				operator: 'ann',
				reason: 'queue',
			});
	}

	// ---- checks ----

	/** Takes down every durable row of every machine; two rows at one place would be the end of the journal. */
	#harvest(): void {
		for (const machine of this.#live) {
			this.#devices.add(machine.device);
			for (const ledger of machine.role.keeps)
				for (const epoch of machine.replica.core.journal.in(ledger)) this.#harvestEpoch(epoch);
		}
	}

	#harvestEpoch(epoch: {
		id: EpochId;
		name: WrittenEpoch['name'];
		durable: number;
		rows: readonly Uint8Array[];
		open: { prev: WrittenEpoch['prev'] } | undefined;
	}): void {
		if (epoch.durable === 0) return;
		const { id, name, rows, open } = epoch;
		const { ledger, device } = name;
		const known = this.epochs.get(id) ?? { id, ledger, device, prev: open?.prev ?? null, name, entries: [], rows: [] };
		this.epochs.set(id, known);
		for (let i = known.rows.length; i < epoch.durable; i++) {
			const row = rows[i];
			const entry = row && decodeEntry(row);
			demand(entry !== undefined, () => `JRN2 row ${i} of epoch ${id} cannot be read`);
			known.rows.push(row as Uint8Array);
			known.entries.push(entry);
		}
		const last = epoch.durable - 1;
		const [mine, theirs] = [rows[last], known.rows[last]];
		demand(
			mine !== undefined && theirs !== undefined && equalBytes(mine, theirs),
			() => `JRN2 epoch ${id} was rewritten`,
		);
	}

	/** One machine's view against the plain recomputation of it (P26), its sums (P1) and its floors (P2). */
	check(machine: Machine): Counts {
		this.#harvest();
		const { replica, role } = machine;
		const rows = new Map<EpochId, number>();
		for (const ledger of role.keeps)
			for (const epoch of replica.core.journal.in(ledger)) rows.set(epoch.id, epoch.durable);
		const checkpoints = role.keeps.flatMap((ledger) => machine.base(ledger) ?? []);
		for (const c of checkpoints)
			for (const at of c.cut.values())
				demand(
					epochOf(this.epochs, at.epoch).rows.length >= at.count,
					() => `JRN11 a checkpoint covers rows that never were`,
				);
		if (!machine.isTorn) this.#checkGround(machine, rows, checkpoints);
		this.#checkDropped(machine, rows, checkpoints);
		const holds = (ledger: LedgerName): boolean => role.keeps.includes(ledger);
		const cut = plainCut({ epochs: this.epochs, rows, bases: checkpoints.map(plainBase), holds });
		demand(cut !== undefined, () => `JRN4 ${role.name} adopted a checkpoint that shows half a commit`);
		for (const ledger of role.keeps) {
			const [want, have] = [describePlain(this.epochs, cut, ledger), describeFigures(this.#figures(machine, ledger))];
			demand(
				want === have,
				() => `P26 ${role.name} shows ${ledger} otherwise than its plain recomputation:\n${difference(want, have)}`,
			);
		}
		for (const [id, before] of machine.shown)
			demand(
				(cut.get(id) ?? 0) >= before,
				() => `P26 ${role.name} showed ${before} of epoch ${id}, now ${cut.get(id) ?? 0}`,
			);
		for (const [id, count] of cut) machine.shown.set(id, count);
		for (const finding of replica.check()) {
			demand(finding.what !== 'not_conserved', () => `P1 ${finding.pool} in ${finding.ledger} is not conserved`);
			demand(
				finding.device !== undefined && this.tainted.has(finding.device),
				() => `P2 ${finding.device} is at ${finding.amount} of ${finding.pool}`,
			);
		}
		return cut;
	}

	/** JRN10: nothing is held whose predecessor or named heads are neither here as rows nor in a checkpoint. */
	#checkGround(machine: Machine, rows: Counts, checkpoints: readonly Checkpoint[]): void {
		const have = new Map(rows);
		for (const { cut } of checkpoints)
			for (const { epoch, count } of cut.values()) have.set(epoch, Math.max(count, have.get(epoch) ?? 0));
		for (const [id, count] of rows) {
			const { prev, entries } = epochOf(this.epochs, id);
			const named = entries.slice(0, count).flatMap((entry) => entry.relies);
			for (const head of prev ? [prev, ...named] : named)
				demand(
					(have.get(head.epoch) ?? 0) >= head.count,
					() => `JRN10 ${machine.role.name} took epoch ${id}, which rests on ${head.count} rows of ${head.epoch}`,
				);
		}
	}

	/** JRN11: rows go only where a checkpoint covers them and their epoch has a successor in it, or its device is fenced. */
	#checkDropped(machine: Machine, rows: Counts, checkpoints: readonly Checkpoint[]): void {
		for (const [id, count] of machine.kept) {
			if ((rows.get(id) ?? 0) >= count) continue;
			const { ledger, device } = epochOf(this.epochs, id);
			const base = checkpoints.find((c) => c.ledger === ledger);
			const isFollowed = [...(base?.cut.values() ?? [])].some(({ prev }) => prev?.epoch === id && prev.count >= count);
			const isFenced = this.#figures(machine, ledger).escrow.fences.some((fence) => fence.device === device);
			demand(
				(base?.cut.get(id)?.count ?? 0) >= count && (isFollowed || isFenced),
				() => `JRN11 ${machine.role.name} dropped ${count} rows of epoch ${id} of ${device}`,
			);
			note('epoch dropped');
		}
		machine.kept.clear();
		for (const [id, count] of rows) machine.kept.set(id, count);
	}

	/** The figures as production code writes them down for a digest, read back. */
	#figures(machine: Machine, ledger: LedgerName): LedgerFigures {
		machine.replica.digest(ledger);
		const figures = new LedgerFigures(() => false);
		readFigures(this.hand.hashedLast, figures);
		return figures;
	}

	// ---- the end ----

	/** No more faults: the dead are fenced, everybody meets, newcomers join, and everybody sees the truth. */
	async heal(seed: number): Promise<void> {
		const dice = new Dice(seed);
		const [home, ...others] = this.#live;
		if (home === undefined) return;
		for (const other of others) this.#connect(home, other);
		for (let round = 0; round < 8; round++) {
			await this.#calm(3);
			if (round === 1 || round === 3) await this.#fenceTheDead();
			for (const machine of this.#live) if (dice.chance(70)) await machine.replica.tend({ compact: true });
		}
		await this.#calm(8);
		const till = dice.pick(this.#live.filter((machine) => machine.role.keeps.length === worldLedgers.length));
		for (const host of [till, home]) {
			const newcomer = await this.#join({ name: 'newcomer', keeps: worldLedgers, home: [], archive: false });
			this.#connect(newcomer, host);
		}
		await this.#calm(8);
		this.#harvest();
		this.#judge();
	}

	/** Lets a quarter of a second pass, so many times, on lines that lose nothing. */
	async #calm(quarters: number): Promise<void> {
		const lines = this.#lines();
		for (let i = 0; i < quarters; i++) {
			for (let busy = true; busy; ) {
				busy = false;
				for (const line of lines) busy = line.handOverAll() || busy;
				if (busy) await settle();
			}
			await this.hand.advance(250);
		}
	}

	async #fenceTheDead(): Promise<void> {
		this.#harvest();
		const live = new Set(this.#live.map((machine) => machine.device));
		for (const device of this.#devices) if (!live.has(device)) await this.#fence(device);
	}

	#judge(): void {
		const known = new Map<EpochId, number>();
		for (const machine of this.#live) {
			for (const [id, count] of this.check(machine)) known.set(id, Math.max(count, known.get(id) ?? 0));
			for (const ledger of machine.role.keeps)
				for (const { id, count } of machine.replica.core.journal.in(ledger))
					known.set(id, Math.max(count, known.get(id) ?? 0));
		}
		for (const machine of this.#live) {
			const { replica, role } = machine;
			const status = replica.status();
			const who = `${role.name} ${replica.device}`;
			for (const ledger of role.keeps) {
				const [want, have] = [
					describePlain(this.epochs, known, ledger),
					describeFigures(this.#figures(machine, ledger)),
				];
				demand(
					want === have,
					() => `P5 P25 in the end ${who} shows ${ledger} otherwise than the truth:\n${difference(want, have)}`,
				);
			}
			if (status.ledgers.some((ledger) => ledger.checkpoint)) note('ended with a checkpoint');
			if (status.ledgers.some((ledger) => ledger.checkpoint && ledger.epochs === 0)) note('ended with nothing but one');
			for (const { ledger, waiting } of status.ledgers)
				demand(waiting === 0, () => `JRN9 ${who} holds ${waiting} rows of ${ledger} back for ever`);
			demand(status.health.state === 'ok', () => `JRN7 ${who} is left ${status.health.state}`);
			for (const { code, device } of status.rejected.newest)
				demand(
					// A line that loses and reorders shows frames before the greeting they belong to.
					code === 'unproved_frame' || (code === 'fork' && device !== undefined && this.tainted.has(device)),
					() => `SYN1 ${who} refused an honest update of ${device}: ${code}`,
				);
		}
		this.#judgeArchives();
		this.#judgeStranded();
	}

	/** P5: equal heads, equal bytes; both archives keep every row. */
	#judgeArchives(): void {
		const [home, second] = this.machines;
		const bytes = (machine: Machine | undefined): [string, Uint8Array][] => {
			const segments = new Map<string, Parameters<typeof encodeUpdate>[0][number][]>();
			for (const ledger of worldLedgers)
				for (const { id, name, rows } of machine?.replica.core.journal.in(ledger) ?? []) {
					const key = `${ledger}#${name.segment}`;
					segments.set(key, [...(segments.get(key) ?? []), { epoch: id, name, from: 0, entries: rows }]);
				}
			return [...segments].sort().map(([key, runs]) => [key, encodeUpdate(runs)]);
		};
		const [a, b] = [bytes(home), bytes(second)];
		demand(a.length === b.length, () => 'P5 two archives hold different segments');
		a.forEach(([key, update], i) => {
			const other = b[i];
			demand(
				other?.[0] === key && equalBytes(update, other[1]),
				() => `P5 two archives hold different bytes of ${key}`,
			);
		});
	}

	/** P24: what a retired device had is in somebody's hands. */
	#judgeStranded(): void {
		const live = new Set(this.#live.map((machine) => machine.device));
		for (const machine of this.#live)
			for (const ledger of machine.role.home)
				for (const [pool, { shares }] of this.#figures(machine, ledger).escrow.pools)
					for (const [device, { share, held }] of shares)
						demand(
							live.has(device) || share + held <= 0,
							() => `P24 ${share} and ${held} held of ${pool} in ${ledger} are stranded at ${device}`,
						);
	}
}

const scarceOf = (ledger: LedgerName): [pool: string, key: string] =>
	ledger === 'members/m' ? ['points', 'ann'] : ['cup', 'S'];

function scarce(machine: Machine, ledger: LedgerName) {
	const [pool, key] = scarceOf(ledger);
	return { pool: machine.replica.ledger(ledger).pool(pool), key };
}

function tillRole(dice: Dice): Role {
	const without = dice.pick(worldLedgers);
	const keeps = dice.chance(75) ? worldLedgers : worldLedgers.filter((ledger) => ledger !== without);
	return { name: 'till', keeps, home: [], archive: false };
}
