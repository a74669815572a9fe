import { promisifyRequest, type UseStore } from 'idb-keyval';
import { StorageError, TillmeshError } from '../../src/base/errors.js';
import { idbFailure } from './failure.js';
import { leaveOldLog } from './old-log.js';

const storeName = 'tillmesh';
const version = 1;

/** An open database, and idb-keyval's idea of a store over it whose transactions are strict. */
export interface Database {
	readonly name: string;
	readonly useStore: UseStore;
	/** Called where the browser or another page takes the database away. */
	onLost: (why: string) => void;
	close(): void;
}

/** Makes the database where there is none. Fails with `storage_foreign`, `newer_format` or what IndexedDB says. */
export async function openDatabase(name: string): Promise<Database> {
	// Without a version: a number would turn a database of somebody else's into one of ours.
	const request = indexedDB.open(name);
	let isNew = false;
	request.onupgradeneeded = () => {
		isNew = true;
		request.result.createObjectStore(storeName);
	};
	let opened: IDBDatabase;
	try {
		opened = await promisifyRequest(request);
		if (!isNew) await leaveOldLog(name);
	} catch (error) {
		throw idbFailure(`The database ${name} does not open`, error);
	}
	try {
		checkOurs(opened);
	} catch (error) {
		opened.close();
		throw error;
	}
	const database: Database = {
		name,
		useStore: async (mode, use) =>
			use(opened.transaction(storeName, mode, { durability: 'strict' }).objectStore(storeName)),
		onLost: () => {},
		close: () => opened.close(),
	};
	opened.onclose = () => database.onLost('the browser closed it');
	// Kept open it would only hold up whoever deletes it, and then be gone all the same.
	opened.onversionchange = () => {
		opened.close();
		database.onLost('another page deletes or changes it');
	};
	return database;
}

function checkOurs(opened: IDBDatabase): void {
	if (!opened.objectStoreNames.contains(storeName))
		throw new StorageError('storage_foreign', `The database ${opened.name} has no store "${storeName}".`);
	if (opened.version > version)
		throw new TillmeshError('newer_format', `The database is of version ${opened.version}, known is ${version}.`, {
			found: opened.version,
			known: version,
		});
}
