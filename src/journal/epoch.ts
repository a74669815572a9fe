import { first53Bits, fromUtf8, utf8 } from '../base/bytes.js';
import type { DeviceId, EpochId, LedgerName } from '../base/ids.js';
import { limits } from '../base/limits.js';

/** What the root name of an epoch's array says: who writes it, and in which opening. */
export interface EpochRoot {
	readonly device: DeviceId;
	/** A random number from 1 to 2^53 - 1, in lower-case base 36 without leading zeros. Fresh for every epoch (JRN6). */
	readonly nonce: string;
}

/** Everything that an epoch's id is derived from. */
export interface EpochName extends EpochRoot {
	readonly ledger: LedgerName;
	/** Number of the segment in its ledger, from 0. */
	readonly segment: number;
}

/** Name of the `Y.Array` that holds an epoch's entries. */
export function rootName(name: EpochRoot): string {
	return `j/${name.device}/${name.nonce}`;
}

/** Name (guid) of the `Y.Doc` of a segment. */
export function segmentName(ledger: LedgerName, segment: number): string {
	return `${ledger}#${segment}`;
}

/**
 * The Yjs client id of an epoch: the first 53 bits of SHA-256 of `<ledger>#<segment>/<device>/<nonce>`.
 * Whoever claims an id must show the name it comes from, so no device can sit on another's id, nor carry one of its
 * own from one segment into the next (JRN6).
 */
export function epochIdOf(name: EpochName, sha256: (bytes: Uint8Array) => Uint8Array): EpochId {
	return first53Bits(sha256(utf8(`${segmentName(name.ledger, name.segment)}/${name.device}/${name.nonce}`)));
}

const slash = 0x2f;

/**
 * Reads `bytes[start, end)` as a root name. Undefined unless `rootName` would have written exactly these bytes: `j/`, a
 * device of 1 to `limits.nameBytes` bytes of UTF-8 without slash or control characters, a slash, a canonical nonce.
 */
export function readRootName(bytes: Uint8Array, start: number, end: number): EpochRoot | undefined {
	if (end - start < 5 || bytes[start] !== 0x6a || bytes[start + 1] !== slash) return undefined;
	const deviceStart = start + 2;
	const deviceEnd = bytes.indexOf(slash, deviceStart);
	if (deviceEnd <= deviceStart || deviceEnd >= end || deviceEnd - deviceStart > limits.nameBytes) return undefined;
	const nonce = readNonce(bytes, deviceEnd + 1, end);
	if (nonce === undefined) return undefined;
	const device = readPrintable(bytes, deviceStart, deviceEnd);
	return device === undefined ? undefined : { device, nonce };
}

function readNonce(bytes: Uint8Array, start: number, end: number): string | undefined {
	// The largest, 2gosa7pa2gv, has 11 digits.
	if (end === start || end - start > 11 || bytes[start] === 0x30) return undefined;
	let value = 0;
	for (let at = start; at < end; at++) {
		const byte = bytes[at] as number; // at < end <= length
		if (byte >= 0x30 && byte <= 0x39) value = value * 36 + byte - 0x30;
		else if (byte >= 0x61 && byte <= 0x7a) value = value * 36 + byte - 0x61 + 10;
		else return undefined;
	}
	return value <= Number.MAX_SAFE_INTEGER ? value.toString(36) : undefined;
}

const control = /\p{Cc}/u;

function readPrintable(bytes: Uint8Array, start: number, end: number): string | undefined {
	try {
		const text = fromUtf8(bytes.subarray(start, end));
		return control.test(text) ? undefined : text;
	} catch {
		// The strict decoder throws on bytes that are not UTF-8: this is no name.
		return undefined;
	}
}
