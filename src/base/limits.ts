import { BadArgument, LimitError } from './errors.js';

/** What one device may write. Crossing one throws `LimitError`; a peer's entry that crosses one is refused by the gate. */
export const limits = {
	/** One entry: a commit's part in one ledger. */
	entryBytes: 16 * 1024,
	/** Legs (operations) of one commit over all its ledgers. */
	commitLegs: 512,
	/** Ledgers that one commit touches. */
	commitLedgers: 16,
	/** UTF-8 bytes of a name: ledger, collection, key, document, idempotency key, device. */
	nameBytes: 256,
	/** One update as it travels. */
	updateBytes: 256 * 1024,
	/** One frame of a link. */
	frameBytes: 1024 * 1024,
	/** What says by which right somebody writes: it travels with every epoch. */
	credentialBytes: 8 * 1024,
	/** One checkpoint; it travels in pieces. */
	checkpointBytes: 16 * 1024 * 1024,
	/** Rows of a segment after which its home opens the next one. */
	segmentRows: 2048,
} as const;

/** Throws `BadArgument` unless `n` is an integer from 1 to 2^53 - 1 (ESC1). */
export function checkAmount(path: string, n: number): void {
	if (!Number.isSafeInteger(n) || n < 1)
		throw new BadArgument(path, `expected a whole number from 1 to 2^53 - 1, got ${n}.`);
}

// Control characters, and halves of surrogate pairs: the u flag makes a lone half match by itself.
const unprintable = /[\p{Cc}\p{Cs}]/u;

/** Throws unless `name` is a non-empty string of at most `limits.nameBytes` without control characters. */
export function checkName(path: string, name: string): void {
	if (typeof name !== 'string' || name.length === 0) throw new BadArgument(path, 'expected a non-empty string.');
	if (unprintable.test(name)) throw new BadArgument(path, 'expected well-formed text without control characters.');
	if (name.length * 3 > limits.nameBytes) {
		const bytes = new TextEncoder().encode(name).length;
		if (bytes > limits.nameBytes) throw new LimitError(path, limits.nameBytes, bytes);
	}
}
