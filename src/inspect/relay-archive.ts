import { fromUtf8 } from '../base/bytes.js';
import { StorageError } from '../base/errors.js';
import type { EpochId } from '../base/ids.js';
import { decodeCheckpoint } from '../journal/checkpoint.js';
import { entryMs } from '../journal/entry.js';
import { deviceIdOf, type Seal } from '../journal/seal.js';
import type { Crypto } from '../ports/index.js';
import type { RowStore } from '../relay/row-store.js';
import { type Archive, type ArchivedRows, inOrder } from './archive.js';

/** What is asked of a relay's rows that are only read. */
export type ReadingRows = Pick<RowStore, 'epochs' | 'points' | 'point' | 'notes' | 'runs' | 'sizeBytes'>;

/** Runs read at a time. */
const runsMost = 256;

export function relayArchive(store: ReadingRows, crypto: Crypto): Archive {
	const note = (key: string) => store.notes(key).find((found) => found.key === key)?.value;
	const chain = note('chain');
	if (!chain) throw new StorageError('storage_foreign', 'No relay has written to it.');
	const key = note('key/public');
	return {
		kind: 'relay',
		chain: fromUtf8(chain),
		device: key && deviceIdOf(key, crypto.sha256),
		epochs: async () =>
			inOrder(
				[...store.epochs()].map(({ record: { id, name } }) => {
					const row = store.runs(id, 0, 1)[0]?.entries[0];
					return { id, name, firstMs: row ? entryMs(row) : 0 };
				}),
			),
		rows: async (epoch) => readRows(store, epoch),
		checkpoints: async () => [...store.points()].map(({ ledger }) => ledger),
		checkpoint: async (ledger) => {
			const bytes = store.point(ledger);
			const checkpoint = bytes && decodeCheckpoint(bytes);
			if (!checkpoint) throw new StorageError('storage_corrupt', `The checkpoint of ${ledger} cannot be read.`);
			return checkpoint;
		},
	};
}

function readRows(store: ReadingRows, epoch: EpochId): ArchivedRows {
	const rows: Uint8Array[] = [];
	const seals: Seal[] = [];
	for (;;) {
		const runs = store.runs(epoch, rows.length, runsMost);
		if (runs.length === 0) return { rows, seals };
		for (const { entries, signature } of runs) {
			rows.push(...entries);
			if (signature) seals.push({ epoch, count: rows.length, signature });
		}
	}
}
