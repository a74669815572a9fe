import { equalBytes } from '../base/bytes.js';
import { StorageError } from '../base/errors.js';
import type { EpochId, LedgerName } from '../base/ids.js';
import { type Checkpoint, decodeCheckpoint } from '../journal/checkpoint.js';
import { decodeEntry, entryMs } from '../journal/entry.js';
import { chainNext, chainStart, deviceIdOf, seal } from '../journal/seal.js';
import type { Crypto, KeyPair, Storage } from '../ports/index.js';
import { corrupt, epochField, formatField, fromRecord, keys, pairsField, readRecord } from '../replica/records.js';
import { type Archive, type ArchivedEpoch, type ArchivedRows, inOrder } from './archive.js';

/** What is asked of a storage that is only read. */
export type Reading = Pick<Storage, 'read' | 'size'>;

export interface Owner {
	readonly chain: string;
	/** Newest last. */
	readonly pairs: readonly KeyPair[];
}

/** Whose storage it is. Fails with `storage_foreign` where no replica ever wrote to it, and with `storage_corrupt`. */
export async function ownerOf(storage: Reading): Promise<Owner> {
	const meta = new Map((await storage.read('m/')).map((record) => [record.key, record]));
	const format = meta.get(keys.format);
	const device = meta.get(keys.device);
	if (!format) throw new StorageError('storage_foreign', 'No till has written to it.');
	if (!device) throw corrupt(keys.device, 'it is missing');
	return { chain: readRecord(format, formatField).chain, pairs: readRecord(device, pairsField) };
}

/** A till's storage. What the till wrote itself is stored without seals: its own key, which lies there too, makes one. */
export async function tillArchive(storage: Reading, crypto: Crypto): Promise<Archive> {
	const { chain, pairs } = await ownerOf(storage);
	const newest = pairs[pairs.length - 1];
	return {
		kind: 'till',
		chain,
		device: newest && deviceIdOf(newest.publicKey, crypto.sha256),
		epochs: () => readEpochs(storage),
		rows: (epoch) => readRows(storage, crypto, pairs, epoch),
		checkpoints: async () =>
			(await storage.read('c/')).map(({ key }): LedgerName => decodeURIComponent(key.slice('c/'.length))),
		checkpoint: (ledger) => readCheckpoint(storage, ledger),
	};
}

async function readEpochs(storage: Reading): Promise<ArchivedEpoch[]> {
	const epochs: ArchivedEpoch[] = [];
	for (const record of await storage.read('e/')) {
		const { epoch: id } = keys.parse(record.key);
		const [first] = await storage.read(keys.row(id, 0));
		if (!first) throw corrupt(record.key, 'its rows are gone');
		epochs.push({ id, name: readRecord(record, epochField), firstMs: entryMs(fromRecord(first)) });
	}
	return inOrder(epochs);
}

async function readRows(
	storage: Reading,
	crypto: Crypto,
	pairs: readonly KeyPair[],
	epoch: EpochId,
): Promise<ArchivedRows> {
	const [named] = await storage.read(keys.epoch(epoch));
	if (!named) return { rows: [], seals: [] };
	const rows = (await storage.read(keys.row(epoch, 0).slice(0, -6))).map((record, i) => {
		if (keys.parse(record.key).at !== i) throw corrupt(keys.row(epoch, i), 'it is missing');
		return fromRecord(record);
	});
	const seals = (await storage.read(keys.seal(epoch, 0).slice(0, -6))).map((record) => ({
		epoch,
		count: keys.parse(record.key).at,
		signature: fromRecord(record),
	}));
	const open = rows[0] && decodeEntry(rows[0])?.legs[0];
	const pair = open?.kind === 'open' ? pairs.find(({ publicKey }) => equalBytes(publicKey, open.key)) : undefined;
	if (!pair || seals.at(-1)?.count === rows.length) return { rows, seals };
	let hash = chainStart(readRecord(named, epochField), crypto.sha256);
	for (const row of rows) hash = chainNext(hash, row, crypto.sha256);
	return { rows, seals: [...seals, await seal(crypto, pair, epoch, rows.length, hash)] };
}

async function readCheckpoint(storage: Reading, ledger: LedgerName): Promise<Checkpoint> {
	const key = keys.checkpoint(ledger);
	const record = (await storage.read(key)).find((found) => found.key === key);
	const checkpoint = record && decodeCheckpoint(fromRecord(record));
	if (!checkpoint) throw corrupt(key, 'it is no checkpoint');
	return checkpoint;
}
