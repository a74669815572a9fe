import { AlreadyOpen, Closed, type FailureCode, StorageError } from '../../src/base/errors.js';
import type { Platform } from '../../src/ports/platform.js';
import type { Storage, StorageAdapter, StoredRecord, WriteBatch } from '../../src/ports/storage.js';
import { webPlatform } from '../platform-web/index.js';
import { Records } from './records.js';

export interface MemoryOptions {
	/** Default: `webPlatform()`, which Node has as well. `nodePlatform()` hashes faster there. */
	readonly platform?: Platform;
}

/** A storage in memory, with the accidents that tests want to arrange. */
export interface MemoryAdapter extends StorageAdapter {
	/** Another storage with what is durable in this one now: a backup that may be restored, or a clone. */
	copy(): MemoryAdapter;
	/** What a killed process does: writes that have not resolved are lost, the hold ends, the open storage is `closed`. */
	crash(): void;
	/** The next write that arrives fails with `code`, and with it everything after it until the storage is opened again (JRN5). */
	failNextWrite(code?: FailureCode): void;
}

/**
 * A storage that lives as long as the adapter object: closed and opened again it holds what was written, and the next
 * process knows nothing of it. Writes of one turn resolve together in its microtask.
 * Opening rejects with `AlreadyOpen` while it is open (JRN1); it fails otherwise only by `failNextWrite`.
 *
 * ```ts
 * const replica = await openReplica({ storage: memory(), ... });
 * ```
 */
export function memory(options: MemoryOptions = {}): MemoryAdapter {
	return new Memory(options.platform ?? webPlatform(), new Records());
}

class Memory implements MemoryAdapter {
	readonly kind = 'memory';
	readonly platform: Platform;
	readonly #records: Records;
	#open: OpenMemory | undefined;
	#failNext: FailureCode | undefined;

	constructor(platform: Platform, records: Records) {
		this.platform = platform;
		this.#records = records;
	}

	async open(holder: string): Promise<Storage> {
		if (this.#open !== undefined) throw new AlreadyOpen(this.kind, this.#open.holder);
		const opened = new OpenMemory(
			holder,
			this.#records,
			() => this.#takeFailure(),
			() => {
				// Crashed while it closed, it lets go twice; by then somebody else may have it.
				if (this.#open === opened) this.#open = undefined;
			},
		);
		this.#open = opened;
		return opened;
	}

	copy(): MemoryAdapter {
		return new Memory(this.platform, this.#records.copy());
	}

	crash(): void {
		this.#open?.crash();
	}

	failNextWrite(code: FailureCode = 'storage_failed'): void {
		this.#failNext = code;
	}

	#takeFailure(): FailureCode | undefined {
		const code = this.#failNext;
		this.#failNext = undefined;
		return code;
	}
}

class OpenMemory implements Storage {
	readonly holder: string;
	readonly #records: Records;
	readonly #takeFailure: () => FailureCode | undefined;
	readonly #letGo: () => void;
	#waiting: WriteBatch[] = [];
	#flush: Promise<void> | undefined;
	#failure: Error | undefined;
	#closed = false;

	constructor(holder: string, records: Records, takeFailure: () => FailureCode | undefined, letGo: () => void) {
		this.holder = holder;
		this.#records = records;
		this.#takeFailure = takeFailure;
		this.#letGo = letGo;
	}

	// Not an async function: one more promise a commit is a tenth of what a commit in memory costs.
	write(batch: WriteBatch): Promise<void> {
		if (this.#closed) return Promise.reject(new Closed());
		if (this.#failure !== undefined) return Promise.reject(this.#failure);
		this.#waiting.push(batch);
		this.#flush ??= Promise.resolve().then(() => this.#apply());
		return this.#flush;
	}

	#apply(): void {
		const batches = this.#waiting;
		this.#waiting = [];
		this.#flush = undefined;
		for (const batch of batches) {
			const code = this.#takeFailure();
			if (code !== undefined) this.#failure ??= new StorageError(code, 'The write to memory was made to fail.');
			if (this.#failure !== undefined) throw this.#failure;
			this.#records.apply(batch);
		}
	}

	async read(prefix: string): Promise<readonly StoredRecord[]> {
		await this.#settled();
		return this.#records.read(prefix);
	}

	async size(): Promise<number> {
		await this.#settled();
		return this.#records.size();
	}

	async #settled(): Promise<void> {
		if (this.#closed) throw new Closed();
		if (this.#failure !== undefined) throw this.#failure;
		await this.#flush;
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		// Whoever wrote hears of a failure; closing succeeds all the same.
		await this.#flush?.catch(() => {});
		this.#letGo();
	}

	crash(): void {
		this.#closed = true;
		this.#failure ??= new Closed();
		this.#letGo();
	}
}
