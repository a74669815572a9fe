/**
 * Writes runs of entries as a Yjs update (V1), without Yjs. Rows are the truth; these bytes are how they travel.
 *
 *     update    = varint(groups) group* 00           the last byte is the empty delete set
 *     group     = varint(items) varint(client) varint(clock of the first item) item+
 *     first     = 03 01 varint(bytes) root entry     item 0 of an epoch: binary content, parent is the root named here
 *     following = 83 varint(client) varint(clock - 1) entry    binary content, origin is the item before it
 *     entry     = varint(bytes) bytes
 *
 * One group an epoch, client ids descending, every varint in its shortest form (see `varint.ts`). Client 77, device `a`,
 * nonce `1`, entries `2a` and `2b`:
 *
 *     01                                   one group
 *     02 4d 00                             two items of client 77 from clock 0
 *     03 01 05 6a 2f 61 2f 31 01 2a        root `j/a/1`, one byte: 2a
 *     83 4d 00 01 2b                       after (77, 0), one byte: 2b
 *     00                                   nothing deleted
 *
 * This is byte for byte what `Y.encodeStateAsUpdate(doc, stateVector)` gives for a document with that content, and
 * exactly what `gate.ts` lets in.
 */
import { assert } from '../base/assert.js';
import { utf8 } from '../base/bytes.js';
import type { EpochId } from '../base/ids.js';
import { type EpochRoot, rootName } from './epoch.js';
import { varintLength, writeVarint } from './varint.js';

/** Neighbouring entries of one epoch: rows `from`, `from + 1` ... */
export interface Run {
	readonly epoch: EpochId;
	/** Needed when `from` is 0, unused otherwise. */
	readonly name?: EpochRoot | undefined;
	readonly from: number;
	readonly entries: readonly Uint8Array[];
}

/** An update holds clocks below this. */
export const clockEnd = 2 ** 31;

const noRoot = new Uint8Array(0);

/**
 * One update of all `runs`, in any order, at most one an epoch. Runs without entries leave no trace; no runs at all give
 * `00 00`, as Yjs does. The size is not limited here: who sends it splits at `limits.updateBytes`.
 */
export function encodeUpdate(runs: readonly Run[]): Uint8Array {
	const groups = runs.filter((run) => run.entries.length > 0);
	if (groups.length > 1) groups.sort((a, b) => b.epoch - a.epoch);
	const roots = groups.map((run, i) => {
		assert(groups[i + 1]?.epoch !== run.epoch, 'JRN1', `two runs of epoch ${run.epoch} in one update`);
		assert(Number.isSafeInteger(run.epoch) && run.epoch > 0, 'JRN6', `${run.epoch} is no epoch`);
		assert(run.from + run.entries.length < clockEnd, 'JRN2', `epoch ${run.epoch} goes past clock 2^31`);
		if (run.from > 0) return noRoot;
		assert(run.name !== undefined, 'JRN6', `the first run of epoch ${run.epoch} has no name`);
		return utf8(rootName(run.name));
	});

	let size = varintLength(groups.length) + 1;
	for (let i = 0; i < groups.length; i++) size += groupLength(groups[i] as Run, roots[i] ?? noRoot); // i < length
	const update = new Uint8Array(size);
	let at = writeVarint(update, 0, groups.length);
	for (let i = 0; i < groups.length; i++) at = writeGroup(update, at, groups[i] as Run, roots[i] ?? noRoot); // likewise
	update[at++] = 0;
	assert(at === size, 'JRN2', `an update of ${size} bytes was written in ${at}`);
	return update;
}

function groupLength(run: Run, root: Uint8Array): number {
	const client = varintLength(run.epoch);
	let size = varintLength(run.entries.length) + client + varintLength(run.from);
	let clock = run.from;
	for (const entry of run.entries) {
		size += clock === 0 ? 2 + varintLength(root.length) + root.length : 1 + client + varintLength(clock - 1);
		size += varintLength(entry.length) + entry.length;
		clock++;
	}
	return size;
}

function writeGroup(update: Uint8Array, start: number, run: Run, root: Uint8Array): number {
	let at = writeVarint(update, start, run.entries.length);
	at = writeVarint(update, at, run.epoch);
	at = writeVarint(update, at, run.from);
	let clock = run.from;
	for (const entry of run.entries) {
		if (clock === 0) {
			update[at++] = 0x03;
			update[at++] = 0x01;
			at = writeVarint(update, at, root.length);
			update.set(root, at);
			at += root.length;
		} else {
			update[at++] = 0x83;
			at = writeVarint(update, at, run.epoch);
			at = writeVarint(update, at, clock - 1);
		}
		at = writeVarint(update, at, entry.length);
		update.set(entry, at);
		at += entry.length;
		clock++;
	}
	return at;
}
