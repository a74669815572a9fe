import type { EpochId } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Epoch } from '../journal/journal.js';
import type { Seal } from '../journal/seal.js';
import type { Run } from '../journal/update.js';

/** What goes into one update: runs of one segment, each closed by the seal beside it. */
export interface Batch {
	readonly segment: number;
	readonly runs: Run[];
	readonly seals: Seal[];
	bytes: number;
}

/** Half of what the gate lets in: varints, roots and origins come on top of the entries. */
const batchBytesMax = limits.updateBytes / 2;
const itemBytes = 32;
const runBytes = 128;

/** Everything sealed and not yet sent, as batches that each fit an update; a run ends where a seal stands (JRN8). */
export function* batchesOf(epochs: Iterable<Epoch>, sent: (epoch: EpochId) => number): Iterable<Batch> {
	const open = new Map<number, Batch>();
	for (const epoch of epochs) {
		const { segment } = epoch.name;
		let from = sent(epoch.id);
		for (const seal of epoch.seals) {
			if (seal.count <= from) continue;
			const entries = epoch.rows.slice(from, seal.count);
			const bytes = entries.reduce((sum, row) => sum + row.length + itemBytes, runBytes);
			let batch = open.get(segment);
			if (batch && (batch.bytes + bytes > batchBytesMax || batch.runs.at(-1)?.epoch === epoch.id)) {
				yield batch;
				batch = undefined;
			}
			batch ??= { segment, runs: [], seals: [], bytes: 0 };
			batch.runs.push({ epoch: epoch.id, name: epoch.name, from, entries });
			batch.seals.push(seal);
			batch.bytes += bytes;
			open.set(segment, batch);
			from = seal.count;
		}
	}
	yield* open.values();
}
