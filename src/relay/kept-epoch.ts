import { assert } from '../base/assert.js';
import type { EpochId } from '../base/ids.js';
import type { HeldEpoch } from '../journal/admission.js';
import { decodeEntry, entryMs } from '../journal/entry.js';
import type { EpochName } from '../journal/epoch.js';
import { chainNext, chainStart, type Sha256 } from '../journal/seal.js';
import type { Opening } from '../journal/warden.js';
import type { EpochRecord, EpochTip, RowStore, RunRecord } from './row-store.js';

/** Runs that are read at once. */
const spanRuns = 16;

/** What a relay has in memory of an epoch: how far it goes. Its rows are in the store, or on their way there. */
export class KeptEpoch implements HeldEpoch {
	readonly record: EpochRecord;
	/** Rows admitted: on disk, and on their way. */
	count = 0;
	/** Chain hash and bytes at `count`. */
	hash: Uint8Array;
	bytes = 0;
	/** Rows on disk. */
	durable = 0;
	/** Rows on disk and under a seal: those that may travel (JRN8). */
	sealed = 0;
	readonly #store: RowStore;
	readonly #sha256: Sha256;
	/** Admitted and not on disk yet. */
	readonly #landing: RunRecord[] = [];
	/** The row whose place was asked for last. */
	#placed = { row: 0, seq: 0 };

	constructor(record: EpochRecord, store: RowStore, sha256: Sha256) {
		this.record = record;
		this.#store = store;
		this.#sha256 = sha256;
		this.hash = chainStart(record.name, sha256);
	}

	get id(): EpochId {
		return this.record.id;
	}

	get name(): EpochName {
		return this.record.name;
	}

	/** Its credential stands in its first row, and is read from there when somebody asks by which right it is written. */
	get open(): Opening {
		const { key } = this.record;
		const credential = () => this.#credential();
		return {
			key,
			get credential() {
				return credential();
			},
		};
	}

	#credential(): Uint8Array | undefined {
		const [row] = this.span(0, 1);
		const leg = row && decodeEntry(row)?.legs[0];
		return leg?.kind === 'open' ? leg.credential : undefined;
	}

	/** Takes over what is stored. */
	recall({ count, hash, bytes, sealed }: EpochTip): void {
		this.count = count;
		this.hash = hash;
		this.bytes = bytes;
		this.durable = count;
		this.sealed = sealed;
	}

	admit(run: RunRecord): void {
		assert(run.from === this.count, 'SYN1', `run ${run.from} of epoch ${this.id} after row ${this.count}`);
		this.count += run.entries.length;
		this.hash = run.hash;
		this.bytes = run.bytes;
		this.#landing.push(run);
	}

	/** The oldest run that was under way is on disk. */
	land(run: RunRecord): void {
		assert(this.#landing.shift() === run, 'JRN3', `epoch ${this.id} landed out of order`);
		this.durable += run.entries.length;
		if (run.signature) this.sealed = this.durable;
	}

	span(from: number, to: number): readonly Uint8Array[] {
		const rows: Uint8Array[] = [];
		for (let at = from; at < to; )
			for (const run of this.runs(at, spanRuns)) {
				if (at >= to) break;
				const part = run.entries.slice(at - run.from, to - run.from);
				for (const row of part) rows.push(row);
				at += part.length;
			}
		return rows;
	}

	hashAt(count: number): Uint8Array {
		if (count === this.count) return this.hash;
		if (count === 0) return chainStart(this.name, this.#sha256);
		const run = this.#run(count - 1);
		if (run.from + run.entries.length === count) return run.hash;
		let hash = this.hashAt(run.from);
		for (const row of run.entries.slice(0, count - run.from)) hash = chainNext(hash, row, this.#sha256);
		return hash;
	}

	/** When a row was written, in milliseconds by its writer's clock. */
	timeAt(row: number): number {
		const [entry] = this.span(row, row + 1);
		return entry ? entryMs(entry) : 0;
	}

	/** The run that holds this row, and some of those after it: at least one, at most `most`. */
	runs(row: number, most: number): readonly RunRecord[] {
		assert(row < this.count, 'JRN10', `epoch ${this.id} has no row ${row}`);
		const runs =
			row < this.durable ? this.#store.runs(this.id, row, most) : this.#landing.filter((r) => row < endOf(r));
		assert(runs.length > 0, 'JRN3', `row ${row} of epoch ${this.id} is gone`);
		return runs;
	}

	/** Place of a row's run in the order of arrival. */
	seqOf(row: number): number {
		if (row === 0) return this.record.seq;
		// A peer that lacks rows is asked about again and again while others get theirs.
		if (this.#placed.row !== row)
			this.#placed = { row, seq: this.#store.place(this.id, row)?.seq ?? this.#run(row).seq };
		return this.#placed.seq;
	}

	#run(row: number): RunRecord {
		return this.runs(row, 1)[0] as RunRecord; // at least one
	}
}

const endOf = ({ from, entries }: RunRecord): number => from + entries.length;
