import { statSync } from 'node:fs';
import { Closed } from '../../src/base/errors.js';
import type { RowBatch, RowStore, SyncTimes } from '../../src/relay/row-store.js';
import { closeUnfinished, firstValue, loadDriver, rollBack, type SqliteHandle } from '../storage-sqlite/driver.js';
import { isBusy, storageFailure } from '../storage-sqlite/failure.js';
import { type Hold, holdFile, realFile } from '../storage-sqlite/lock.js';
import { damaged, openSchema } from './schema.js';
import { RelayTables } from './tables.js';

/** What the write-ahead log is cut back to once it is checkpointed. */
const journalBytesMax = 16 * 1024 * 1024;
const pageBytesMin = 512;
/** How long somebody else's transaction, a backup tool's for one, is waited for. */
const busyStepMs = 5;
const busyStepsMax = 1_000;
const boundsMs = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1000];

/**
 * Opens a relay's rows in one SQLite file: WAL, `synchronous=FULL`. What is written in one turn, or while a commit before
 * it runs, becomes one transaction and one sync.
 *
 * Fails with `already_open` while another process has it (JRN1), `storage_foreign`, `storage_corrupt`, `storage_read_only`,
 * `storage_full`, `newer_format`, `unavailable` without a SQLite, or `storage_failed`.
 */
export async function openRows(path: string, holder: string): Promise<RowStore> {
	const open = await loadDriver();
	let hold: Hold | undefined;
	let database: SqliteHandle | undefined;
	try {
		const { file, isNew } = realFile(path);
		hold = holdFile(file, holder, open);
		if (!isNew && statSync(file).size < pageBytesMin && hold.hadRecords) throw damaged(`${path} is cut off`);
		database = open(file);
		prepare(database);
		return new SqliteRows(database, hold);
	} catch (error) {
		if (database) closeUnfinished(database);
		const failure = storageFailure(path, error);
		if (failure.code === 'storage_foreign') hold?.abandon();
		else hold?.release(hold.hadRecords);
		throw failure;
	}
}

function prepare(database: SqliteHandle): void {
	database.exec('PRAGMA cell_size_check = ON');
	database.exec('PRAGMA synchronous = FULL');
	openSchema(database);
	database.exec('PRAGMA journal_mode = WAL');
	database.exec('PRAGMA synchronous = FULL');
	database.exec(`PRAGMA journal_size_limit = ${journalBytesMax}`);
	// Says now, and not at the first sale, that nothing can be written.
	database.exec('BEGIN IMMEDIATE');
	try {
		database.exec("UPDATE note SET value = value WHERE key = ''");
	} finally {
		rollBack(database);
	}
}

interface Waiting {
	readonly batch: RowBatch;
	resolve(): void;
	reject(error: Error): void;
}

const nothing: RowBatch = { epochs: [], runs: [], points: [], notes: [] };

class SqliteRows implements RowStore {
	readonly #database: SqliteHandle;
	readonly #hold: Hold;
	readonly #tables: RelayTables;
	readonly #counts: number[] = new Array<number>(boundsMs.length + 1).fill(0);
	#sumMs = 0;
	#waiting: Waiting[] = [];
	#scheduled = false;
	#failure: Error | undefined;
	#closing: Promise<void> | undefined;

	constructor(database: SqliteHandle, hold: Hold) {
		this.#database = database;
		this.#hold = hold;
		this.#tables = new RelayTables(database);
	}

	get syncs(): SyncTimes {
		return { bounds: boundsMs, counts: this.#counts, sum: this.#sumMs };
	}

	epochs() {
		return this.#reading(() => [...this.#tables.epochs()]);
	}

	points() {
		return this.#reading(() => [...this.#tables.points()]);
	}

	point(ledger: string) {
		return this.#reading(() => this.#tables.point(ledger));
	}

	notes(prefix: string) {
		return this.#reading(() => this.#tables.notes(prefix));
	}

	runs(epoch: number, row: number, most: number) {
		return this.#reading(() => this.#tables.runs(epoch, row, most));
	}

	place(epoch: number, row: number) {
		return this.#reading(() => this.#tables.place(epoch, row));
	}

	lastSeq(): number {
		return this.#reading(() => this.#tables.lastSeq());
	}

	sizeBytes(): number {
		if (this.#closing) return 0;
		const value = (pragma: string) => Number(firstValue(this.#database, `PRAGMA ${pragma}`));
		return this.#reading(() => value('page_count') * value('page_size'));
	}

	write(batch: RowBatch): Promise<void> {
		if (this.#closing !== undefined) return Promise.reject(new Closed());
		return this.#enqueue(batch);
	}

	#enqueue(batch: RowBatch): Promise<void> {
		if (this.#failure !== undefined) return Promise.reject(this.#failure);
		return new Promise((resolve, reject) => {
			this.#waiting.push({ batch, resolve, reject });
			if (this.#scheduled) return;
			this.#scheduled = true;
			// After the sockets of this turn have been read: what they brought shares the sync.
			setImmediate(() => this.#flush());
		});
	}

	#flush(step = 0): void {
		const startMs = performance.now();
		try {
			if (this.#failure) throw this.#failure;
			this.#tables.commit(this.#waiting.map(({ batch }) => batch));
		} catch (error) {
			// Somebody else's transaction is in the way and nothing has begun, so that this is no retry of a failed sync (JRN5).
			if (isBusy(error) && step < busyStepsMax) {
				setTimeout(() => this.#flush(step + 1), busyStepMs);
				return;
			}
			this.#failure ??= storageFailure('The relay could not write', error);
		}
		const told = this.#waiting;
		this.#waiting = [];
		this.#scheduled = false;
		if (!this.#failure) this.#note(performance.now() - startMs);
		for (const { resolve, reject } of told) {
			if (this.#failure) reject(this.#failure);
			else resolve();
		}
	}

	#note(ms: number): void {
		const bucket = boundsMs.findIndex((bound) => ms <= bound);
		const at = bucket < 0 ? boundsMs.length : bucket;
		this.#counts[at] = (this.#counts[at] ?? 0) + 1;
		this.#sumMs += ms;
	}

	#reading<T>(run: () => T): T {
		if (this.#closing !== undefined) throw new Closed();
		try {
			return run();
		} catch (error) {
			throw storageFailure('The relay could not read', error);
		}
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		if (this.#scheduled) await this.#enqueue(nothing).catch(() => {}); // whoever wrote hears of a failure
		const hasRecords = !this.#failure && this.#tables.lastSeq() > 0;
		try {
			this.#database.exec('PRAGMA journal_mode = DELETE');
		} catch {
			// Somebody reads along, or the disk fails: what was confirmed is in the log, which the next opening reads.
		}
		this.#database.close();
		this.#hold.release(hasRecords || this.#hold.hadRecords);
	}
}
