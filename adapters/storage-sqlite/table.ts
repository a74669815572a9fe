import { StorageError, TillmeshError } from '../../src/base/errors.js';
import type { Alongside, StoredRecord, WriteBatch } from '../../src/ports/storage.js';
import { runAlongside } from './alongside.js';
import { rollBack, type SqliteHandle, type SqliteStatement } from './driver.js';
import { isConstraint } from './failure.js';
import type { Tally } from './tally.js';

/** `PRAGMA synchronous`: 2 is FULL, which syncs the write-ahead log in every commit. */
const full = 2;
/** Comes after every printable ASCII character, so that every key with a prefix lies before `prefix + afterAll`. */
const afterAll = '\x7f';

/** Our table in a database, through statements that are prepared once. */
export class RecordTable {
	readonly #database: SqliteHandle;
	readonly #synchronous: SqliteStatement;
	readonly #begin: SqliteStatement;
	readonly #commit: SqliteStatement;
	readonly #insert: SqliteStatement;
	readonly #update: SqliteStatement;
	readonly #delete: SqliteStatement;
	readonly #read: SqliteStatement;
	#tally: Tally;

	constructor(database: SqliteHandle, table: string, tally: Tally) {
		this.#database = database;
		this.#tally = tally;
		this.#synchronous = database.prepare('PRAGMA synchronous');
		this.#begin = database.prepare('BEGIN IMMEDIATE');
		this.#commit = database.prepare('COMMIT');
		this.#insert = database.prepare(`INSERT INTO ${table} VALUES (?, ?) ON CONFLICT (key) DO NOTHING`);
		this.#update = database.prepare(`UPDATE ${table} SET value = ? WHERE key = ?`);
		this.#delete = database.prepare(`DELETE FROM ${table} WHERE key = ?`);
		this.#read = database.prepare(
			`SELECT key, value FROM ${table} WHERE key > '' AND key >= ? AND key < ? ORDER BY key`,
		);
	}

	get count(): number {
		return this.#tally.count;
	}

	/**
	 * All of it becomes durable, or the database is as it was and this throws what SQLite threw; where `alongside` is at fault,
	 * `work_failed` or `bad_argument`.
	 */
	commit(batches: readonly WriteBatch[], alongside?: Alongside): void {
		if (!alongside && batches.every(({ puts, deletes }) => puts.length + deletes.length === 0)) return;
		const { synchronous } = this.#synchronous.get() as { synchronous: number };
		if (synchronous < full) this.#database.exec('PRAGMA synchronous = FULL');
		try {
			this.#begin.run();
			this.#transact(batches, alongside);
		} finally {
			if (synchronous < full) this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
		}
	}

	#transact(batches: readonly WriteBatch[], alongside: Alongside | undefined): void {
		const tally = this.#tally.copy();
		try {
			if (alongside) runAlongside(this.#database, alongside);
			for (const batch of batches) this.#apply(batch, tally);
			if (!tally.equals(this.#tally)) this.#update.run(String(tally), '');
			this.#finish(alongside !== undefined);
		} catch (error) {
			rollBack(this.#database);
			throw error;
		}
		this.#tally = tally;
	}

	/** What the vendor's schema puts off until the end, such as a deferred foreign key, says no here. */
	#finish(hasMore: boolean): void {
		try {
			this.#commit.run();
		} catch (error) {
			if (!hasMore || !isConstraint(error)) throw error;
			throw new TillmeshError('work_failed', 'The database refuses what was written alongside.', {}, error);
		}
	}

	#apply({ puts, deletes }: WriteBatch, tally: Tally): void {
		for (const key of deletes) if (this.#delete.run(key).changes) tally.remove(key);
		for (const { key, value } of puts) {
			if (this.#insert.run(key, value).changes) tally.add(key);
			else this.#update.run(value, key);
		}
	}

	read(prefix: string): StoredRecord[] {
		return this.#read.all(prefix, prefix + afterAll).map((row) => {
			const { key, value } = row as { key: unknown; value: unknown };
			if (typeof key !== 'string' || !(value instanceof Uint8Array))
				throw new StorageError('storage_corrupt', 'The database is damaged: a record is not a text with bytes.');
			// better-sqlite3 answers Buffers, whose `slice` shares memory.
			return { key, value: value.constructor === Uint8Array ? value : new Uint8Array(value) };
		});
	}
}
