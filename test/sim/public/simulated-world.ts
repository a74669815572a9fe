import { BadArgument } from '../../../src/base/errors.js';
import type { Replica } from '../../../src/replica/replica.js';
import { Chain, type Topology } from '../machines/chain.js';
import type { Line } from '../machines/network.js';
import type { Till } from '../machines/till.js';
import { settle } from '../machines/time.js';
import { disagreements, imbalances, isLinked } from './agreement.js';
import { Backups } from './backups.js';
import { type AtDeath, Flow, ProcessWaits } from './flow.js';
import { checkCount } from './options.js';
import type { Place } from './place.js';
import { watch } from './watched.js';
import { type CrashPoint, type CutOptions, crashPoints, type World } from './world.js';

const settleMsMost = 60_000;
const strideMs = 250;
/** So many strides without anything new are quiet. */
const quietStrides = 4;
/** More than this no clock of the simulation can show. */
const yearsMsMost = 100 * 365 * 86_400_000;

export interface WorldOptions {
	readonly seed: number;
	readonly topology: Topology;
	/** Time goes on by itself while somebody waits for a till. */
	readonly isAutomatic: boolean;
	readonly atDeath: AtDeath;
}

/** The world behind `World`, and what else a simulation does in it. */
export class SimulatedWorld implements World {
	readonly chain: Chain;
	readonly flow: Flow;
	/** Names of devices that were cloned or set back: they may be below zero. */
	readonly copied = new Set<string>();
	readonly #atDeath: AtDeath;
	readonly #waits = new Map<Till, ProcessWaits>();
	readonly #backups = new Map<Till, Backups>();
	#openedMs = 0;
	#given = 0;

	constructor({ seed, topology, isAutomatic, atDeath }: WorldOptions) {
		this.#atDeath = atDeath;
		this.chain = new Chain(seed, topology);
		const { time } = this.chain;
		this.flow = new Flow(time, isAutomatic);
		this.chain.witness = {
			synced: (till, batches) => this.#backupsOf(till).synced(time.nowMs, batches),
			relaySynced: () => {},
			sent: () => {},
		};
	}

	async open(): Promise<void> {
		await this.flow.exclusive(() => this.chain.open());
		for (const till of this.chain.tills) this.#opened(till);
		await this.settle();
		this.#openedMs = this.chain.time.nowMs;
	}

	get tills(): readonly Replica[] {
		return this.chain.tills.flatMap(({ running }) => running ?? []);
	}

	till(number: number): Replica {
		return this.machine(number).replica;
	}

	place(till: number): Place {
		return this.placeOf(this.machine(till), undefined);
	}

	get nowMs(): number {
		return this.chain.time.nowMs - this.#openedMs;
	}

	advance(ms: number): Promise<void> {
		checkCount('ms', ms, 0, yearsMsMost);
		return this.flow.pass(ms);
	}

	cut(till: number, from: number | 'relay' | 'hq', { silent = false }: CutOptions = {}): void {
		const line = this.#lineOf(till, from);
		if (silent) line.swallow(true, true);
		else line.cut();
	}

	heal(): void {
		for (const line of this.chain.network.lines) if (line.isPartitioned) line.heal();
	}

	async crash(till: number, { at = 'before-fsync' }: { readonly at?: CrashPoint } = {}): Promise<void> {
		const machine = this.machine(till);
		if (!crashPoints.includes(at))
			throw new BadArgument('options.at', `expected ${crashPoints.join(' or ')}, got ${String(at)}.`);
		await this.flow.exclusive(async () => {
			await settle(); // what was asked for in this turn is on its way to the disk now
			if (at === 'after-ack') await this.flow.passUntil(() => machine.disk.waiting === 0, settleMsMost);
			this.end(machine, at === 'before-fsync' ? 0 : machine.disk.waiting, false);
			await this.reopen(machine);
		});
	}

	async restart(till: number, { returnShares = false }: { readonly returnShares?: boolean } = {}): Promise<void> {
		const machine = this.machine(till);
		await this.flow.exclusive(() => this.shutDown(machine, returnShares));
		await this.flow.exclusive(() => this.reopen(machine));
	}

	async restoreBackup(till: number, ageMs: number): Promise<void> {
		const machine = this.machine(till);
		checkCount('ageMs', ageMs, 0, Number.MAX_SAFE_INTEGER);
		if (ageMs > this.nowMs)
			throw new BadArgument('ageMs', `the shops opened ${this.nowMs} ms ago: nothing is older. Advance first.`);
		await this.flow.exclusive(() => this.setBack(machine, ageMs));
	}

	async clone(till: number): Promise<number> {
		const machine = this.machine(till);
		await this.flow.exclusive(() => this.copy(machine));
		return this.chain.tills.length - 1;
	}

