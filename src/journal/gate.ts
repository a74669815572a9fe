/**
 * The gate: reads a Yjs update (V1) in one pass and lets in nothing but the grammar at the head of `update.ts`.
 *
 * Yjs believes what it is sent. Fifteen bytes with an item of length zero make a document unreadable for every newcomer,
 * and its own `decodeUpdate` can be made to disagree with `applyUpdate`, so it is no guard. Here a byte sequence has one
 * reading or none: whatever passes is what `encodeUpdate` writes for the runs found in it.
 *
 * The gate knows no state. Above it, the journal compares a run with what it holds (continuity, forks), the root with the
 * client id (`checkRoot`), and the hash chain with the seal. By induction a segment whose every update came through is
 * sound for every reader.
 *
 * It never throws. Time and memory are bounded by the length of the update, whatever its headers claim.
 */
import type { DeviceId, EpochId, LedgerName } from '../base/ids.js';
import { limits } from '../base/limits.js';
import { type EpochRoot, epochIdOf, readRootName } from './epoch.js';
import { clockEnd } from './update.js';
import { readVarint, varintLength, varintNotMinimal, varintTruncated } from './varint.js';

/** Why an update was refused; `offset` in the verdict is where the offending field begins. */
export type GateRefusal =
	/** The update is longer than `limits.updateBytes`. */
	| 'too_large'
	/** The bytes end inside a field, or a header claims more groups or items than the rest could hold. */
	| 'truncated'
	/** A varint is longer than its number needs. */
	| 'varint_not_minimal'
	/** Something follows the delete set. */
	| 'trailing_bytes'
	/** Client ids do not strictly descend; the same client twice is one case. */
	| 'clients_disorder'
	/** A client id is 0 or above 2^53 - 1. */
	| 'client_range'
	/** A clock, or a clock plus its items, is not below 2^31. */
	| 'clock_range'
	/** A count of groups or items, or a length, is above 2^53 - 1. */
	| 'count_range'
	/** A group without items. */
	| 'empty'
	/** A struct that holds no item: a skip or a garbage-collected range. */
	| 'skip_or_gc'
	/** An item whose content is not binary: text, JSON, any, types, embeds, formats, sub-documents, deleted. */
	| 'not_binary_content'
	/** An item after the first whose origin is not exactly the one before it, or a first item that has an origin. */
	| 'wrong_origin'
	/** An item with a right origin. */
	| 'right_origin'
	/** An item with a key in its parent, as in a map. */
	| 'parent_key'
	/** The parent of a first item is not a root array with a well-formed name `j/<device>/<nonce>`. */
	| 'foreign_root'
	/** An entry is longer than `limits.entryBytes`. */
	| 'entry_too_large'
	/** The delete set is not empty. */
	| 'delete_set';

/** Neighbouring entries of one epoch, as found in an update. */
export interface GatedRun {
	readonly epoch: EpochId;
	/** Present exactly when `from` is 0. Its form is checked, its claim is not: see `checkRoot`. */
	readonly root: EpochRoot | undefined;
	readonly from: number;
	/** At least one. Views on the update's memory, plain `Uint8Array` whatever the update was: copy what is kept. */
	readonly entries: readonly Uint8Array[];
}

export type GateVerdict =
	| { readonly ok: true; readonly runs: readonly GatedRun[] }
	| { readonly ok: false; readonly code: GateRefusal; readonly offset: number };

/** Where the parser stands, and why it stopped there. */
interface Cursor {
	readonly bytes: Uint8Array;
	at: number;
	refusal: GateRefusal | undefined;
}

/** Info byte, client, clock, length: no item is shorter. */
const itemBytesMin = 4;
/** Items, client, clock and one item: no group is shorter. */
const groupBytesMin = 3 + itemBytesMin;

/**
 * Reads one update. An update with nothing in it (`00 00`) passes with no runs. `bytesMax` is for our own documents,
 * which may be larger than what travels at once.
 */
export function gateUpdate(update: Uint8Array, bytesMax: number = limits.updateBytes): GateVerdict {
	if (update.length > bytesMax) return { ok: false, code: 'too_large', offset: 0 };
	const cursor: Cursor = { bytes: update, at: 0, refusal: undefined };
	const groups = readNumber(cursor, 'count_range');
	if (groups * groupBytesMin > update.length - cursor.at) refuse(cursor, 'truncated');
	const runs: GatedRun[] = [];
	let client = Number.MAX_SAFE_INTEGER + 1;
	for (let i = 0; i < groups && cursor.refusal === undefined; i++) {
		const run = readGroup(cursor, client);
		if (run === undefined) break;
		client = run.epoch;
		runs.push(run);
	}
	if (cursor.refusal === undefined) readEnd(cursor);
	return cursor.refusal === undefined ? { ok: true, runs } : { ok: false, code: cursor.refusal, offset: cursor.at };
}

/**
 * Whether the client id of a run from 0 is the one its root's name gives in this segment. False for a run without a
 * root. The first run of an epoch that is not held yet must pass; later runs extend what passed.
 */
export function checkRoot(
	run: { readonly epoch: EpochId; readonly root: { readonly device: DeviceId; readonly nonce: string } | undefined },
	segment: { readonly ledger: LedgerName; readonly segment: number },
	sha256: (bytes: Uint8Array) => Uint8Array,
): boolean {
	const root = run.root;
	if (root === undefined) return false;
	const { ledger, segment: number } = segment;
	return run.epoch === epochIdOf({ ledger, segment: number, device: root.device, nonce: root.nonce }, sha256);
}

