import { Closed, TillmeshError } from '../../src/base/errors.js';
import type { Timers } from '../../src/ports/platform.js';
import type { Alongside, Storage, StoredRecord, WriteBatch } from '../../src/ports/storage.js';
import { firstValue, type SqliteHandle } from './driver.js';
import { isBusy, storageFailure } from './failure.js';
import { RecordTable } from './table.js';
import type { Tally } from './tally.js';
import { busyStepsMax, nextStep } from './turns.js';

interface Waiting {
	readonly batch: WriteBatch;
	resolve(): void;
	reject(error: Error): void;
}

const nothing: WriteBatch = { puts: [], deletes: [] };

/** Group commit: what is written in one turn becomes one transaction and one sync of the next. */
export class SqliteStorage implements Storage {
	readonly #database: SqliteHandle;
	readonly #table: RecordTable;
	readonly #timers: Timers;
	readonly #letGo: (hasRecords: boolean) => void;
	#waiting: Waiting[] = [];
	#flushing = false;
	#failure: Error | undefined;
	#closing: Promise<void> | undefined;

	constructor(
		database: SqliteHandle,
		table: string,
		tally: Tally,
		timers: Timers,
		letGo: (hasRecords: boolean) => void,
	) {
		this.#database = database;
		this.#table = new RecordTable(database, table, tally);
		this.#timers = timers;
		this.#letGo = letGo;
	}

	write(batch: WriteBatch): Promise<void> {
		if (this.#closing !== undefined) return Promise.reject(new Closed());
		return this.#enqueue(batch);
	}

	#enqueue(batch: WriteBatch): Promise<void> {
		if (this.#failure !== undefined) return Promise.reject(this.#failure);
		return new Promise((resolve, reject) => {
			this.#waiting.push({ batch, resolve, reject });
			if (this.#flushing) return;
			this.#flushing = true;
			setImmediate(() => void this.#flush());
		});
	}

	/** Synchronous, as SQLite is: what waited before it goes down in the same transaction. */
	transact(batch: WriteBatch, alongside: Alongside): boolean {
		if (this.#closing !== undefined) throw new Closed();
		if (this.#failure !== undefined) throw this.#failure;
		try {
			this.#table.commit([...this.#waiting.map((waiting) => waiting.batch), batch], alongside);
		} catch (error) {
			if (error instanceof TillmeshError) throw error; // the caller's: all is as it was
			if (isBusy(error)) return false;
			this.#failure = storageFailure('The database refused a write', error);
			this.#tell();
			throw this.#failure;
		}
		this.#tell();
		return true;
	}

	/** Never rejects: whoever waits hears of the failure. */
	async #flush(): Promise<void> {
		for (let step = 0; ; step++) {
			try {
				this.#table.commit(this.#waiting.map(({ batch }) => batch));
				break;
			} catch (error) {
				// Nothing has begun, so that this is no retry of a failed sync (JRN5).
				if (!isBusy(error) || step >= busyStepsMax) {
					this.#failure = storageFailure('The database refused a write', error);
					break;
				}
			}
			await nextStep(this.#timers);
		}
		this.#flushing = false;
		this.#tell();
	}

	#tell(): void {
		const told = this.#waiting;
		this.#waiting = [];
		for (const { resolve, reject } of told) {
			if (this.#failure === undefined) resolve();
			else reject(this.#failure);
		}
	}

	async read(prefix: string): Promise<readonly StoredRecord[]> {
		await this.#settled();
		return this.#reading(() => this.#table.read(prefix));
	}

	async size(): Promise<number> {
		await this.#settled();
		return this.#reading(
			() =>
				Number(firstValue(this.#database, 'PRAGMA page_count')) *
				Number(firstValue(this.#database, 'PRAGMA page_size')),
		);
	}

	async #settled(): Promise<void> {
		if (this.#closing !== undefined) throw new Closed();
		if (this.#failure !== undefined) throw this.#failure;
		if (this.#flushing) await this.#enqueue(nothing);
	}

	#reading<T>(run: () => T): T {
		try {
			return run();
		} catch (error) {
			throw storageFailure('The database refused a read', error);
		}
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		// Whoever wrote hears of a failure; closing lets go all the same.
		if (this.#flushing) await this.#enqueue(nothing).catch(() => {});
		this.#letGo(this.#table.count > 0);
	}
}
