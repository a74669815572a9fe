import type { EpochId } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Seal } from '../journal/seal.js';
import type { Run } from '../journal/update.js';
import type { Batch } from '../sync/batches.js';
import type { KeptLedger } from './keeping.js';
import type { KeptEpoch } from './kept-epoch.js';

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
	readonly entries: Uint8Array[];
	seal: Seal;
}

/**
 * The next sealed rows of a ledger beyond `sent`, as they once arrived: whatever a row names arrived before it, so that a
 * receiver can take them as they come (JRN10). Of one segment, about `bytesMax` bytes, at least one sealed run.
 */
export function lackingRows(
	ledger: KeptLedger,
	sent: (epoch: EpochId) => number,
	bytesMax: number,
	among?: ReadonlySet<EpochId>,
): Batch | undefined {
	const candidates = candidatesOf(ledger, sent, among);
	const segment = candidates[candidates.length - 1]?.epoch.name.segment;
	if (segment === undefined) return undefined;
	const taken = new Map<EpochId, Taken>();
	const most = Math.min(bytesMax, batchBytesMax);
	let bytes = 0;
	for (let next = candidates.pop(); next; next = candidates.pop()) {
		const { epoch, from } = next;
		if (epoch.name.segment !== segment) break;
		const run = sealedRun(epoch, from);
		const known = taken.get(epoch.id);
		const more = run.entries.reduce((sum, row) => sum + row.length + itemBytes, known ? 0 : runBytes);
		if (taken.size > 0 && bytes + more > most) break;
		bytes += more;
		if (known) {
			for (const row of run.entries) known.entries.push(row);
			known.seal = run.seal;
		} else taken.set(epoch.id, { epoch, from, ...run });
		if (run.seal.count < epoch.sealed) insert(candidates, candidateAt(epoch, run.seal.count));
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

/** From this row up to the next seal, over runs of which only a first part could be taken once. */
function sealedRun(epoch: KeptEpoch, from: number): { entries: Uint8Array[]; seal: Seal } {
	const entries: Uint8Array[] = [];
	for (;;) {
		const at = from + entries.length;
		const run = epoch.run(at);
		for (const row of run.entries.slice(at - run.from)) entries.push(row);
		const count = from + entries.length;
		if (run.signature) return { entries, seal: { epoch: epoch.id, count, signature: run.signature } };
	}
}
