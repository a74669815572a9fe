import { Records } from '../../../adapters/storage-memory/records.js';
import { AlreadyOpen, Closed, type FailureCode, StorageError } from '../../../src/base/errors.js';
import type { Platform } from '../../../src/ports/platform.js';
import type { Storage, StorageAdapter, StoredRecord, WriteBatch } from '../../../src/ports/storage.js';
import type { Chance } from './chance.js';
import { ownCopy } from './own-copy.js';
import { OpenQueue, type SyncWatch } from './sync-queue.js';
import type { VirtualTime } from './time.js';

/** Where a torn write ends: a sector got to the disk and the next one did not. */
const sectorBytes = 512;

export interface DiskOptions {
	readonly time: VirtualTime;
	readonly chance: Chance;
	readonly platform: Platform;
	/** A sync takes up to so long; most take a millisecond. */
	readonly syncMsMax: number;
	readonly watch: SyncWatch<WriteBatch>;
}

/**
 * The disk of one device. What was written and not synced is not there after a crash, unless the seed says that it had got
 * there; what was synced is, unless the seed says that the disk lies, flips bits or is lost.
 */
export class Disk implements StorageAdapter {
	readonly kind = 'simulated disk';
	readonly platform: Platform;
	readonly #o: DiskOptions;
	#records: Records;
	#open: OpenDisk | undefined;
	/** The newest batches that were synced, oldest first, each with what it wrote over: what a disk that lies may lose. */
	#newest: { readonly batch: WriteBatch; readonly before: WriteBatch }[] = [];
	/** Records that are not as they were written. */
	readonly damaged = new Set<string>();
	/** How often it lost or changed what it had confirmed. */
	losses = 0;
	#failNext: FailureCode | undefined;

	constructor(options: DiskOptions, records = new Records(ownCopy)) {
		this.#o = options;
		this.platform = options.platform;
		this.#records = records;
	}

	async open(holder: string): Promise<Storage> {
		if (this.#open) throw new AlreadyOpen(this.kind, this.#open.holder);
		this.#failNext = undefined;
		const opened = new OpenDisk(holder, this, this.#o, () => {
			if (this.#open === opened) this.#open = undefined;
		});
		this.#open = opened;
		return opened;
	}

	get isOpen(): boolean {
		return this.#open !== undefined;
	}

	get records(): Records {
		return this.#records;
	}

	/** The next sync fails, and so does every write after it until the storage is opened again (JRN5). */
	failNext(code: FailureCode | undefined): void {
		this.#failNext = code;
	}

	takeFailure(): FailureCode | undefined {
		const code = this.#failNext;
		this.#failNext = undefined;
		return code;
	}

	apply(batch: WriteBatch): void {
		this.#newest.push({ batch, before: this.#undoing(batch) });
		this.#records.apply(batch);
		if (this.#newest.length > 8) this.#newest.shift();
	}

	/** The process dies. Of what waited for its sync, the first `survives` batches had got there. */
	crash(survives: number): void {
		this.#open?.crash(survives);
		this.#open = undefined;
	}

	/** How many batches wait for their sync now. */
	get waiting(): number {
		return this.#open?.waiting ?? 0;
	}

	/** What is on it now, to come back to or to be copied to another device. */
	image(): Records {
		return this.#records.copy();
	}

	become(image: Records): void {
		this.losses++;
		this.#records = image.copy();
		this.#newest = [];
	}

	/** What brings back all that a batch is about to write over or delete. */
	#undoing({ puts, deletes }: WriteBatch): WriteBatch {
		const undo = { puts: [] as StoredRecord[], deletes: [] as string[] };
		const note = (key: string) => {
			const value = this.#records.peek(key);
			if (value) undo.puts.push({ key, value });
			else undo.deletes.push(key);
		};
		for (const key of deletes) note(key);
		for (const { key } of puts) note(key);
		return undo;
	}

	/** The last batches that it confirmed never got there. Only while nothing has it open. */
	loseTail(batches: number): void {
		for (const { before } of this.#newest.splice(-batches).reverse()) this.#records.apply(before);
		this.losses++;
	}

	/** Whatever it confirmed from this record's batch on never got there; false where that was too long ago. */
	loseFrom(key: string): boolean {
		const at = this.#newest.findIndex(({ batch }) => batch.puts.some((put) => put.key === key));
		if (at >= 0) this.loseTail(this.#newest.length - at);
		return at >= 0;
	}

	/** One of the last records was cut off at a sector's end: what followed is zeros. Undefined where there was none. */
	tear(): string | undefined {
		const last = this.#newest.at(-1)?.batch.puts.at(-1);
		if (!last) return undefined;
		const keeps = Math.floor(last.value.length / sectorBytes) * sectorBytes;
		const value = new Uint8Array(last.value.length);
		value.set(last.value.subarray(0, keeps));
		return this.#damage(last.key, value);
	}

	/** One bit of one record is another. */
	flip(): string | undefined {
		const { chance } = this.#o;
		const records = this.#records.read('');
		if (records.length === 0) return undefined;
		const { key, value } = chance.pick(records);
		if (value.length === 0) return undefined;
		const at = chance.below(value.length);
		value[at] = (value[at] as number) ^ (1 << chance.below(8)); // at < length
		return this.#damage(key, value);
	}

	#damage(key: string, value: Uint8Array): string {
		this.#records.apply({ puts: [{ key, value }], deletes: [] });
		this.damaged.add(key);
		this.losses++;
		return key;
	}
}

class OpenDisk extends OpenQueue<WriteBatch> implements Storage {
	readonly holder: string;
	readonly #disk: Disk;

	constructor(holder: string, disk: Disk, options: DiskOptions, letGo: () => void) {
		const fails = () => {
			const code = disk.takeFailure();
			return code && new StorageError(code, 'The disk was made to fail.');
		};
		super({ ...options, fails, apply: (batch) => disk.apply(batch) }, letGo);
		this.holder = holder;
		this.#disk = disk;
	}

	async read(prefix: string): Promise<readonly StoredRecord[]> {
		await this.#settled();
		return this.#disk.records.read(prefix);
	}

	async size(): Promise<number> {
		await this.#settled();
		return this.#disk.records.size();
	}

	async #settled(): Promise<void> {
		if (this.closed) throw new Closed();
		await this.queue.idle();
	}
}
