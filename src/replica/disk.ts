import { StorageError, TillmeshError } from '../base/errors.js';
import type { LedgerName } from '../base/ids.js';
import { type Checkpoint, decodeCheckpoint } from '../journal/checkpoint.js';
import { decodeEntry } from '../journal/entry.js';
import { epochIdOf } from '../journal/epoch.js';
import { Epoch, type Journal } from '../journal/journal.js';
import type { Sha256 } from '../journal/seal.js';
import type { Alongside, Storage, StoredRecord, WriteBatch } from '../ports/index.js';
import type { EnrolledKeys } from '../trust/credential.js';
import {
	corrupt,
	epochField,
	formatField,
	fromRecord,
	keepsField,
	keys,
	pairsField,
	readRecord,
	storageFormat,
	waitingField,
} from './records.js';

export interface Loaded {
	/** This device's keys, newest last; empty where the storage is new. */
	readonly pairs: readonly EnrolledKeys[];
	readonly checkpoints: readonly Checkpoint[];
	/** Those that waited to be adopted, with rows that go on after them. */
	readonly waiting: readonly Checkpoint[];
	/** What it began to keep while it was open. */
	readonly kept: readonly LedgerName[];
}

/** Reads everything a replica keeps into `journal`. Throws `wrong_chain`, `newer_format`, `storage_corrupt`. */
export async function loadReplica(
	storage: Pick<Storage, 'read'>,
	chain: string,
	journal: Journal,
	sha256: Sha256,
): Promise<Loaded> {
	const meta = new Map((await storage.read('m/')).map((record) => [record.key, record]));
	if (meta.has(keys.encrypted))
		throw new StorageError('wrong_key', 'What is stored is encrypted.', { encrypted: true });
	const format = meta.get(keys.format);
	if (format) checkFormat(format, chain);
	const device = meta.get(keys.device);
	if (format && !device) throw corrupt(keys.device, 'it is missing');
	for (const record of await storage.read('e/')) loadEpoch(record, journal, sha256);
	for (const record of await storage.read('r/')) loadRow(record, journal);
	for (const record of await storage.read('s/')) loadSeal(record, journal);
	for (const epoch of journal.all()) if (epoch.count === 0) throw corrupt(keys.epoch(epoch.id), 'its rows are gone');
	const checkpoints = (await storage.read('c/')).map((record) => loadCheckpoint(record.key, fromRecord(record)));
	const waiting = (await storage.read('w/')).flatMap((record) =>
		readRecord(record, waitingField).map((bytes) => loadCheckpoint(record.key, bytes)),
	);
	for (const record of await storage.read('q/')) fromRecord(record); // read by nobody else before something is wrong
	if (!format && (device || checkpoints.length > 0 || [...journal.all()].length > 0))
		throw corrupt(keys.format, 'it is missing');
	const kept = meta.get(keys.keeps);
	return {
		pairs: device ? readRecord(device, pairsField) : [],
		checkpoints,
		waiting,
		kept: kept ? readRecord(kept, keepsField) : [],
	};
}

function checkFormat(record: StoredRecord, chain: string): void {
	const { format, chain: found } = readRecord(record, formatField);
	if (format > storageFormat)
		throw new StorageError('newer_format', `Format ${format}, this version knows ${storageFormat}.`, { format });
	if (found !== chain)
		throw new StorageError('wrong_chain', `Chain "${found}", expected "${chain}".`, { found, chain });
}

function loadEpoch(record: StoredRecord, journal: Journal, sha256: Sha256): void {
	const name = readRecord(record, epochField);
	const { epoch } = keys.parse(record.key);
	if (epochIdOf(name, sha256) !== epoch) throw corrupt(record.key, 'it names another epoch');
	journal.add(new Epoch(epoch, name, sha256));
}

function loadRow(record: StoredRecord, journal: Journal): void {
	const { epoch: id, at } = keys.parse(record.key);
	const epoch = journal.get(id);
	if (!epoch) throw corrupt(record.key, 'its epoch is missing');
	if (epoch.count !== at) throw corrupt(keys.row(id, epoch.count), 'it is missing');
	const row = fromRecord(record);
	// The others are decoded when they are needed: what a checkpoint covers mostly never is.
	const entry = at === 0 ? decodeEntry(row) : undefined;
	if (at === 0 && entry?.legs[0]?.kind !== 'open') throw corrupt(record.key, 'it is no entry');
	journal.push(epoch, row, entry);
	epoch.durable = epoch.count;
}

function loadSeal(record: StoredRecord, journal: Journal): void {
	const { epoch: id, at } = keys.parse(record.key);
	const epoch = journal.get(id);
	if (!epoch || epoch.count < at) throw corrupt(record.key, 'the rows under it are missing');
	epoch.seals.push({ epoch: id, count: at, signature: fromRecord(record).slice() });
}

function loadCheckpoint(key: string, bytes: Uint8Array): Checkpoint {
	const checkpoint = decodeCheckpoint(bytes);
	if (!checkpoint) throw corrupt(key, 'it is no checkpoint');
	return checkpoint;
}

/** Everything stored of an epoch, to delete it. */
export function epochKeys(epoch: Epoch): string[] {
	const found = [keys.epoch(epoch.id)];
	for (let i = 0; i < epoch.count; i++) found.push(keys.row(epoch.id, i));
	for (const seal of epoch.seals) found.push(keys.seal(epoch.id, seal.count));
	return found;
}

/**
 * Writes in order; after the first failure every further call fails with it (JRN5), and `broken` is called once.
 * Nothing is ever written again by this opening.
 */
export class Disk {
	readonly #storage: Storage;
	readonly #broken: (error: TillmeshError) => void;
	#failure: TillmeshError | undefined;

	constructor(storage: Storage, broken: (error: TillmeshError) => void) {
		this.#storage = storage;
		this.#broken = broken;
	}

	get failure(): TillmeshError | undefined {
		return this.#failure;
	}

	write(batch: WriteBatch): Promise<void> {
		if (this.#failure) return Promise.reject(this.#failure);
		return this.#storage.write(batch).then(this.#done, this.#fail);
	}

	readonly #done = (): void => {
		if (this.#failure) throw this.#failure;
	};

	readonly #fail = (error: unknown): never => {
		if (!this.#failure) {
			this.#failure =
				error instanceof TillmeshError ? error : new StorageError('storage_failed', 'A write failed.', {}, error);
			this.#broken(this.#failure);
		}
		throw this.#failure;
	};

	/** Can the vendor's rows go down in one transaction with ours? */
	get transacts(): boolean {
		return this.#storage.transact !== undefined;
	}

	/** See `Storage.transact`; what it fails by is a failure of this disk, unless it is the caller's. */
	transact(batch: WriteBatch, alongside: Alongside): boolean {
		if (this.#failure) throw this.#failure;
		try {
			return this.#storage.transact?.(batch, alongside) ?? false;
		} catch (error) {
			if (error instanceof TillmeshError && (error.code === 'work_failed' || error.code === 'bad_argument'))
				throw error;
			return this.#fail(error);
		}
	}

	size(): Promise<number> {
		return this.#storage.size();
	}

	close(): Promise<void> {
		return this.#storage.close();
	}
}
