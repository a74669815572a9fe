import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BadArgument, StorageError, TillmeshError } from '../../src/base/errors.js';
import type { Archive } from '../../src/inspect/archive.js';
import { type Copy, copyOfRelay, copyOfTill } from '../../src/inspect/copy.js';
import { relayArchive } from '../../src/inspect/relay-archive.js';
import { tillArchive } from '../../src/inspect/till-archive.js';
import type { Storage, StoredRecord } from '../../src/ports/storage.js';
import type { RowStore } from '../../src/relay/row-store.js';
import { openSealedRows } from '../../src/relay/sealed-rows.js';
import { keys } from '../../src/replica/records.js';
import { nodeCrypto } from '../platform-node/crypto.js';
import { nodePlatform } from '../platform-node/index.js';
import { isRelayDatabase } from '../relay/schema.js';
import { RelayTables } from '../relay/tables.js';
import { encrypted } from '../storage-encrypted/index.js';
import { firstValue, loadReader, type SqliteHandle } from '../storage-sqlite/driver.js';
import { storageFailure } from '../storage-sqlite/failure.js';
import { findTables } from '../storage-sqlite/schema.js';
import type { Call } from './call.js';
import { readDataKey } from './trust/key-file.js';

export interface OpenData {
	readonly archive: Archive;
	/** All of it in memory and in view. */
	copy(): Promise<Copy>;
	close(): void;
}

/** What `--data` names, opened with what is in `--key-file`. */
export function openCalled(call: Call): Promise<OpenData> {
	const keyFile = call.option('key-file');
	return openData(call.option('data') ?? '', keyFile === undefined ? undefined : readDataKey(keyFile, call.texts));
}

/**
 * Opens a till's SQLite file, a vendor's database with our table in it, or a relay's database or data folder, to read it.
 *
 * A till or relay that runs goes on undisturbed: in the write-ahead log that they use, a reader has a picture of its own and
 * holds nobody up. A file without such a log belongs to nobody just now; it is read in short steps, so that whoever opens it
 * meanwhile may, and then the reading ends with `already_open`: what comes next may be another picture.
 * What is encrypted needs the 32 bytes of its key: without them, or with others, it ends with `wrong_key`.
 */
async function openData(path: string, key?: Uint8Array): Promise<OpenData> {
	const file = fileAt(path);
	const open = await loadReader();
	let database: SqliteHandle | undefined;
	try {
		database = open(file);
		return await openHandle(database, path, key);
	} catch (error) {
		database?.close();
		throw storageFailure(path, error);
	}
}

function fileAt(path: string): string {
	if (!existsSync(path)) throw new BadArgument('--data', `there is no file ${path}.`);
	if (!statSync(path).isDirectory()) return realpathSync(path);
	const relay = join(path, 'relay.db');
	if (!existsSync(relay)) throw new BadArgument('--data', `the folder ${path} has no relay.db: name a file in it.`);
	return realpathSync(relay);
}

async function openHandle(database: SqliteHandle, path: string, key: Uint8Array | undefined): Promise<OpenData> {
	const check = holdPicture(database, path);
	const reading = <T>(read: () => T): T => {
		try {
			const found = read();
			check();
			return found;
		} catch (error) {
			throw storageFailure(path, error);
		}
	};
	const close = () => database.close();
	const isRelay = reading(() => isRelayDatabase(database));
	if (isRelay) {
		const tables = new RelayTables(database);
		const plain: RowStore = {
			epochs: () => reading(() => [...tables.epochs()]),
			points: () => reading(() => [...tables.points()]),
			point: (ledger) => reading(() => tables.point(ledger)),
			notes: (prefix) => reading(() => tables.notes(prefix)),
			runs: (epoch, row, most) => reading(() => tables.runs(epoch, row, most)),
			place: (epoch, row) => reading(() => tables.place(epoch, row)),
			lastSeq: () => reading(() => tables.lastSeq()),
			sizeBytes: () => reading(() => sizeOf(database)),
			syncs: { bounds: [], counts: [], sum: 0 },
			write: readOnly,
			close: async () => {},
		};
		const { crypto, random } = nodePlatform();
		const store = await openSealedRows(plain, crypto, (length) => random.bytes(length), key);
		const archive = relayArchive(store, nodeCrypto);
		return { archive, close, copy: async () => copyOfRelay(store, archive, nodeCrypto) };
	}
	const table = tableIn(
		reading(() => findTables(database)),
		path,
	);
	const select = database.prepare(
		`SELECT key, value FROM ${table} WHERE key > '' AND key >= ? AND key < ? ORDER BY key`,
	);
	const plain: Storage = {
		read: async (prefix) => reading(() => select.all(prefix, `${prefix}\x7f`) as StoredRecord[]), // what was selected
		size: async () => reading(() => sizeOf(database)),
		write: readOnly,
		close: async () => {},
	};
	const storage = await opened(plain, path, key);
	return {
		archive: await tillArchive(storage, nodeCrypto),
		close,
		copy: () => copyOfTill(storage, nodeCrypto),
	};
}

/** Nothing here writes, not even the mark that an empty storage would get. */
const readOnly = async (): Promise<never> => {
	throw new StorageError('storage_foreign', 'Nothing was written to it yet.');
};

/** Of an encrypted till's file what is in it. */
async function opened(plain: Storage, path: string, key: Uint8Array | undefined): Promise<Storage> {
	if (key) return encrypted({ kind: path, platform: nodePlatform(), open: async () => plain }, key).open('reader');
	if ((await plain.read(keys.encrypted)).length > 0)
		throw new StorageError('wrong_key', `${path} is encrypted.`, { encrypted: true });
	return plain;
}

/** One picture of all that is read. Answers a check that throws where there is none, and somebody has written. */
function holdPicture(database: SqliteHandle, path: string): () => void {
	const value = (name: string) => firstValue(database, `PRAGMA ${name}`);
	if (value('journal_mode') === 'wal') {
		database.exec('BEGIN');
		firstValue(database, 'SELECT count(*) FROM sqlite_master'); // it begins with the first page that is read
		return () => {};
	}
	const version = value('data_version');
	return () => {
		if (value('data_version') === version) return;
		throw new TillmeshError('already_open', `${path} was opened and written to while it was read: try again.`);
	};
}

const sizeOf = (database: SqliteHandle): number =>
	Number(firstValue(database, 'PRAGMA page_count')) * Number(firstValue(database, 'PRAGMA page_size'));

function tableIn(tables: readonly string[], path: string): string {
	const [table] = tables;
	if (table === undefined) throw new StorageError('storage_foreign', `${path} is neither a till's file nor a relay's.`);
	if (tables.length > 1)
		throw new StorageError('storage_foreign', `${path} has tables of several tills: ${tables.join(', ')}.`);
	return table;
}
