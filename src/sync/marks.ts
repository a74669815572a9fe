import { equalBytes } from '../base/bytes.js';
import type { EpochId, Position } from '../base/ids.js';

/** What of a chain hash goes with a head: enough to see that two sides hold other rows at the same places (JRN8). */
export const markBytes = 8;

export const markOf = (hash: Uint8Array): Uint8Array => hash.subarray(0, markBytes);

/** Marks of the sender's heads, in their order. */
export function marksOf(rows: readonly Position[], mark: (at: Position) => Uint8Array): Uint8Array {
	const marks = new Uint8Array(rows.length * markBytes);
	rows.forEach((at, i) => {
		marks.set(mark(at), i * markBytes);
	});
	return marks;
}

/** To look at rows further back costs their hashes: so many of a frame's heads are. */
const furtherBackMax = 32;

/** Epochs of which a peer holds other rows than are held here. */
export function* differing(
	rows: readonly Position[],
	marks: Uint8Array,
	held: (epoch: EpochId) => number,
	mark: (at: Position) => Uint8Array | undefined,
): Iterable<EpochId> {
	if (marks.length !== rows.length * markBytes) return;
	let furtherBack = 0;
	for (const [i, at] of rows.entries()) {
		if (at.count < held(at.epoch) && furtherBack++ >= furtherBackMax) continue;
		const ours = mark(at);
		if (ours && !equalBytes(ours, marks.subarray(i * markBytes, (i + 1) * markBytes))) yield at.epoch;
	}
}
