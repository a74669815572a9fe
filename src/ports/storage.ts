import type { Platform } from './platform.js';

export interface StoredRecord {
	readonly key: string;
	readonly value: Uint8Array;
}

/** Puts and deletes that become durable together or not at all. */
export interface WriteBatch {
	readonly puts: readonly StoredRecord[];
	readonly deletes: readonly string[];
}

/** Writes rows of the vendor's own. Synchronous; it neither ends the transaction nor begins one. */
export type Alongside = (database: unknown) => void;

/**
 * An ordered key-value store of one replica. Keys are printable ASCII of at most 512 characters; values are bytes.
 *
 * An adapter guarantees:
 * 1. **Atomic.** After any crash, every record of a batch is there or none (JRN4).
 * 2. **Durable when resolved.** `write` resolves after the storage has synced the batch to the device (JRN3).
 * 3. **In order.** Batches become durable in the order of their calls; a later one never survives without an earlier one.
 *    Batches that wait together may share one sync.
 * 4. **Fail-stop.** After a write failed, every later call rejects with the same failure; nothing is retried (JRN5).
 * 5. **One writer.** While a storage is open, a second open of it rejects with `AlreadyOpen` and names the holder (JRN1).
 *    The hold ends with `close` or with the process, however it ends.
 * 6. **Own bytes.** The caller may reuse its arrays after `write` resolved; what `read` returns is the caller's.
 *
 * Failures are `StorageError` with code `storage_failed`, `storage_full`, `storage_read_only`, `storage_corrupt` or
 * `storage_foreign`, of an encrypted one also `wrong_key`. Flipped bits inside a value need not be seen: records carry their own checksum above this port.
 */
export interface Storage {
	/** Every record whose key starts with `prefix`, in ascending order of code units. */
	read(prefix: string): Promise<readonly StoredRecord[]>;
	/** A call with an empty batch resolves after everything written before it is durable. */
	write(batch: WriteBatch): Promise<void>;
	/**
	 * Only where others have rows in the same database: writes a batch now, together with what `alongside` does to the
	 * database, in one transaction behind everything written before. It is durable when this returns true.
	 *
	 * False: somebody else's transaction is in the way, and nothing happened. Throws `work_failed` where `alongside` threw or
	 * left what the database refuses to commit, and `bad_argument` where it ended the transaction or gave a promise: nothing of
	 * the batch was written, and the storage goes on. Anything else that it throws is a failure like that of a write.
	 */
	transact?(batch: WriteBatch, alongside: Alongside): boolean;
	/** Bytes used on the device, as nearly as the storage can tell. */
	size(): Promise<number>;
	/** Waits for pending writes, then lets go. Idempotent. */
	close(): Promise<void>;
}

export interface StorageAdapter {
	/** Shown to people: `sqlite till.db`, `idb till`, `memory`. */
	readonly kind: string;
	/** Clock, random, timers and crypto of the runtime this storage lives in. */
	readonly platform: Platform;
	/** `holder` is how this replica is named to whoever is refused while it has the storage open. */
	open(holder: string): Promise<Storage>;
}
