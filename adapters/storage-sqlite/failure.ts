import { type FailureCode, StorageError, TillmeshError } from '../../src/base/errors.js';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const codeNumbers: Readonly<Record<string, number>> = {
	SQLITE_PERM: 3,
	SQLITE_BUSY: 5,
	SQLITE_LOCKED: 6,
	SQLITE_READONLY: 8,
	SQLITE_IOERR: 10,
	SQLITE_CORRUPT: 11,
	SQLITE_FULL: 13,
	SQLITE_CANTOPEN: 14,
	SQLITE_CONSTRAINT: 19,
	SQLITE_NOTADB: 26,
};

const failuresByCode: ReadonlyMap<number, FailureCode> = new Map([
	[3, 'storage_read_only'],
	[8, 'storage_read_only'],
	[11, 'storage_corrupt'],
	[13, 'storage_full'],
	[26, 'storage_foreign'],
]);

/** By name as Node's fs says it, by number as SQLite passes it on (Linux: EPERM, EACCES, EISDIR, ENOSPC, EROFS, EDQUOT). */
const failuresByErrno: ReadonlyMap<unknown, FailureCode> = new Map<unknown, FailureCode>([
	['EPERM', 'storage_read_only'],
	['EACCES', 'storage_read_only'],
	['EROFS', 'storage_read_only'],
	['ENOSPC', 'storage_full'],
	['EDQUOT', 'storage_full'],
	['EISDIR', 'storage_foreign'],
	[1, 'storage_read_only'],
	[13, 'storage_read_only'],
	[30, 'storage_read_only'],
	[28, 'storage_full'],
	[122, 'storage_full'],
	[21, 'storage_foreign'],
]);

/** node:sqlite says `errcode`, better-sqlite3 `code: 'SQLITE_IOERR_WRITE'`; undefined for anything not from SQLite. */
function resultCode(error: object): number | undefined {
	const { errcode, code } = error as { errcode?: unknown; code?: unknown };
	if (typeof errcode === 'number') return errcode & 0xff;
	if (typeof code !== 'string') return undefined;
	const primary = /^SQLITE_[A-Z]+/.exec(code)?.[0];
	return primary === undefined ? undefined : codeNumbers[primary];
}

/** A rule of the schema says no. */
export function isConstraint(error: unknown): boolean {
	return error instanceof Error && resultCode(error) === codeNumbers.SQLITE_CONSTRAINT;
}

/** Somebody else is writing to the file, or the vendor is inside a transaction of its own: nothing happened, try again. */
export function isBusy(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const code = resultCode(error);
	return code === 5 || code === 6 || /(within|inside) a transaction/.test(error.message);
}

/** Any error of SQLite or the file system as a `StorageError`; ours pass as they are. */
export function storageFailure(what: string, error: unknown): TillmeshError {
	if (error instanceof TillmeshError) return error;
	let code: FailureCode | undefined;
	if (error instanceof Error) {
		const { systemErrno, code: name } = error as { systemErrno?: unknown; code?: unknown };
		const number = resultCode(error);
		code =
			(number === undefined ? undefined : failuresByCode.get(number)) ??
			failuresByErrno.get(systemErrno) ??
			failuresByErrno.get(name);
	}
	// A plain SQLITE_ERROR for a schema format that this SQLite does not know.
	if (error instanceof Error && /unsupported file format/.test(error.message)) code = 'storage_foreign';
	const reason = error instanceof Error ? error.message : String(error);
	return new StorageError(code ?? 'storage_failed', `${what}: ${reason}.`, { what, reason }, error);
}
