import { StorageError, TillmeshError } from '../../src/base/errors.js';
import { firstValue, rollBack, type SqliteHandle } from './driver.js';
import { format, formatOf, Tally } from './tally.js';

/** SQLite keeps the text as given, so that equal text means our own table. */
const createSql = (table: string): string =>
	`CREATE TABLE ${table} (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID`;

/** Our tables in a database, whatever their prefix. */
export function findTables(database: SqliteHandle): string[] {
	const all = database.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
	return (all as { name: string; sql: string }[]).flatMap(({ name, sql }) => (sql === createSql(name) ? name : []));
}

/** In a shared database the vendor has tables too, and checks them. */
export type Where = 'own file' | 'shared database';

/**
 * Makes the table where the database has none of it yet, and otherwise proves that what is there is ours and whole: SQLite's
 * own check, then the keys against their tally.
 *
 * Fails with `storage_foreign` on another table of that name and, where `mayShare` is false, on a database with tables but
 * not ours; with `newer_format`; with `storage_corrupt`.
 */
export function openTable(database: SqliteHandle, table: string, where: Where): Tally {
	const sql = firstValue(database, `SELECT sql FROM sqlite_master WHERE name = '${table}'`);
	if (sql === undefined) {
		const tables = Number(firstValue(database, 'SELECT count(*) FROM sqlite_master'));
		if (tables > 0 && where === 'own file')
			throw new StorageError('storage_foreign', `A database without the table ${table}.`);
		return createTable(database, table);
	}
	if (sql !== createSql(table)) throw new StorageError('storage_foreign', `The table ${table} is not ours.`);
	const stored = storedTally(database, table);
	checkPages(database, where === 'own file' ? undefined : table);
	const tally = countKeys(database, table);
	if (stored !== String(tally)) throw corrupt(`${tally.count} keys do not agree with their tally`);
	return tally;
}

function createTable(database: SqliteHandle, table: string): Tally {
	const tally = new Tally();
	database.exec('BEGIN IMMEDIATE');
	try {
		database.exec(createSql(table));
		database.prepare(`INSERT INTO ${table} VALUES ('', ?)`).run(String(tally));
		database.exec('COMMIT');
	} catch (error) {
		rollBack(database);
		throw error;
	}
	return tally;
}

function storedTally(database: SqliteHandle, table: string): unknown {
	const stored = firstValue(database, `SELECT value FROM ${table} WHERE key = ''`);
	const found = formatOf(stored);
	if (found === undefined) throw corrupt('its tally is gone');
	if (found > format)
		throw new TillmeshError('newer_format', `The table is of format ${found}, known is ${format}.`, {
			found,
			known: format,
		});
	return stored;
}

/** A vendor's other tables are the vendor's to check; in a file of our own the free pages are looked at too. */
function checkPages(database: SqliteHandle, table: string | undefined): void {
	const said = firstValue(database, table === undefined ? 'PRAGMA quick_check(1)' : `PRAGMA quick_check(${table})`);
	if (said !== 'ok') throw corrupt(String(said));
}

function countKeys(database: SqliteHandle, table: string): Tally {
	const tally = new Tally();
	for (const row of database.prepare(`SELECT key FROM ${table} WHERE key > ''`).iterate()) {
		const { key } = row as { key: unknown };
		if (typeof key !== 'string') throw corrupt('a key is not text');
		tally.add(key);
	}
	return tally;
}

function corrupt(why: string): StorageError {
	return new StorageError('storage_corrupt', `The database is damaged: ${why}.`, { why });
}
