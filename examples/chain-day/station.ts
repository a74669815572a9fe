import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReplica, type Replica } from 'tillmesh';
import { type MemoryLink, memoryLink } from 'tillmesh/memory';
import type { Chance } from './random.js';
import { type WreckableStorage, wreckable } from './wreck.js';

export interface StationOptions {
	readonly name: string;
	readonly keeps: readonly string[];
	readonly home?: readonly string[];
	readonly folder: string;
	readonly chance: Chance;
}

/** How long anybody waits for what must come: a machine may be busy. */
export const patienceMs = 60_000;
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Of every hundred messages some arrive twice and some are overtaken by later ones. */
const accidents = { duplicate: 0.02, reorder: 0.02 };
/** What a message takes from one device to the next. */
const turnMs = 10;

/** One device of the chain: its file, the replica that is open on it, and its line to the device above it. */
export class Station {
	readonly #options: StationOptions;
	#storage: WreckableStorage;
	#file: string;
	#opening = 0;
	#replica: Replica;
	/** Who this device was when it came. */
	readonly #device: string;
	#line: MemoryLink | undefined;
	#above: Station | undefined;
	#unplugAbove = () => {};
	/** Whether the line to the device above is meant to work. */
	#online = false;
	/** Settles when the device works again; undefined while it does. */
	#restart: Promise<void> | undefined;

	private constructor(options: StationOptions, file: string, storage: WreckableStorage, replica: Replica) {
		this.#options = options;
		this.#file = file;
		this.#storage = storage;
		this.#replica = replica;
		this.#device = replica.device;
	}

	static async open(options: StationOptions): Promise<Station> {
		const file = join(options.folder, `${options.name}.db`);
		const storage = wreckable(file);
		return new Station(options, file, storage, await openOn(storage, options));
	}

	get name(): string {
		return this.#options.name;
	}

	get replica(): Replica {
		return this.#replica;
	}

	/** A device that wrote on from two states of its disk is retired and goes on under another name. */
	get wasRenamed(): boolean {
		return this.#replica.device !== this.#device;
	}

	get isOnline(): boolean {
		return this.#line?.isUp ?? false;
	}

	// ---- its line ----

	/** Links this device to the one above it: a till to its store's home, a home to headquarters. */
	plugInto(above: Station): void {
		this.#above = above;
		this.#online = true;
		this.#plug();
	}

	#plug(): void {
		this.#unplugAbove();
		if (!this.#above) return;
		const random = this.#options.chance.next;
		const { timers } = this.#storage.platform;
		this.#line = memoryLink({ random, ...accidents, timers, turnMs, cut: !this.#online });
		this.#unplugAbove = this.#above.replica.addLink(this.#line.b);
		this.#replica.addLink(this.#line.a);
	}

	goOffline(): void {
		this.#online = false;
		this.#line?.cut();
	}

	goOnline(): void {
		this.#online = true;
		this.#line?.heal();
	}

	// ---- what happens to machines ----

	/**
	 * Runs `work` on the open replica. Where the machine dies under it, the caller never heard an answer: `work` runs again
	 * once the machine is back, and must be safe to run twice.
	 */
	async withReplica<T>(work: (replica: Replica) => Promise<T>): Promise<T> {
		for (;;) {
			await this.#restart;
			const replica = this.#replica;
			try {
				return await work(replica);
			} catch (error) {
				if (this.#restart === undefined && replica === this.#replica) throw error;
			}
		}
	}

	/** The power fails in the commit that carries `text`; the machine comes up again with what its disk holds then. */
	cutPowerDuring(text: string): Promise<void> {
		const wreck = this.#nextFile();
		const tornAt = () => this.#options.chance.next();
		return new Promise((resolve, reject) => {
			this.#storage.cutPowerDuring(text, wreck, tornAt, () => {
				this.#restart = this.#reopen(wreck).finally(() => {
					this.#restart = undefined;
				});
				this.#restart.then(resolve, reject);
			});
		});
	}

	/** The file as it is now, as somebody copies it who has closed the till for it. */
	async backUp(): Promise<string> {
		const copy = `${this.#file}.copy`;
		await this.#whileClosed(async () => {
			copyFileSync(this.#file, copy);
			await this.#reopen(this.#file);
		});
		return copy;
	}

	/** The disk is replaced and an old copy put on it; `ready` resolves when the device may work again. */
	restore(copy: string, ready: () => Promise<void>): Promise<void> {
		const file = this.#nextFile();
		return this.#whileClosed(async () => {
			copyFileSync(copy, file);
			await this.#reopen(file);
			await ready();
		});
	}

	#whileClosed(work: () => Promise<void>): Promise<void> {
		const run = async () => {
			this.#unplugAbove();
			await this.#replica.shutdown();
			await work();
		};
		const restart = run().finally(() => {
			this.#restart = undefined;
		});
		this.#restart = restart;
		return restart;
	}

	#nextFile(): string {
		return join(this.#options.folder, `${this.name}.${++this.#opening}.db`);
	}

	async #reopen(file: string): Promise<void> {
		this.#file = file;
		this.#storage = wreckable(file);
		this.#replica = await openOn(this.#storage, this.#options);
		this.#plug();
	}
}

function openOn(storage: WreckableStorage, { name, keeps, home = [] }: StationOptions): Promise<Replica> {
	return openReplica({
		chain: 'coffee-chain',
		name,
		keeps,
		home,
		archive: home.length > 0,
		checkpointRows: 2048,
		storage,
	});
}
