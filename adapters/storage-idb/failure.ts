import { type FailureCode, StorageError, TillmeshError } from '../../src/base/errors.js';

/** By the name of the DOMException. */
const failuresByName: ReadonlyMap<string, FailureCode> = new Map([
	['QuotaExceededError', 'storage_full'],
	// A file of the database's is gone or does not read back.
	['NotReadableError', 'storage_corrupt'],
]);

/** What IndexedDB said as a `StorageError`; ours pass as they are. */
export function idbFailure(what: string, error: unknown): TillmeshError {
	if (error instanceof TillmeshError) return error;
	const [name, reason] = error instanceof Error ? [error.name, error.message] : ['', String(error)];
	return new StorageError(
		failuresByName.get(name) ?? 'storage_failed',
		`${what}: ${name} ${reason}`,
		{ what, name },
		error,
	);
}
