import { TillmeshError } from '../../src/base/errors.js';

/** What we use of a prepared statement. */
export interface SqliteStatement {
	run(...parameters: unknown[]): { readonly changes: number | bigint };
	get(...parameters: unknown[]): unknown;
	all(...parameters: unknown[]): unknown[];
	iterate(...parameters: unknown[]): Iterable<unknown>;
}

/** What we use of a database: an open handle of node:sqlite, @photostructure/sqlite or better-sqlite3 has this shape. */
export interface SqliteHandle {
	exec(sql: string): unknown;
	prepare(sql: string): SqliteStatement;
	close(): void;
}

export type OpenDatabase = (path: string) => SqliteHandle;

interface SqliteModule {
	readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => SqliteHandle;
}

// Behind a variable, so that bundlers leave the name alone: some drop `node:`, and `sqlite` is another package.
const builtIn = 'node:sqlite';

async function loadModule(): Promise<SqliteModule> {
	try {
		return await import('@photostructure/sqlite');
	} catch (withoutPackage) {
		try {
			return await import(/* @vite-ignore */ builtIn);
		} catch {
			throw new TillmeshError(
				'unavailable',
				'No SQLite here: npm install @photostructure/sqlite, run a Node that has node:sqlite, or pass an open database.',
				{ missing: '@photostructure/sqlite' },
				withoutPackage,
			);
		}
	}
}

/** Fails with `unavailable` where neither the optional peer nor a built-in SQLite is found. */
export async function loadDriver(): Promise<OpenDatabase> {
	const { DatabaseSync } = await loadModule();
	return (path) => new DatabaseSync(path);
}

/** Likewise, for somebody who only looks: nothing can be written by what it opens, and no file is made. */
export async function loadReader(): Promise<OpenDatabase> {
	const { DatabaseSync } = await loadModule();
	return (path) => new DatabaseSync(path, { readOnly: true });
}

/** Opens further databases with the library that made `handle`: two SQLite libraries in one process break each other's locks. */
export function driverOf(handle: SqliteHandle): OpenDatabase {
	const Database = handle.constructor as new (path: string) => SqliteHandle;
	return (path) => new Database(path);
}

/** The one column of the one row that `sql` answers; undefined where it answers none. */
export function firstValue(database: SqliteHandle, sql: string): unknown {
	const row = database.prepare(sql).get();
	return row === undefined || row === null ? undefined : Object.values(row)[0];
}

/** Takes back what is begun: a driver that closes late would keep its locks until then. */
export function rollBack(database: SqliteHandle): void {
	try {
		database.exec('ROLLBACK');
	} catch {
		// Nothing was begun, or a full disk or a failed sync has rolled it back already.
	}
}

/** After a failure, in whatever state that left it. */
export function closeUnfinished(database: SqliteHandle): void {
	rollBack(database);
	database.close();
}
