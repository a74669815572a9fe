/**
 * An entry: one commit's part in one ledger, and one row of a journal.
 *
 *   entry  = version:u8(1) flags:u8 ms:varuint counter:varuint [parts] [relies] [key] leg*
 *   flags  = 1 parts follow | 2 relies follow | 4 key follows
 *   ms     = milliseconds since 2020-01-01T00:00Z; counter orders entries of one millisecond
 *   parts  = count:varuint (ledger:text epoch:varuint index:varuint)*     the commit's entries in other ledgers (JRN4)
 *   relies = count:varuint (epoch:varuint count:varuint)*                 heads whose grants this entry spends (JRN10)
 *   key    = key:text digest:16 bytes result:bytes                        idempotency (ESC8); result is JSON, may be empty
 *
 * Example, a spend of 2 from `stock/CUP-L`, one millisecond after the start of 2020:
 *   01 00 01 00 | 05 0d 0b 73 74 6f 63 6b 2f 43 55 50 2d 4c 02
 */
import { createDecoder, type Decoder, hasContent, readUint8 } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeUint8, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { earliestMs, latestMs, type Time } from '../base/clock.js';
import { fixed, readBytes, readList, text, writeBytes, writeList } from '../base/codec.js';
import type { Position } from '../base/ids.js';
import { readNumber } from '../base/number.js';
import type { Leg, Part } from './leg.js';
import { part, positions, readLeg, writeLeg } from './leg-codec.js';
import { readVarint } from './varint.js';

export const entryVersion = 1;

/** What makes a commit repeatable: the caller's key, the first 16 bytes of its content's SHA-256, the first result. */
export interface CommitKey {
	readonly key: string;
	readonly digest: Uint8Array;
	readonly result: Uint8Array;
}

export interface Entry {
	readonly time: Time;
	readonly parts: readonly Part[];
	readonly relies: readonly Position[];
	readonly key: CommitKey | undefined;
	readonly legs: readonly Leg[];
}

export const digestBytes = 16;
const digest = fixed(digestBytes);
const none: readonly never[] = [];

const encoder = createEncoder();

export function encodeEntry(entry: Entry): Uint8Array {
	encoder.cpos = 0;
	if (encoder.bufs.length > 0) encoder.bufs.length = 0;
	const { time, parts, relies, key } = entry;
	writeUint8(encoder, entryVersion);
	writeUint8(encoder, (parts.length > 0 ? 1 : 0) | (relies.length > 0 ? 2 : 0) | (key ? 4 : 0));
	writeVarUint(encoder, Math.max(0, time.ms - earliestMs));
	writeVarUint(encoder, time.counter);
	if (parts.length > 0) {
		writeList(encoder, parts, (each) => part.write(encoder, each));
	}
	if (relies.length > 0) positions.write(encoder, relies);
	if (key) {
		text.write(encoder, key.key);
		writeBytes(encoder, key.digest);
		writeVarUint8Array(encoder, key.result);
	}
	for (const leg of entry.legs) writeLeg(encoder, leg);
	if (encoder.bufs.length === 0) return encoder.cbuf.slice(0, encoder.cpos);
	return toUint8Array(encoder);
}

/** Nothing is kept of `bytes`. Undefined for anything that is not exactly one entry of a known version. */
export function decodeEntry(bytes: Uint8Array): Entry | undefined {
	try {
		const from = createDecoder(bytes);
		if (readUint8(from) !== entryVersion) return undefined;
		const flags = readUint8(from);
		if (flags > 7) return undefined;
		const ms = readNumber(from) + earliestMs;
		if (ms > latestMs) return undefined;
		const counter = readNumber(from);
		const parts = flags & 1 ? readList(from, () => part.read(from)) : none;
		const relies = flags & 2 ? positions.read(from) : none;
		const key = flags & 4 ? readKey(from) : undefined;
		const legs: Leg[] = [];
		while (hasContent(from)) legs.push(readLeg(from));
		return { time: { ms, counter }, parts, relies, key, legs };
	} catch {
		// lib0 and the leg codec throw on bytes that end early or numbers past 2^53 - 1: the bytes are no entry.
		return undefined;
	}
}

/** Milliseconds of an encoded entry's time, without reading the rest. */
export function entryMs(bytes: Uint8Array): number {
	return earliestMs + Math.max(0, readVarint(bytes, 2));
}

function readKey(from: Decoder): CommitKey {
	return { key: text.read(from), digest: digest.read(from), result: readBytes(from) };
}
