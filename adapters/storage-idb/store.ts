import { promisifyRequest } from 'idb-keyval';
import { Closed, StorageError } from '../../src/base/errors.js';
import type { Storage, StoredRecord, WriteBatch } from '../../src/ports/storage.js';
import type { Database } from './database.js';
import { idbFailure } from './failure.js';
import type { Hold } from './lock.js';

interface Waiting {
	readonly batch: WriteBatch;
	resolve(): void;
	reject(error: Error): void;
}

const nothing: WriteBatch = { puts: [], deletes: [] };
/** Comes after every printable ASCII character. */
const afterAll = '\x7f';
const keyKind = 'key';

/** One transaction at a time; what is written meanwhile shares the next one. */
export class IdbStorage implements Storage {
	readonly #database: Database;
	readonly #hold: Hold;
	#waiting: Waiting[] = [];
	#writing = false;
	#failure: Error | undefined;
	#closing: Promise<void> | undefined;

	constructor(database: Database, hold: Hold) {
		this.#database = database;
		this.#hold = hold;
		database.onLost = (why) => this.#fail(new StorageError('storage_failed', `The database is lost: ${why}.`));
		hold.onLost = () => this.#fail(new StorageError('storage_failed', 'Another page took the lock away.'));
	}

	#fail(failure: Error): void {
		this.#failure ??= failure;
	}

	get isOpen(): boolean {
		return this.#closing === undefined;
	}

	write(batch: WriteBatch): Promise<void> {
		if (this.#closing !== undefined) return Promise.reject(new Closed());
		return this.#enqueue(batch);
	}

	#enqueue(batch: WriteBatch): Promise<void> {
		if (this.#failure !== undefined) return Promise.reject(this.#failure);
		return new Promise((resolve, reject) => {
			this.#waiting.push({ batch, resolve, reject });
			if (this.#writing) return;
			this.#writing = true;
			queueMicrotask(() => void this.#writeAll());
		});
	}

	/** Never rejects: whoever waits hears of the failure. */
	async #writeAll(): Promise<void> {
		while (this.#waiting.length > 0) {
			const taken = this.#waiting;
			this.#waiting = [];
			try {
				// Lost between two transactions: nothing more is tried (JRN5).
				if (this.#failure !== undefined) throw this.#failure;
				await this.#commit(taken.map(({ batch }) => batch));
			} catch (error) {
				this.#fail(idbFailure('The database refused a write', error));
			}
			for (const { resolve, reject } of taken) {
				if (this.#failure === undefined) resolve();
				else reject(this.#failure);
			}
		}
		this.#writing = false;
	}

	async #commit(batches: readonly WriteBatch[]): Promise<void> {
		if (batches.every(({ puts, deletes }) => puts.length + deletes.length === 0)) return;
		await this.#database.useStore('readwrite', (store) => {
			const committed = completion(store.transaction);
			try {
				for (const batch of batches) apply(store, batch);
			} catch (error) {
				store.transaction.abort();
				throw error;
			}
			return committed;
		});
	}

	async read(prefix: string): Promise<readonly StoredRecord[]> {
		await this.#settled();
		try {
			return await this.#database.useStore('readonly', async (store) => {
				const range = IDBKeyRange.bound(prefix, prefix + afterAll, false, true);
				const [keys, values] = await Promise.all([
					promisifyRequest(store.getAllKeys(range)),
					promisifyRequest<unknown[]>(store.getAll(range)),
				]);
				return keys.map((key, i) => recordOf(key, values[i]));
			});
		} catch (error) {
			throw this.#failure ?? idbFailure('The database refused a read', error);
		}
	}

	/** Under a key of another kind than records have: no `read` comes upon it. */
	async putKey(name: string, key: CryptoKey): Promise<void> {
		await this.#settled();
		try {
			await this.#database.useStore('readwrite', (store) => {
				store.put(key, [keyKind, name]);
				return completion(store.transaction);
			});
		} catch (error) {
			throw this.#failure ?? idbFailure('The database refused a key', error);
		}
	}

	async getKey(name: string): Promise<CryptoKey | undefined> {
		await this.#settled();
		try {
			const found = await this.#database.useStore('readonly', (store) =>
				promisifyRequest<unknown>(store.get([keyKind, name])),
			);
			return found instanceof CryptoKey ? found : undefined;
		} catch (error) {
			throw this.#failure ?? idbFailure('The database refused a read', error);
		}
	}

	/** Everything that this origin keeps, where the browser does not say what its databases take. */
	async size(): Promise<number> {
		await this.#settled();
		const estimate: StorageEstimate & { usageDetails?: { indexedDB?: number } } =
			(await navigator.storage?.estimate?.()) ?? {};
		return estimate.usageDetails?.indexedDB ?? estimate.usage ?? 0;
	}

	async #settled(): Promise<void> {
		if (this.#closing !== undefined) throw new Closed();
		if (this.#failure !== undefined) throw this.#failure;
		if (this.#writing) await this.#enqueue(nothing);
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		// Whoever wrote hears of a failure; closing lets go all the same.
		if (this.#writing) await this.#enqueue(nothing).catch(() => {});
		this.#database.close();
		await this.#hold.release();
	}
}

/** Resolves when the transaction is on the device. idb-keyval's own promise would lose the reason of an abort. */
function completion(transaction: IDBTransaction): Promise<void> {
	const completed = new Promise<void>((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
	});
	// Where the transaction is aborted by us, that throws in our own hand already.
	completed.catch(() => {});
	return completed;
}

function apply(store: IDBObjectStore, { puts, deletes }: WriteBatch): void {
	for (const key of deletes) store.delete(key);
	for (const { key, value } of puts) {
		// A view would be stored with all of the buffer that it looks into.
		store.put(value.byteLength === value.buffer.byteLength ? value : value.slice(), key);
	}
}

function recordOf(key: IDBValidKey, value: unknown): StoredRecord {
	if (typeof key !== 'string' || !(value instanceof Uint8Array))
		throw new StorageError('storage_corrupt', 'A record of the database is not a text with bytes.');
	return { key, value };
}
