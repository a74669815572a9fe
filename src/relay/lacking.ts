import type { EpochId } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Seal } from '../journal/seal.js';
import type { Run } from '../journal/update.js';
import type { Batch } from '../sync/batches.js';
import type { KeptLedger } from './keeping.js';
import type { KeptEpoch } from './kept-epoch.js';
import type { RunRecord } from './row-store.js';

const batchBytesMax = limits.updateBytes / 2;
const itemBytes = 32;
const runBytes = 128;

/** An epoch with rows to send: its next one, and that row's place in the order of arrival. */
interface Candidate {
	readonly epoch: KeptEpoch;
	readonly from: number;
	readonly seq: number;
}

interface Taken {
	readonly epoch: KeptEpoch;
	readonly from: number;
	readonly ahead: Ahead;
	readonly entries: Uint8Array[];
	seal: Seal;
}

/** Runs that are read at once, twice as many each time. */
const readMin = 2;
const readMax = 32;

/** Reads the runs of one epoch one after the other, some ahead. */
class Ahead {
	readonly #epoch: KeptEpoch;
	#row: number;
	#runs: readonly RunRecord[] = [];
	#at = 0;
	#most = readMin;

	constructor(epoch: KeptEpoch, row: number) {
		this.#epoch = epoch;
		this.#row = row;
	}

	/** The run that holds the next row. */
	get #next(): RunRecord {
		if (this.#at === this.#runs.length) {
			this.#runs = this.#epoch.runs(this.#row, this.#most);
			this.#at = 0;
			this.#most = Math.min(readMax, this.#most * 2);
		}
		return this.#runs[this.#at] as RunRecord; // there is at least one
	}

	/** Its place in the order of arrival. */
	get seq(): number {
		return this.#next.seq;
	}

	/** Its rows from the next one on, and the seal over them if there is one. */
	take(): { readonly entries: readonly Uint8Array[]; readonly seal: Seal | undefined } {
		const { from, entries, signature } = this.#next;
		const rest = entries.slice(this.#row - from);
		this.#row = from + entries.length;
		this.#at++;
		return { entries: rest, seal: signature && { epoch: this.#epoch.id, count: this.#row, signature } };
	}
}

/** Differences that are remembered, of some 64 KiB each: a hundred tills that come back at once lack the same. */
const rememberedMax = 32;

/** Reads what peers lack back from the store. */
export class Differences {
	readonly #remembered = new Map<string, Batch>();

	/**
	 * The next sealed rows of a ledger beyond `sent`, as they once arrived: whatever a row names arrived before it, so that a
	 * receiver can take them as they come (JRN10). Of one segment, about `bytesMax` bytes, at least one sealed run; of these
	 * epochs only where given. Undefined when there are none.
	 */
	next(
		ledger: KeptLedger,
		sent: (epoch: EpochId) => number,
		bytesMax: number,
		among?: ReadonlySet<EpochId>,
	): Batch | undefined {
		const candidates = candidatesOf(ledger, sent, among);
		if (candidates.length === 0) return undefined;
		let key = `${ledger.name} ${bytesMax}`;
		for (const { epoch, from } of candidates) key += ` ${epoch.id}:${from}:${epoch.sealed}`;
		const known = this.#remembered.get(key);
		if (known) return known;
		const batch = readBatch(candidates, bytesMax);
		this.#remembered.set(key, batch);
		for (const oldest of this.#remembered.keys()) {
			if (this.#remembered.size <= rememberedMax) break;
			this.#remembered.delete(oldest);
		}
		return batch;
	}
}

function readBatch(candidates: Candidate[], bytesMax: number): Batch {
	const segment = (candidates[candidates.length - 1] as Candidate).epoch.name.segment; // at least one
	const taken = new Map<EpochId, Taken>();
	const most = Math.min(bytesMax, batchBytesMax);
	let bytes = 0;
	for (let next = candidates.pop(); next; next = candidates.pop()) {
		const { epoch, from } = next;
		if (epoch.name.segment !== segment) break;
		let known = taken.get(epoch.id);
		const ahead = known?.ahead ?? new Ahead(epoch, from);
		const run = sealedRun(ahead);
		const more = run.entries.reduce((sum, row) => sum + row.length + itemBytes, known ? 0 : runBytes);
		if (taken.size > 0 && bytes + more > most) break;
		bytes += more;
		if (known) {
			for (const row of run.entries) known.entries.push(row);
			known.seal = run.seal;
		} else {
			known = { epoch, from, ahead, ...run };
			taken.set(epoch.id, known);
		}
		const { count } = run.seal;
		if (count < epoch.sealed) insert(candidates, { epoch, from: count, seq: ahead.seq });
	}
	const runs: Run[] = [];
	const seals: Seal[] = [];
	for (const { epoch, from, entries, seal } of taken.values()) {
		runs.push({ epoch: epoch.id, name: epoch.name, from, entries });
		seals.push(seal);
	}
	return { segment, runs, seals, bytes };
}

/** Last come first: the next one is at the end. */
function candidatesOf(
	ledger: KeptLedger,
	sent: (epoch: EpochId) => number,
	among: ReadonlySet<EpochId> | undefined,
): Candidate[] {
	const candidates: Candidate[] = [];
	for (const id of among ?? ledger.epochs.keys()) {
		const epoch = ledger.epochs.get(id);
		const from = epoch ? sent(id) : 0;
		if (epoch && epoch.sealed > from) candidates.push(candidateAt(epoch, from));
	}
	return candidates.sort((a, b) => b.seq - a.seq);
}

const candidateAt = (epoch: KeptEpoch, from: number): Candidate => ({ epoch, from, seq: epoch.seqOf(from) });

function insert(candidates: Candidate[], candidate: Candidate): void {
	let at = candidates.length;
	while (at > 0 && (candidates[at - 1] as Candidate).seq < candidate.seq) at--; // at > 0
	candidates.splice(at, 0, candidate);
}

/** Up to the next seal, over runs of which only a first part could be taken once. */
function sealedRun(ahead: Ahead): { entries: Uint8Array[]; seal: Seal } {
	const all: Uint8Array[] = [];
	for (;;) {
		const { entries, seal } = ahead.take();
		for (const row of entries) all.push(row);
		if (seal) return { entries: all, seal };
	}
}
