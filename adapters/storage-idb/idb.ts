import { TillmeshError } from '../../src/base/errors.js';
import type { Platform } from '../../src/ports/platform.js';
import type { StorageAdapter } from '../../src/ports/storage.js';
import { type KeyCabinet, webPlatform } from '../platform-web/index.js';
import { openDatabase } from './database.js';
import { holdName } from './lock.js';
import { IdbStorage } from './store.js';

export interface IdbOptions {
	/** Default: `webPlatform()`. */
	readonly platform?: Platform;
}

/**
 * A storage in the IndexedDB database `name` of this origin.
 *
 * **Durable.** `write` resolves after a transaction of strict durability completed: the browser has flushed it (JRN3). What
 * waits together shares one. The browser is asked once a page to keep this origin's data when space runs short; what it
 * answers does not change how we work. Opening takes some tenths of a second longer in Chromium, once a page: what a kill has
 * cut off there must not lead it to throw everything away (docs/decisions/0023).
 *
 * **One writer.** A Web Lock is held while the storage is open; the browser ends it with the tab (JRN1). The second tab is
 * refused with `already_open` by the holder's name.
 *
 * **Keys.** The device's key is made while the storage is open, and the browser keeps it in the same database: no script can
 * read it, ours included (where WebCrypto has no Ed25519 it is a record as in any other storage). On the disk it is not
 * encrypted; under `encrypted` it is a record, for that reason.
 *
 * Fails with `already_open`, `unavailable` (no IndexedDB or Web Locks: serve the page by https), `storage_foreign`,
 * `newer_format`, `storage_full` (the quota), `storage_corrupt` or `storage_failed`; the last also when the database is
 * deleted or closed under an open storage.
 *
 * ```ts
 * const replica = await openReplica({ storage: idb('till'), ... });
 * ```
 */
export function idb(name: string, options: IdbOptions = {}): StorageAdapter {
	let storage: IdbStorage | undefined;
	const cabinet = (): KeyCabinet | undefined => (storage?.isOpen ? keysOf(storage) : undefined);
	return {
		kind: `idb ${name}`,
		platform: options.platform ?? webPlatform(cabinet),
		async open(holder) {
			storage = await openStorage(name, holder);
			return storage;
		},
	};
}

const keysOf = (storage: IdbStorage): KeyCabinet => ({
	put: (name, key) => storage.putKey(name, key),
	get: (name) => storage.getKey(name),
});

async function openStorage(name: string, holder: string): Promise<IdbStorage> {
	if (typeof indexedDB === 'undefined')
		throw new TillmeshError('unavailable', 'IndexedDB is missing here.', { missing: 'indexedDB' });
	const hold = await holdName(name, holder);
	try {
		askToPersist();
		return new IdbStorage(await openDatabase(name), hold);
	} catch (error) {
		await hold.release();
		throw error;
	}
}

let asked = false;

/** Not awaited: some browsers ask a person. */
function askToPersist(): void {
	if (asked) return;
	asked = true;
	navigator.storage?.persist?.().catch(() => {});
}
