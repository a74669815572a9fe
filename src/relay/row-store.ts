import type { EpochId, LedgerName, Position } from '../base/ids.js';
import type { EpochName } from '../journal/epoch.js';

/** What is known of an epoch beside its rows; it never changes. */
export interface EpochRecord {
	readonly id: EpochId;
	readonly name: EpochName;
	/** Of its `open` leg. */
	readonly key: Uint8Array;
	readonly prev: Position | null;
	/** How people call the device. */
	readonly title: string;
	/** Its device says that it is home of the ledger. */
	readonly home: boolean;
	/** Place of its first run in the order of arrival. */
	readonly seq: number;
}

/** Rows that came together: `from` up to `from + entries.length`. Runs of an epoch follow each other without a gap. */
export interface RunRecord {
	/** Place in the order of arrival, which is a causal order: what a row names came before it (JRN10). */
	readonly seq: number;
	readonly epoch: EpochId;
	readonly from: number;
	/** At least one. */
	readonly entries: readonly Uint8Array[];
	/** Chain hash after the last of them (JRN8). */
	readonly hash: Uint8Array;
	/** Seal over the epoch up to the last of them; undefined where only a first part of what was sealed could be taken. */
	readonly signature: Uint8Array | undefined;
	/** Bytes of the epoch's entries up to the last of them. */
	readonly bytes: number;
}

/** How far the stored runs of an epoch go. */
export interface EpochTip {
	readonly count: number;
	readonly hash: Uint8Array;
	readonly bytes: number;
	/** Rows under the newest seal. */
	readonly sealed: number;
}

export interface StoredEpoch {
	readonly record: EpochRecord;
	readonly tip: EpochTip;
}

/** Small things that a relay remembers under a name, such as its own key. */
export interface Note {
	readonly key: string;
	/** Undefined deletes it. */
	readonly value: Uint8Array | undefined;
}

/** A checkpoint of a ledger; the newest takes the place of the one before. */
export interface StoredPoint {
	readonly ledger: LedgerName;
	readonly bytes: Uint8Array;
}

/** What becomes durable together or not at all. */
export interface RowBatch {
	readonly epochs: readonly EpochRecord[];
	readonly runs: readonly RunRecord[];
	readonly points: readonly StoredPoint[];
	readonly notes: readonly Note[];
}

/**
 * Where a relay keeps rows: an append-only table of runs, a table of epochs, the newest checkpoints, and notes.
 *
 * A store guarantees:
 * 1. **Durable when resolved.** `write` resolves after the batch has been synced (JRN3). Batches that wait together may
 *    share one sync; they become durable in the order of their calls.
 * 2. **Fail-stop.** After a write failed, every later one rejects with the same failure (JRN5).
 * 3. **One writer.** A second opening of it is refused with `AlreadyOpen`.
 * 4. **Reads see what is durable**, are synchronous and small, and throw `storage_corrupt` where a record does not read
 *    back as written.
 */
export interface RowStore {
	/** Every epoch with how far its runs go, in order of arrival. */
	epochs(): Iterable<StoredEpoch>;
	points(): Iterable<StoredPoint>;
	/** The newest checkpoint of a ledger. */
	point(ledger: LedgerName): Uint8Array | undefined;
	/** Notes whose key begins so. */
	notes(prefix: string): readonly Required<Note>[];
	/** The run that holds row `row` of an epoch, and those after it, `most` in all; none past its end. */
	runs(epoch: EpochId, row: number, most: number): readonly RunRecord[];
	/** Of the first of them, without what it holds: where it begins, ends, and its place in the order of arrival. */
	place(epoch: EpochId, row: number): RunPlace | undefined;
	/** Place of the last run; 0 where there is none. */
	lastSeq(): number;
	write(batch: RowBatch): Promise<void>;
	/** On disk, as nearly as it can be told. */
	sizeBytes(): number;
	/** How long syncs took. */
	readonly syncs: SyncTimes;
	/** Waits for what is being written, then lets go. Idempotent. */
	close(): Promise<void>;
}

export interface RunPlace {
	readonly seq: number;
	readonly from: number;
	readonly to: number;
}

/** Milliseconds of each commit, in buckets: `counts[i]` took at most `bounds[i]`, the last count more than all. */
export interface SyncTimes {
	readonly bounds: readonly number[];
	readonly counts: readonly number[];
	/** All of them together. */
	readonly sum: number;
}
