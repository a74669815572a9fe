import { type OpenDatabase, rollBack, type SqliteHandle, type SqliteStatement } from '../../storage-sqlite/driver.js';

export interface StoredDocument {
	/** Undefined where nothing was compacted yet. */
	readonly snapshot: Uint8Array | undefined;
	readonly updates: readonly Uint8Array[];
}

export interface FreeAppend {
	readonly name: string;
	readonly update: Uint8Array;
}

/** A file of its own for documents `free/...`. A power cut may take the last writes; clients bring them again. */
export function openFreeDatabase(open: OpenDatabase, file: string): SqliteHandle {
	const database = open(file);
	database.exec('PRAGMA journal_mode = WAL');
	database.exec('PRAGMA synchronous = NORMAL');
	return database;
}

/** Documents as rows: a snapshot, and the updates since. */
export class FreeStore {
	readonly #database: SqliteHandle;
	readonly #insert: SqliteStatement;
	readonly #grow: SqliteStatement;
	readonly #bytesByName = new Map<string, number>();
	#bytes = 0;

	/** Makes its tables where they are missing. Fails as SQLite does. */
	constructor(database: SqliteHandle) {
		this.#database = database;
		database.exec(
			'CREATE TABLE IF NOT EXISTS free_document (name TEXT PRIMARY KEY NOT NULL, bytes INTEGER NOT NULL, snapshot BLOB) WITHOUT ROWID',
		);
		database.exec(
			'CREATE TABLE IF NOT EXISTS free_update (id INTEGER PRIMARY KEY, name TEXT NOT NULL, bytes BLOB NOT NULL)',
		);
		database.exec('CREATE INDEX IF NOT EXISTS free_update_name ON free_update (name)');
		this.#insert = database.prepare('INSERT INTO free_update (name, bytes) VALUES (?, ?)');
		this.#grow = database.prepare(
			'INSERT INTO free_document (name, bytes) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET bytes = bytes + ?2',
		);
		const rows = database.prepare('SELECT name, bytes FROM free_document').all();
		for (const { name, bytes } of rows as { name: string; bytes: number }[]) this.#count(name, Number(bytes));
	}

	get documents(): number {
		return this.#bytesByName.size;
	}

	get bytes(): number {
		return this.#bytes;
	}

	/** What a document takes up; zero for one that nobody has written in. */
	bytesOf(name: string): number {
		return this.#bytesByName.get(name) ?? 0;
	}

	/** Undefined for a document that nobody has written in. */
	load(name: string): StoredDocument | undefined {
		const row = this.#database.prepare('SELECT snapshot FROM free_document WHERE name = ?').get(name);
		if (row === undefined || row === null) return undefined;
		const { snapshot } = row as { snapshot: Uint8Array | null };
		const rows = this.#database.prepare('SELECT bytes FROM free_update WHERE name = ? ORDER BY id').all(name);
		return { snapshot: snapshot ?? undefined, updates: (rows as { bytes: Uint8Array }[]).map(({ bytes }) => bytes) };
	}

	/** One transaction for all. */
	append(appends: readonly FreeAppend[]): void {
		if (appends.length === 0) return;
		this.#inTransaction(() => {
			for (const { name, update } of appends) {
				this.#insert.run(name, update);
				this.#grow.run(name, update.length);
			}
		});
		for (const { name, update } of appends) this.#count(name, this.bytesOf(name) + update.length);
	}

	/** Puts one snapshot in the place of all that is stored. */
	compact(name: string, snapshot: Uint8Array): void {
		this.#inTransaction(() => {
			this.#database.prepare('DELETE FROM free_update WHERE name = ?').run(name);
			this.#database
				.prepare('INSERT OR REPLACE INTO free_document (name, bytes, snapshot) VALUES (?, ?, ?)')
				.run(name, snapshot.length, snapshot);
		});
		this.#count(name, snapshot.length);
	}

	#count(name: string, bytes: number): void {
		this.#bytes += bytes - this.bytesOf(name);
		this.#bytesByName.set(name, bytes);
	}

	#inTransaction(run: () => void): void {
		this.#database.exec('BEGIN IMMEDIATE');
		try {
			run();
			this.#database.exec('COMMIT');
		} catch (error) {
			rollBack(this.#database);
			throw error;
		}
	}
}