/** The first refusal stands; the parser goes nowhere after it. */
function refuse(cursor: Cursor, code: GateRefusal): undefined {
	if (cursor.refusal === undefined) cursor.refusal = code;
	return undefined;
}

/** -1 and a refusal when there is no well-formed number; `tooLarge` names the refusal of one past 2^53 - 1. */
function readNumber(cursor: Cursor, tooLarge: GateRefusal): number {
	const value = readVarint(cursor.bytes, cursor.at);
	if (value >= 0) {
		cursor.at += varintLength(value);
		return value;
	}
	if (value === varintTruncated) refuse(cursor, 'truncated');
	else refuse(cursor, value === varintNotMinimal ? 'varint_not_minimal' : tooLarge);
	return -1;
}

function readGroup(cursor: Cursor, clientBefore: number): GatedRun | undefined {
	const { bytes } = cursor;
	const start = cursor.at;
	const items = readNumber(cursor, 'count_range');
	if (items < 0) return undefined;
	if (items === 0 || items * itemBytesMin > bytes.length - cursor.at) {
		cursor.at = start;
		return refuse(cursor, items === 0 ? 'empty' : 'truncated');
	}
	const clientAt = cursor.at;
	const client = readNumber(cursor, 'client_range');
	if (client < 1 || client >= clientBefore) {
		if (client >= 0) cursor.at = clientAt;
		return refuse(cursor, client === 0 ? 'client_range' : 'clients_disorder');
	}
	const clockAt = cursor.at;
	const from = readNumber(cursor, 'clock_range');
	if (from < 0) return undefined;
	if (from + items >= clockEnd) {
		cursor.at = clockAt;
		return refuse(cursor, 'clock_range');
	}

	let root: EpochRoot | undefined;
	const entries: Uint8Array[] = [];
	const end = from + items;
	for (let clock = from; clock < end; clock++) {
		if (clock === 0) {
			root = readFirst(cursor);
			if (root === undefined) return undefined;
		} else if (!skipFollowing(cursor, client, clock)) return undefined;
		const length = readLength(cursor);
		if (length < 0) return undefined;
		entries.push(new Uint8Array(bytes.buffer, bytes.byteOffset + cursor.at, length));
		cursor.at += length;
	}
	return { epoch: client, root, from, entries };
}

/** Head of item 0: no origin, and the root that it lives in. */
function readFirst(cursor: Cursor): EpochRoot | undefined {
	const { bytes } = cursor;
	if (cursor.at >= bytes.length) return refuse(cursor, 'truncated');
	const info = bytes[cursor.at] as number; // at < length
	if (info !== 0x03) return refuse(cursor, info === 0x83 ? 'wrong_origin' : refusalOfInfo(info));
	cursor.at++;
	const parentAt = cursor.at;
	const parentIsRoot = readNumber(cursor, 'foreign_root');
	const length = parentIsRoot === 1 ? readNumber(cursor, 'foreign_root') : -1;
	if (length > bytes.length - cursor.at) refuse(cursor, 'truncated');
	if (cursor.refusal !== undefined) return undefined;
	const end = cursor.at + length;
	const root = length < 0 ? undefined : readRootName(bytes, cursor.at, end);
	cursor.at = root === undefined ? parentAt : end;
	return root ?? refuse(cursor, 'foreign_root');
}

/** Head of every later item: its origin is the item before it, and it says nothing else. */
function skipFollowing(cursor: Cursor, client: number, clock: number): boolean {
	const { bytes } = cursor;
	if (cursor.at >= bytes.length) {
		refuse(cursor, 'truncated');
		return false;
	}
	const info = bytes[cursor.at] as number; // at < length
	if (info !== 0x83) {
		refuse(cursor, info === 0x03 ? 'wrong_origin' : refusalOfInfo(info));
		return false;
	}
	cursor.at++;
	const originAt = cursor.at;
	const originClient = readNumber(cursor, 'wrong_origin');
	const originClock = originClient < 0 ? -1 : readNumber(cursor, 'wrong_origin');
	if (originClient === client && originClock === clock - 1) return true;
	if (cursor.refusal === undefined) cursor.at = originAt;
	refuse(cursor, 'wrong_origin');
	return false;
}

/** Length of an entry, checked against the limit and the bytes there are; -1 and a refusal otherwise. */
function readLength(cursor: Cursor): number {
	const start = cursor.at;
	const length = readNumber(cursor, 'count_range');
	if (length <= limits.entryBytes && length <= cursor.bytes.length - cursor.at) return length;
	cursor.at = start;
	refuse(cursor, length > limits.entryBytes ? 'entry_too_large' : 'truncated');
	return -1;
}

/** Names what is wrong with an info byte that is neither `03` nor `83`: content first, then its three flags. */
function refusalOfInfo(info: number): GateRefusal {
	const content = info & 0x1f;
	if (content === 0 || content === 10) return 'skip_or_gc';
	if (content !== 3) return 'not_binary_content';
	return (info & 0x40) !== 0 ? 'right_origin' : 'parent_key';
}

function readEnd(cursor: Cursor): void {
	const start = cursor.at;
	const deletes = readNumber(cursor, 'delete_set');
	if (deletes > 0) {
		cursor.at = start;
		refuse(cursor, 'delete_set');
	} else if (deletes === 0 && cursor.at !== cursor.bytes.length) refuse(cursor, 'trailing_bytes');
}
