/**
 * The entries of a run as one byte sequence:
 *
 *   entries = (length:varint entry[length])*        no count before: they end where the bytes end
 */
import { readVarint, varintLength, writeVarint } from '../journal/varint.js';

export function packEntries(entries: readonly Uint8Array[]): Uint8Array {
	let size = 0;
	for (const { length } of entries) size += varintLength(length) + length;
	const packed = new Uint8Array(size);
	let at = 0;
	for (const entry of entries) {
		at = writeVarint(packed, at, entry.length);
		packed.set(entry, at);
		at += entry.length;
	}
	return packed;
}

/** Views on `packed`; undefined for bytes that `packEntries` does not write. */
export function unpackEntries(packed: Uint8Array): Uint8Array[] | undefined {
	const entries: Uint8Array[] = [];
	for (let at = 0; at < packed.length; ) {
		const length = readVarint(packed, at);
		if (length < 0) return undefined;
		const start = at + varintLength(length);
		at = start + length;
		if (at > packed.length) return undefined;
		entries.push(packed.subarray(start, at));
	}
	return entries;
}
