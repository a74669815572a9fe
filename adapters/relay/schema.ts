/**
 * The tables of a relay's database. Every record ends in a CRC-32 over what it holds, so that a flipped bit is seen when
 * it is read: pages of SQLite have none, and an archive is too large to be read as a whole whenever it is opened.
 */
import { crc32 } from 'node:zlib';
import { StorageError, TillmeshError } from '../../src/base/errors.js';
import { firstValue, rollBack, type SqliteHandle } from '../storage-sqlite/driver.js';

/** `user_version`: of these tables and what is in them. */
const format = 1;
/** `application_id`: "tmrl". */
const application = 0x746d726c;

const tables = [
	`CREATE TABLE epoch (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, ledger TEXT NOT NULL, segment INTEGER NOT NULL,
		device TEXT NOT NULL, nonce TEXT NOT NULL, key BLOB NOT NULL, prev INTEGER, prev_count INTEGER,
		title TEXT NOT NULL, home INTEGER NOT NULL, crc INTEGER NOT NULL)`,
	`CREATE TABLE run (seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, first INTEGER NOT NULL, past INTEGER NOT NULL,
		bytes INTEGER NOT NULL, hash BLOB NOT NULL, seal BLOB, entries BLOB NOT NULL, crc INTEGER NOT NULL)`,
	'CREATE UNIQUE INDEX run_place ON run (epoch, first)',
	'CREATE TABLE point (ledger TEXT PRIMARY KEY, bytes BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID',
	'CREATE TABLE note (key TEXT PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID',
];

/** Makes the tables in a new file. Fails with `storage_foreign` on somebody else's, `newer_format`, `storage_corrupt`. */
export function openSchema(database: SqliteHandle): void {
	const found = Number(firstValue(database, 'PRAGMA user_version'));
	const owner = Number(firstValue(database, 'PRAGMA application_id'));
	const count = Number(firstValue(database, 'SELECT count(*) FROM sqlite_master'));
	if (count > 0 && owner !== application) throw new StorageError('storage_foreign', "Not a relay's database.");
	if (found > format)
		throw new TillmeshError('newer_format', `The relay's database is of format ${found}, known is ${format}.`, {
			found,
			known: format,
		});
	if (count > 0) checkTables(database);
	else createTables(database);
}

/** For somebody who only looks. Fails as `openSchema` does. */
export function isRelayDatabase(database: SqliteHandle): boolean {
	if (Number(firstValue(database, 'PRAGMA application_id')) !== application) return false;
	openSchema(database); // it is not empty: nothing is made
	return true;
}

function createTables(database: SqliteHandle): void {
	database.exec('BEGIN IMMEDIATE');
	try {
		for (const sql of tables) database.exec(sql);
		database.exec(`PRAGMA application_id = ${application}`);
		database.exec(`PRAGMA user_version = ${format}`);
		database.exec('COMMIT');
	} catch (error) {
		rollBack(database);
		throw error;
	}
}

function checkTables(database: SqliteHandle): void {
	for (const sql of tables) {
		const name = sql.split(' ')[sql.startsWith('CREATE UNIQUE') ? 3 : 2];
		const stored = firstValue(database, `SELECT sql FROM sqlite_master WHERE name = '${name}'`);
		if (stored !== sql) throw damaged(`its table ${name} is gone or another`);
	}
}

/** Over the texts and numbers of a row and the lengths of its byte columns, as JSON, and then over those columns. */
export function checksum(
	values: readonly (string | number | null)[],
	...columns: readonly (Uint8Array | null)[]
): number {
	const lengths = columns.map((column) => column?.length ?? null);
	let crc = crc32(JSON.stringify([...values, ...lengths]));
	for (const column of columns) if (column !== null) crc = crc32(column, crc);
	return crc;
}

export function damaged(why: string): StorageError {
	return new StorageError('storage_corrupt', `The relay's database is damaged: ${why}.`, { why });
}
