import type { EpochId, LedgerName } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Epoch } from '../journal/journal.js';
import type { Seal } from '../journal/seal.js';
import { encodeUpdate, type Run } from '../journal/update.js';
import { encodeFrame } from './frames.js';

/** What goes into one update: runs of one segment, each closed by the seal beside it. */
export interface Batch {
	readonly segment: number;
	readonly runs: readonly Run[];
	readonly seals: readonly Seal[];
	/** Of the update, about. */
	readonly bytes: number;
}

/** Half of what the gate lets in: varints, roots and origins come on top of the entries. */
const batchBytesMax = limits.updateBytes / 2;
const itemBytes = 32;
const runBytes = 128;
/** A backlog's frame is not kept: hardly anybody else lacks just that. */
const keptBytesMax = 16 * 1024;

/** What was built last: what is new here goes to one peer after the other. */
let built: { readonly ledger: LedgerName; readonly batch: Batch; readonly frame: Uint8Array } | undefined;

/** The update frame of a batch: built once, however many it goes to. */
export function frameOf(ledger: LedgerName, batch: Batch): Uint8Array {
	if (built?.ledger === ledger && isSame(built.batch, batch)) return built.frame;
	const { segment, runs, seals } = batch;
	const frame = encodeFrame({ kind: 'update', ledger, segment, update: encodeUpdate(runs), seals });
	built = frame.length <= keptBytesMax ? { ledger, batch, frame } : undefined;
	return frame;
}

/** Under the very same seals lie the very same rows. */
function isSame(a: Batch, b: Batch): boolean {
	if (a.segment !== b.segment || a.runs.length !== b.runs.length || a.seals.length !== b.seals.length) return false;
	for (let i = 0; i < a.seals.length; i++) if (a.seals[i] !== b.seals[i]) return false;
	return a.runs.every(({ epoch, from, entries }, i) => {
		const other = b.runs[i];
		return other?.epoch === epoch && other.from === from && other.entries.length === entries.length;
	});
}

interface Candidate {
	readonly epoch: Epoch;
	from: number;
	seal: number;
}

/**
 * The next sealed rows beyond `sent`, of about `bytesMax` bytes but at least one run, oldest first: what an entry names
 * was written before it, so that a receiver can take them as they come (JRN10). A run ends where a seal stands (JRN8).
 */
export function nextBatch(
	epochs: Iterable<Epoch>,
	sent: (epoch: EpochId) => number,
	bytesMax: number,
): Batch | undefined {
	const candidates: Candidate[] = [];
	for (const epoch of epochs) {
		const from = sent(epoch.id);
		const at = epoch.seals.findIndex(({ count }) => count > from);
		// Others' rows are sealed from the first: what is not on this disk yet goes nowhere (JRN3).
		if (at >= 0 && (epoch.seals[at] as Seal).count <= epoch.durable) candidates.push({ epoch, from, seal: at });
	}
	if (candidates.length === 0) return undefined;
	const heap = candidates.length === 1 ? candidates : candidates.sort((a, b) => timeOf(a) - timeOf(b));
	const segment = heap[0]?.epoch.name.segment as number; // there is one
	const [runs, seals]: [Run[], Seal[]] = [[], []];
	let bytes = 0;
	for (const { epoch, from, seal: at } of heap) {
		if (epoch.name.segment !== segment) continue;
		const seal = epoch.seals[at] as Seal; // sealed > from
		const entries = epoch.rows.slice(from, seal.count);
		const more = entries.reduce((sum, row) => sum + row.length + itemBytes, runBytes);
		if (runs.length > 0 && bytes + more > Math.min(bytesMax, batchBytesMax)) break;
		runs.push({ epoch: epoch.id, name: epoch.name, from, entries });
		seals.push(seal);
		bytes += more;
	}
	return { segment, runs, seals, bytes };
}

/** When the next row was written, by its writer's clock, which runs after all that it knew of. */
function timeOf({ epoch, from }: Candidate): number {
	return epoch.timeAt(from);
}
