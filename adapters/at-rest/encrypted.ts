import { StorageError } from '../../src/base/errors.js';
import type { Storage, StorageAdapter, StoredRecord, WriteBatch } from '../../src/ports/storage.js';
import { type Box, createBox, notReadable } from './box.js';

/** Says by being opened that the key is the right one. No record of a replica begins so. */
const markKey = 'k/at-rest';
const mark = new TextEncoder().encode('tillmesh at rest 1');

/**
 * A storage whose values are encrypted (AES-256-GCM), under a key of 32 bytes that you keep elsewhere: in the key store of the
 * operating system, on a smart card. Without it nothing that was written can be read, the device's own secret key included; nor
 * put in another's place or changed unseen. Names of records are not encrypted: they tell which ledgers have a checkpoint, and
 * how many rows there are.
 *
 * Opening fails with `storage_foreign` where the storage was written without a key or under another one. Rows of your own
 * alongside (`CommitOptions.alongside`) are `unavailable`: they are not ours to encrypt.
 *
 * ```ts
 * const replica = await openReplica({ storage: encrypted(sqlite('till.db'), key), ... });
 * ```
 */
export function encrypted(adapter: StorageAdapter, key: Uint8Array): StorageAdapter {
	const { kind, platform } = adapter;
	return {
		kind: `${kind}, encrypted`,
		platform,
		async open(holder) {
			const box = await createBox(key);
			const inner = await adapter.open(holder);
			try {
				await checkMark(inner, box);
			} catch (error) {
				await inner.close();
				throw error;
			}
			return new EncryptedStorage(inner, box);
		},
	};
}

async function checkMark(inner: Storage, box: Box): Promise<void> {
	const [found] = await inner.read(markKey);
	if (found) {
		if (await box.open(markKey, found.value)) return;
		throw new StorageError('storage_foreign', 'It is encrypted under another key.');
	}
	if ((await inner.read('')).length > 0)
		throw new StorageError('storage_foreign', 'It was written without encryption.');
	await inner.write({ puts: [{ key: markKey, value: await box.close(markKey, mark) }], deletes: [] });
}

class EncryptedStorage implements Storage {
	readonly #inner: Storage;
	readonly #box: Box;
	/** Encryption takes turns; batches go down in the order of their calls all the same. */
	#handed: Promise<unknown> = Promise.resolve();

	constructor(inner: Storage, box: Box) {
		this.#inner = inner;
		this.#box = box;
	}

	write({ puts, deletes }: WriteBatch): Promise<void> {
		const closed = Promise.all(
			puts.map(async ({ key, value }): Promise<StoredRecord> => ({ key, value: await this.#box.close(key, value) })),
		);
		const before = this.#handed;
		// Handed on in order, and not one after the other: those of one turn share a sync.
		const handed = before.then(async () => {
			const batch = { puts: await closed, deletes };
			return { written: this.#inner.write(batch) };
		});
		this.#handed = handed.catch(() => {});
		return handed.then(({ written }) => written);
	}

	async read(prefix: string): Promise<readonly StoredRecord[]> {
		await this.#handed;
		const records = await this.#inner.read(prefix);
		const open = async ({ key, value }: StoredRecord): Promise<StoredRecord> => {
			const plain = await this.#box.open(key, value);
			if (!plain) throw notReadable(`Record ${key}`);
			return { key, value: plain };
		};
		return Promise.all(records.filter(({ key }) => key !== markKey).map(open));
	}

	async size(): Promise<number> {
		await this.#handed;
		return this.#inner.size();
	}

	async close(): Promise<void> {
		await this.#handed;
		await this.#inner.close();
	}
}
