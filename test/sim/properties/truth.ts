import { equalBytes } from '../../../src/base/bytes.js';
import type { EpochId, Position } from '../../../src/base/ids.js';
import { decodeEntry } from '../../../src/journal/entry.js';
import type { EpochName } from '../../../src/journal/epoch.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import { epochField, fromRecord, keys, readRecord } from '../../../src/replica/records.js';
import type { WrittenEpoch } from '../../property/model/history.js';
import { Sums } from './sums.js';

/** Everything that an epoch ever said, in the order in which it was said. */
export interface TrueEpoch extends WrittenEpoch {
	prev: Position | null;
	/** Rows as they came to lie on the first disk, under their checksums: on every other they must be the same. */
	readonly stored: Uint8Array[];
}

/** A row that was seen for the first time. */
export interface NewRow {
	readonly written: TrueEpoch;
	readonly index: number;
}

/**
 * What nobody in the world can know: every row that was ever durable on any device's disk, and the naive sum over them.
 * It knows nothing of views, cuts and checkpoints, so that it cannot share their faults.
 */
export class Truth extends Sums {
	readonly epochs = new Map<EpochId, TrueEpoch>();
	/** Epochs that somebody wrote otherwise elsewhere: of them no more is known here than what came first. */
	readonly doubled = new Set<EpochId>();

	/** Takes in what a disk has just synced. Answers the rows that are new, and the place of one that was seen otherwise. */
	take(batches: readonly WriteBatch[]): {
		readonly fresh: readonly NewRow[];
		readonly rewritten: TrueEpoch | undefined;
	} {
		const fresh: NewRow[] = [];
		let rewritten: TrueEpoch | undefined;
		for (const { puts } of batches)
			for (const record of puts) {
				const { key } = record;
				if (key.startsWith('e/')) this.#name(keys.parse(key).epoch, readRecord(record, epochField));
				else if (key.startsWith('r/')) {
					const { epoch, at } = keys.parse(key);
					const written = this.epochs.get(epoch);
					const stored = written?.stored[at];
					if (stored && equalBytes(stored, record.value)) continue; // most have been seen on another disk
					const row = fromRecord(record);
					if (stored) rewritten ??= written;
					else if (written && this.#push(written, at, row, record.value)) fresh.push({ written, index: at });
				}
			}
		return { fresh, rewritten };
	}

	#name(id: EpochId, name: EpochName): void {
		if (this.epochs.has(id)) return;
		const { ledger, device } = name;
		this.epochs.set(id, { id, name, ledger, device, prev: null, entries: [], rows: [], stored: [] });
	}

	#push(written: TrueEpoch, at: number, row: Uint8Array, stored: Uint8Array): boolean {
		const entry = decodeEntry(row);
		if (at !== written.rows.length || !entry) return false;
		// Of the record's own bytes, which nobody else changes.
		written.rows.push(row);
		written.stored.push(stored);
		written.entries.push(entry);
		const [first] = entry.legs;
		if (at === 0 && first?.kind === 'open' && first.prev)
			written.prev = { epoch: first.prev.epoch, count: first.prev.count };
		this.fold(written, at);
		return true;
	}
}
