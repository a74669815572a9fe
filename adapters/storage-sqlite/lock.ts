/**
 * One writer (JRN1). A sidecar database `<file>.lock` in rollback mode, in which the holder keeps a write transaction open:
 * the kernel ends it with the process, however it dies, and readers still see the row that says who it is.
 *
 * POSIX locks belong to the process, and closing any descriptor of a file drops them all. So nobody may open and close the
 * sidecar by other means while it is held, and inside one process a registry stands before it.
 */
import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { AlreadyOpen } from '../../src/base/errors.js';
import { closeUnfinished, firstValue, type OpenDatabase, type SqliteHandle } from './driver.js';
import { isBusy, storageFailure } from './failure.js';

export interface Hold {
	/** The file once held records: empty now means that somebody cut it off. */
	readonly hadRecords: boolean;
	/** Lets go. `hasRecords` is remembered for the next one. Idempotent. */
	release(hasRecords: boolean): void;
	/** Lets go and takes the sidecar away where this hold made it: the file beside it is not ours. */
	abandon(): void;
}

// Every copy of this module in the process shares it, whatever bundle it came in.
const registryKey = Symbol.for('tillmesh.sqlite.holders');
const shared = globalThis as { [registryKey]?: Map<string, string> };
shared[registryKey] ??= new Map();
const holdersByFile = shared[registryKey];

/** A device's secret key lies in its file: nobody else on the machine may read it. SQLite gives its logs the same rights. */
const ownerOnly = 0o600;

/**
 * The path that every spelling of it ends in, and whether the file was made just now; then it is its owner's alone. The
 * rights of one that was there are whoever's who made it. Fails as the file system does.
 */
export function realFile(path: string): { readonly file: string; readonly isNew: boolean } {
	try {
		return { file: realpathSync(path), isNew: false };
	} catch (error) {
		if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
		writeFileSync(path, '', { flag: 'a', mode: ownerOnly });
		return { file: realpathSync(path), isNew: true };
	}
}

/** Rejects with `AlreadyOpen` while anybody else, here or in another process, holds `file`. */
export function holdFile(file: string, holder: string, open: OpenDatabase): Hold {
	const already = holdersByFile.get(file);
	if (already !== undefined) throw new AlreadyOpen(file, already);
	const sidecar = `${file}.lock`;
	const isNew = makeSidecar(sidecar);
	const { database, hadRecords } = openSidecar(sidecar, file, holder, open);
	holdersByFile.set(file, describe(process.pid, holder, new Date().toISOString()));
	let held = true;
	const letGo = (last: () => void): void => {
		if (!held) return;
		held = false;
		try {
			last();
		} catch {
			// On a full disk the note for the next opening is lost, and only that.
		} finally {
			database.close();
			holdersByFile.delete(file);
		}
	};
	return {
		hadRecords,
		release: (hasRecords) =>
			letGo(() => {
				if (hasRecords !== hadRecords) database.exec(`UPDATE holder SET records = ${Number(hasRecords)}`);
				database.exec('COMMIT');
			}),
		abandon: () => {
			letGo(() => database.exec('ROLLBACK'));
			if (isNew) rmSync(sidecar, { force: true });
		},
	};
}

/** Whether it was made just now. Who can read it could hold up the holder with a lock of their own. */
function makeSidecar(sidecar: string): boolean {
	try {
		writeFileSync(sidecar, '', { flag: 'wx', mode: ownerOnly });
		return true;
	} catch (error) {
		if ((error as { code?: unknown }).code === 'EEXIST') return false;
		throw storageFailure(`The lock ${sidecar}`, error);
	}
}

const handleHolders = new WeakMap<SqliteHandle, string>();

/** For a database without a file, which no other process can see. */
export function holdHandle(handle: SqliteHandle, holder: string): Hold {
	const already = handleHolders.get(handle);
	if (already !== undefined) throw new AlreadyOpen('The open database', already);
	handleHolders.set(handle, describe(process.pid, holder, new Date().toISOString()));
	const letGo = (): void => {
		handleHolders.delete(handle);
	};
	return { hadRecords: false, release: letGo, abandon: letGo };
}

function openSidecar(
	sidecar: string,
	file: string,
	holder: string,
	open: OpenDatabase,
): { database: SqliteHandle; hadRecords: boolean } {
	let database: SqliteHandle | undefined;
	try {
		database = open(sidecar);
		return { database, hadRecords: take(database, file, holder) };
	} catch (error) {
		if (database) closeUnfinished(database);
		throw storageFailure(`The lock ${sidecar}`, error);
	}
}

const createSql =
	'CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT, since TEXT, records INTEGER)';

/** Says who we are and keeps a write transaction open. Answers whether the file held records when it was last let go. */
function take(database: SqliteHandle, file: string, holder: string): boolean {
	const since = new Date().toISOString();
	begin(database, file);
	database.exec(createSql);
	const hadRecords = Number(firstValue(database, 'SELECT records FROM holder') ?? 0) === 1;
	const isOurs = database.prepare('SELECT 1 FROM holder WHERE pid = ? AND name = ? AND since = ?');
	// Between the commit and the next begin another process may slip in: then either it is the holder and we are busy, or
	// it has left its name in what is ours, and the name is written again.
	while (isOurs.get(process.pid, holder, since) === undefined) {
		database
			.prepare('INSERT OR REPLACE INTO holder VALUES (1, ?, ?, ?, ?)')
			.run(process.pid, holder, since, Number(hadRecords));
		database.exec('COMMIT');
		begin(database, file);
	}
	return hadRecords;
}

function begin(database: SqliteHandle, file: string): void {
	try {
		database.exec('BEGIN IMMEDIATE');
	} catch (error) {
		if (!isBusy(error)) throw error;
		throw new AlreadyOpen(file, holderIn(database));
	}
}

/** Waits out the moment in which the holder writes its name. */
function holderIn(database: SqliteHandle): string {
	try {
		database.exec('PRAGMA busy_timeout = 250');
		const row = database.prepare('SELECT pid, name, since FROM holder').get() as
			| { pid: number; name: string; since: string }
			| undefined;
		if (row) return describe(row.pid, row.name, row.since);
	} catch {
		// Nobody has written a name yet, or the holder is slow about it: refused all the same.
	}
	return 'another process that has not said its name yet';
}

const describe = (pid: number, name: string, since: string): string => `"${name}" (process ${pid}, since ${since})`;
