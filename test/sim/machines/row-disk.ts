import { AlreadyOpen, type FailureCode, StorageError } from '../../../src/base/errors.js';
import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import type {
	EpochRecord,
	EpochTip,
	Note,
	RowBatch,
	RowStore,
	RunPlace,
	RunRecord,
	StoredEpoch,
	StoredPoint,
	SyncTimes,
} from '../../../src/relay/row-store.js';
import type { Chance } from './chance.js';
import { OpenQueue, type SyncWatch } from './sync-queue.js';
import type { VirtualTime } from './time.js';

export interface RowDiskOptions {
	readonly time: VirtualTime;
	readonly chance: Chance;
	readonly syncMsMax: number;
	readonly watch: SyncWatch<RowBatch>;
}

interface Kept {
	readonly record: EpochRecord;
	readonly runs: RunRecord[];
}

/** The disk of a relay: what `RowStore` promises, by the same rules of loss as a device's `Disk`. */
export class RowDisk {
	readonly options: RowDiskOptions;
	readonly epochs = new Map<EpochId, Kept>();
	readonly points = new Map<LedgerName, Uint8Array>();
	readonly notes = new Map<string, Uint8Array>();
	lastSeq = 0;
	#open: OpenRowDisk | undefined;
	failNext: FailureCode | undefined;

	constructor(options: RowDiskOptions) {
		this.options = options;
	}

	open(): RowStore {
		if (this.#open) throw new AlreadyOpen('simulated rows', 'relay');
		this.failNext = undefined;
		const opened = new OpenRowDisk(this, () => {
			if (this.#open === opened) this.#open = undefined;
		});
		this.#open = opened;
		return opened;
	}

	get waiting(): number {
		return this.#open?.waiting ?? 0;
	}

	crash(survives: number): void {
		this.#open?.crash(survives);
		this.#open = undefined;
	}

	/** Rows of an epoch that are on it. */
	count(epoch: EpochId): number {
		const last = this.epochs.get(epoch)?.runs.at(-1);
		return last ? last.from + last.entries.length : 0;
	}

	apply({ epochs, runs, points, notes }: RowBatch): void {
		for (const record of epochs) this.epochs.set(record.id, { record, runs: [] });
		for (const run of runs) {
			this.epochs.get(run.epoch)?.runs.push(run);
			this.lastSeq = Math.max(this.lastSeq, run.seq);
		}
		for (const { ledger, bytes } of points) this.points.set(ledger, bytes);
		for (const { key, value } of notes) {
			if (value === undefined) this.notes.delete(key);
			else this.notes.set(key, value);
		}
	}
}

const noSyncs: SyncTimes = { bounds: [], counts: [0], sum: 0 };

class OpenRowDisk extends OpenQueue<RowBatch> implements RowStore {
	readonly syncs = noSyncs;
	readonly #disk: RowDisk;

	constructor(disk: RowDisk, letGo: () => void) {
		const fails = () => {
			const code = disk.failNext;
			disk.failNext = undefined;
			return code && new StorageError(code, 'The disk was made to fail.');
		};
		super({ ...disk.options, fails, apply: (batch) => disk.apply(batch) }, letGo);
		this.#disk = disk;
	}

	*epochs(): Iterable<StoredEpoch> {
		for (const { record, runs } of this.#disk.epochs.values()) yield { record, tip: tipOf(runs) };
	}

	*points(): Iterable<StoredPoint> {
		for (const [ledger, bytes] of this.#disk.points) yield { ledger, bytes };
	}

	point(ledger: LedgerName): Uint8Array | undefined {
		return this.#disk.points.get(ledger);
	}

	notes(prefix: string): readonly Required<Note>[] {
		return [...this.#disk.notes].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value }));
	}

	runs(epoch: EpochId, row: number, most: number): readonly RunRecord[] {
		const { runs = [] } = this.#disk.epochs.get(epoch) ?? {};
		const first = holding(runs, row);
		return first < 0 ? [] : runs.slice(first, first + most);
	}

	place(epoch: EpochId, row: number): RunPlace | undefined {
		const { runs = [] } = this.#disk.epochs.get(epoch) ?? {};
		const run = runs[holding(runs, row)];
		return run && { seq: run.seq, from: run.from, to: run.from + run.entries.length };
	}

	lastSeq(): number {
		return this.#disk.lastSeq;
	}

	sizeBytes(): number {
		return 0;
	}
}

/** Index of the run that holds a row; -1 past the end. Runs follow each other without a gap. */
function holding(runs: readonly RunRecord[], row: number): number {
	let [low, high] = [0, runs.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		const run = runs[middle] as RunRecord; // middle < length
		if (run.from + run.entries.length <= row) low = middle + 1;
		else high = middle;
	}
	return low < runs.length ? low : -1;
}

function tipOf(runs: readonly RunRecord[]): EpochTip {
	const last = runs.at(-1);
	if (!last) throw new StorageError('storage_corrupt', 'An epoch without rows.');
	let sealed = 0;
	for (let i = runs.length - 1; i >= 0 && sealed === 0; i--) {
		const run = runs[i] as RunRecord; // i < length
		if (run.signature) sealed = run.from + run.entries.length;
	}
	return { count: last.from + last.entries.length, hash: last.hash, bytes: last.bytes, sealed };
}
