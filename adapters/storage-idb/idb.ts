import { TillmeshError } from '../../src/base/errors.js';
import type { Platform } from '../../src/ports/platform.js';
import type { Storage, StorageAdapter } from '../../src/ports/storage.js';
import { webPlatform } from '../platform-web/index.js';
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
 * Fails with `already_open`, `unavailable` (no IndexedDB or Web Locks: serve the page by https), `storage_foreign`,
 * `newer_format`, `storage_full` (the quota), `storage_corrupt` or `storage_failed`; the last also when the database is
 * deleted or closed under an open storage.
 *
 * ```ts
 * const replica = await openReplica({ storage: idb('till'), ... });
 * ```
 */
export function idb(name: string, options: IdbOptions = {}): StorageAdapter {
	return {
		kind: `idb ${name}`,
		platform: options.platform ?? webPlatform(),
		open: (holder) => openStorage(name, holder),
	};
}

async function openStorage(name: string, holder: string): Promise<Storage> {
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
