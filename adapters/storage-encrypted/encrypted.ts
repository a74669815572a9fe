import { fromUtf8, utf8 } from '../../src/base/bytes.js';
import { BadArgument, StorageError } from '../../src/base/errors.js';
import { checkKey, SealedRecords } from '../../src/base/sealed-records.js';
import type { Alongside, Storage, StorageAdapter, StoredRecord, WriteBatch } from '../../src/ports/storage.js';

/** Tells one key from another, and a storage that is encrypted from one that is not. Nobody else's to read or write. */
const markKey = 'm/encrypted';
const mark = 'tillmesh/encrypted/1';

/**
 * The same storage with every value encrypted by `key`, 32 bytes that the vendor keeps: in the device's key store, or typed
 * in. A file that is copied or a disk that is stolen says then how many records there are, how they are named (epochs, and
 * ledgers that have a checkpoint), how long they are, in its lock how the device is called, and nothing else. No record can be
 * changed, or moved to another's name; that somebody puts back an older file whole is seen by the journals (JRN7), not here.
 *
 * Opening fails with `wrong_key`, and touches nothing, where the storage was written under another key or under none; what the
 * storage itself fails with stays as it is. Whoever loses the key has lost what is in the storage, not what peers have.
 *
 * ```ts
 * const till = await openReplica({ ...options, storage: encrypted(sqlite('till.db'), key) });
 * ```
 */
export function encrypted(storage: StorageAdapter, key: Uint8Array): StorageAdapter {
	checkKey('key', key);
	// A key that the platform keeps would lie beside what is encrypted, and open to whoever has the disk.
	const { crypto } = storage.platform;
	const platform = crypto.portable ? { ...storage.platform, crypto: crypto.portable } : storage.platform;
	const own = key.slice();
	return {
		kind: `encrypted ${storage.kind}`,
		platform,
		async open(holder) {
			const opened = await storage.open(holder);
			try {
				const records = new SealedRecords(platform.crypto, (length) => platform.random.bytes(length), own);
				await checkMark(opened, records);
				return encryptedStorage(opened, records);
			} catch (error) {
				await opened.close();
				throw error;
			}
		},
	};
}

async function checkMark(storage: Storage, records: SealedRecords): Promise<void> {
	const found = (await storage.read(markKey)).find(({ key }) => key === markKey);
	if (!found) {
		const others = await storage.read('');
		if (others.length > 0)
			throw new StorageError('wrong_key', 'What is stored is not encrypted.', { encrypted: false });
		await storage.write({ puts: [{ key: markKey, value: records.seal(markKey, utf8(mark)) }], deletes: [] });
		return;
	}
	const opened = records.open(markKey, found.value);
	if (!opened) throw new StorageError('wrong_key', 'What is stored does not open.', { encrypted: true });
	if (fromUtf8(opened) !== mark)
		throw new StorageError('newer_format', 'Encrypted in another way.', { found: fromUtf8(opened) });
}

function encryptedStorage(storage: Storage, records: SealedRecords): Storage {
	const sealed = ({ puts, deletes }: WriteBatch): WriteBatch => {
		for (const key of [...puts.map((put) => put.key), ...deletes])
			if (key === markKey) throw new BadArgument('batch', `the record ${markKey} is the encryption's own.`);
		return { puts: puts.map(({ key, value }) => ({ key, value: records.seal(key, value) })), deletes };
	};
	const opened = ({ key, value }: StoredRecord): StoredRecord => {
		const plain = records.open(key, value);
		if (!plain) throw new StorageError('storage_corrupt', `The record ${key} does not open.`, { key });
		return { key, value: plain };
	};
	return {
		read: async (prefix) => (await storage.read(prefix)).filter(({ key }) => key !== markKey).map(opened),
		write(batch) {
			try {
				return storage.write(sealed(batch));
			} catch (error) {
				return Promise.reject(error);
			}
		},
		...(storage.transact && {
			transact: (batch: WriteBatch, alongside: Alongside) => storage.transact?.(sealed(batch), alongside) ?? false,
		}),
		size: () => storage.size(),
		close: () => storage.close(),
	};
}
