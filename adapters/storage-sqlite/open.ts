import { statSync } from 'node:fs';
import { BadArgument, StorageError } from '../../src/base/errors.js';
import type { Timers } from '../../src/ports/platform.js';
import type { Storage } from '../../src/ports/storage.js';
import { closeUnfinished, driverOf, firstValue, loadDriver, rollBack, type SqliteHandle } from './driver.js';
import { storageFailure } from './failure.js';
import { type Hold, holdFile, holdHandle, realFile } from './lock.js';
import { openTable } from './schema.js';
import { SqliteStorage } from './store.js';
import type { Tally } from './tally.js';
import { whenFree } from './turns.js';

/**
 * Pages in the write-ahead log at which SQLite writes them into the file. A sale fills several: at its own
 * 1,000 pages so many sales would wait for that that they are the slowest hundredth.
 */
const checkpointPages = 4_000;
/** What the log is cut back to then: more than it grew, for a log that is written over syncs faster than one that grows. */
const journalBytesMax = 32 * 1024 * 1024;

const pageBytesMin = 512;

/** Fewer free pages than these are not worth a copy of the file. */
const freePagesMin = 32;

/** A file of our own. */
export async function openFile(path: string, table: string, holder: string, timers: Timers): Promise<Storage> {
	const open = await loadDriver();
	return failing(path, async () => {
		const { file, isNew } = realFile(path);
		const hold = holdFile(file, holder, open);
		return holding(hold, path, async () => {
			if (!isNew) checkLength(path, statSync(file).size, hold.hadRecords);
			const database = open(file);
			try {
				const tally = await whenFree(timers, () => prepareFile(database, table));
				return new SqliteStorage(database, table, tally, timers, (hasRecords) => {
					closeFile(database);
					hold.release(hasRecords);
				});
			} catch (error) {
				closeUnfinished(database);
				throw error;
			}
		});
	});
}

/** SQLite takes what is shorter than a page for an empty database, and would write a new one over it. */
function checkLength(path: string, bytes: number, hadRecords: boolean): void {
	if (bytes >= pageBytesMin) return;
	if (hadRecords) throw new StorageError('storage_corrupt', `${path} held records and has ${bytes} bytes now.`);
	if (bytes > 0) throw new StorageError('storage_foreign', `${path} is no database.`);
}

/** Changes nothing before the file is known to be ours or empty. */
function prepareFile(database: SqliteHandle, table: string): Tally {
	database.exec('PRAGMA cell_size_check = ON');
	database.exec('PRAGMA synchronous = FULL');
	const tally = openTable(database, table, 'own file');
	database.exec('PRAGMA journal_mode = WAL');
	database.exec('PRAGMA synchronous = FULL');
	database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
	database.exec(`PRAGMA journal_size_limit = ${journalBytesMax}`);
	proveWritable(database, table);
	return tally;
}

/** Says now, and not at the first sale, that nothing can be written. BEGIN IMMEDIATE alone passes on a read-only file. */
function proveWritable(database: SqliteHandle, table: string): void {
	database.exec('BEGIN IMMEDIATE');
	try {
		database.exec(`UPDATE ${table} SET value = value WHERE key = ''`);
	} finally {
		rollBack(database);
	}
}

/**
 * Leaves one plain file. A driver may keep the closed connection until its statements are collected, and in WAL mode it
 * would then delete the log of whatever file lies at this path by that time.
 */
function closeFile(database: SqliteHandle): void {
	try {
		if (isMostlyFree(database)) database.exec('VACUUM');
	} catch {
		// A full disk has no room for the copy; the file stays as long as it is.
	}
	try {
		database.exec('PRAGMA journal_mode = DELETE');
	} catch {
		// Somebody reads along, or the disk fails: what was confirmed is in the log, which the next opening reads.
	}
	database.close();
}

/** Dropped rows leave free pages, which SQLite keeps for later: a till would keep the largest it ever was. */
function isMostlyFree(database: SqliteHandle): boolean {
	const free = Number(firstValue(database, 'PRAGMA freelist_count'));
	return free > freePagesMin && free * 2 > Number(firstValue(database, 'PRAGMA page_count'));
}

/** A table in a database of the vendor's. */
export async function openHandle(
	database: SqliteHandle,
	table: string,
	holder: string,
	timers: Timers,
): Promise<Storage> {
	const what = 'The open database';
	return failing(what, async () => {
		const path = mainFile(database);
		checkJournal(database, path);
		const hold = path === '' ? holdHandle(database, holder) : holdFile(realFile(path).file, holder, driverOf(database));
		return holding(hold, what, async () => {
			const tally = await whenFree(timers, () => {
				const found = openTable(database, table, 'shared database');
				proveWritable(database, table);
				return found;
			});
			return new SqliteStorage(database, table, tally, timers, (hasRecords) => hold.release(hasRecords));
		});
	});
}

/** Empty for a database without a file. */
function mainFile(database: SqliteHandle): string {
	const rows = database.prepare('PRAGMA database_list').all() as { name: string; file: string | null }[];
	return rows.find(({ name }) => name === 'main')?.file ?? '';
}

function checkJournal(database: SqliteHandle, path: string): void {
	const mode = firstValue(database, 'PRAGMA journal_mode');
	if (path !== '' && (mode === 'off' || mode === 'memory'))
		throw new BadArgument('database', `journal_mode=${mode} loses commits in a crash; set WAL.`);
}

async function holding<T>(hold: Hold, what: string, run: () => Promise<T>): Promise<T> {
	try {
		return await run();
	} catch (error) {
		const failure = storageFailure(what, error);
		if (failure.code === 'storage_foreign') hold.abandon();
		else hold.release(hold.hadRecords);
		throw failure;
	}
}

async function failing<T>(what: string, run: () => Promise<T>): Promise<T> {
	try {
		return await run();
	} catch (error) {
		throw storageFailure(what, error);
	}
}
