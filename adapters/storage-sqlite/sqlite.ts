import { basename } from 'node:path';
import { BadArgument } from '../../src/base/errors.js';
import type { Platform } from '../../src/ports/platform.js';
import type { StorageAdapter } from '../../src/ports/storage.js';
import { nodePlatform } from '../platform-node/index.js';
import type { SqliteHandle } from './driver.js';
import { openFile, openHandle } from './open.js';

export interface SqliteOptions {
	/** Before the name of our one table. Default `tillmesh_`. */
	readonly prefix?: string;
	/** Default: `nodePlatform()`. */
	readonly platform?: Platform;
}

export interface SqliteHandleOptions extends SqliteOptions {
	/** An open database of yours: node:sqlite, @photostructure/sqlite or better-sqlite3. It stays open when the storage closes. */
	readonly database: SqliteHandle;
}

/**
 * A storage in one SQLite file, or in a table of its own in a database that you have open.
 *
 * **Durable.** `write` resolves after COMMIT with `synchronous=FULL`; all writes of one turn share one transaction and one
 * sync (JRN3). A file of ours is in WAL mode. Your own database keeps its journal mode; where its `synchronous` is lower, it
 * is FULL during our transactions. While you are inside a transaction of your own our writes wait, at most 5 s.
 *
 * **One writer.** `<file>.lock` beside the file is held while the storage is open (JRN1). Leave it alone meanwhile: a
 * process that opens and closes either file by other means than SQLite drops its own locks on it.
 *
 * Opening reads every page once to prove it undamaged. It fails with `already_open`, `storage_foreign` (not SQLite, or
 * somebody else's database), `storage_corrupt`, `storage_read_only`, `storage_full`, `newer_format`, `unavailable` (no
 * SQLite in this runtime) or `storage_failed`. In a database of yours only our table is checked.
 *
 * ```ts
 * const replica = await openReplica({ storage: sqlite('till.db'), ... });
 * ```
 */
export function sqlite(path: string, options?: SqliteOptions): StorageAdapter;
export function sqlite(options: SqliteHandleOptions): StorageAdapter;
export function sqlite(at: string | SqliteHandleOptions, options: SqliteOptions = {}): StorageAdapter {
	const { prefix, platform = nodePlatform() } = typeof at === 'string' ? options : at;
	const table = tableName(prefix);
	if (typeof at === 'string') {
		if (at === '' || at === ':memory:' || at.startsWith('file:'))
			throw new BadArgument('path', `expected the path of a file, got "${at}". In memory there is memory().`);
		const open = (holder: string) => openFile(at, table, holder, platform.timers);
		return { kind: `sqlite ${basename(at)}`, platform, open };
	}
	const open = (holder: string) => openHandle(at.database, table, holder, platform.timers);
	return { kind: 'sqlite open database', platform, open };
}

function tableName(prefix = 'tillmesh_'): string {
	if (!/^[A-Za-z_][A-Za-z0-9_]{0,40}$/.test(prefix))
		throw new BadArgument('prefix', `expected letters, digits and underscores, got "${prefix}".`);
	return `${prefix}record`;
}