	diskFull(till: number): void {
		this.machine(till).disk.failNext('storage_full');
	}

	jumpClock(till: number, ms: number): void {
		checkCount('ms', ms, -yearsMsMost, yearsMsMost);
		this.machine(till).processes.clock.jump(ms);
	}

	settle(): Promise<void> {
		return this.flow.exclusive(() => this.#settle());
	}

	problems(): string[] {
		return [...this.imbalances(), ...disagreements(this.chain)];
	}

	imbalances(): string[] {
		return imbalances(this.chain, this.copied);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.flow.exclusive(async () => this.flow.close());
		for (const till of this.chain.tills) if (till.running) this.end(till, 0, false);
	}

	// ---- machines ----

	machine(till: number): Till {
		checkCount('till', till, 0, this.chain.tills.length - 1);
		return this.chain.tills[till] as Till; // checked
	}

	/** The process of a till ends here and now; of what waited for its sync, the first `survives` writes had got there. */
	end(till: Till, survives: number, isSilent: boolean): void {
		this.#waits.get(till)?.die();
		this.chain.crashTill(till, survives, isSilent);
	}

	async shutDown(till: Till, returnShares: boolean): Promise<void> {
		await this.chain.time.until(till.shutdown(returnShares)).catch(() => {}); // a broken disk has been told of
		this.end(till, 0, false);
	}

	/** Throws why the disk does not let it. */
	async reopen(till: Till): Promise<void> {
		await this.chain.openTill(till);
		if (till.failure) throw till.failure;
		this.#opened(till);
	}

	async setBack(till: Till, ageMs: number): Promise<void> {
		const { nowMs } = this.chain.time;
		if (till.running) this.copied.add(till.running.device);
		this.end(till, 0, false);
		const image = this.#backupsOf(till).at(nowMs - ageMs);
		till.disk.become(image);
		this.#backupsOf(till).replaced(nowMs, image);
		await this.reopen(till);
		this.copied.add(till.replica.device);
	}

	async copy(till: Till): Promise<Till> {
		const { chain } = this;
		this.copied.add(till.replica.device);
		const twin = chain.addTill({
			...till.role,
			name: `${till.name} copy ${chain.tills.length}`,
			home: [],
			archive: false,
		});
		const image = till.disk.image();
		twin.disk.become(image);
		this.#backupsOf(twin).replaced(chain.time.nowMs, image);
		for (const { a, b } of chain.linesOf(till.name)) chain.join(twin.name, a.who === till.name ? b.who : a.who);
		await this.reopen(twin);
		return twin;
	}

	placeOf<Outside>(till: Till, outside: Outside): Place<Outside> {
		const { platform, clock } = till.processes;
		const waits = this.#waits.get(till);
		return {
			till: this.chain.tills.indexOf(till),
			store: till.name.slice(0, till.name.indexOf('/')),
			outside,
			now: () => clock.nowMs(),
			sleep: async (ms) => {
				checkCount('ms', ms, 0, yearsMsMost);
				const over = new Promise<void>((resolve) => platform.timers.after(ms, resolve));
				return waits ? waits.wait(over) : over;
			},
			unique: () => `u-${++this.#given}`,
		};
	}

	#opened(till: Till): void {
		const waits = new ProcessWaits(this.flow, this.#atDeath);
		this.#waits.set(till, waits);
		watch(till.replica, waits);
	}

	#backupsOf(till: Till): Backups {
		let backups = this.#backups.get(till);
		if (!backups) {
			backups = new Backups();
			this.#backups.set(till, backups);
		}
		return backups;
	}

	#lineOf(till: number, from: number | 'relay' | 'hq'): Line {
		const { name } = this.machine(till);
		const store = name.slice(0, name.indexOf('/'));
		const [a, b] = from === 'hq' ? [store, 'hq'] : [name, from === 'relay' ? store : this.machine(from).name];
		const line = this.chain.network.between(a, b);
		if (!line) throw new BadArgument('from', `there is no line between ${a} and ${b}.`);
		return line;
	}

	async #settle(): Promise<void> {
		const { time } = this.chain;
		const endMs = time.nowMs + settleMsMost;
		let [before, quiet] = ['', 0];
		while (quiet < quietStrides && time.nowMs < endMs) {
			await time.pass(strideMs);
			const now = this.#progress();
			quiet = isLinked(this.chain) && now === before && disagreements(this.chain).length === 0 ? quiet + 1 : 0;
			before = now;
		}
	}

	/** Differs where anybody has learned anything. */
	#progress(): string {
		const rows = this.chain.replicas.flatMap(({ running }) => running?.status().ledgers ?? []);
		return rows.map(({ rows, waiting, segment }) => `${rows} ${waiting} ${segment}`).join();
	}
}
