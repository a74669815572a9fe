/**
 * The lines of an audit log, version 1: newline-delimited JSON (docs/AUDIT.md). Each is one function of what it tells, so
 * that whoever checks a log writes the line again from its bytes and compares the text.
 */

import { toBase64 } from '../base/base64.js';
import { fromUtf8, toHex, utf8 } from '../base/bytes.js';
import type { DeviceId, EpochId, LedgerName } from '../base/ids.js';
import type { Checkpoint } from '../journal/checkpoint.js';
import { encodeCheckpoint } from '../journal/checkpoint.js';
import type { Entry } from '../journal/entry.js';
import type { EpochName } from '../journal/epoch.js';
import { deviceIdOf, type Seal, type Sha256 } from '../journal/seal.js';
import { deedsOf, type Plain, plainEntry, spellEpoch } from './plain-entry.js';

export const auditVersion = 1;

export interface LogHeader {
	readonly chain: string;
	readonly source: 'till' | 'relay';
	/** Whose disk it was read from. */
	readonly device: DeviceId | undefined;
	/** Epochs with a row in this time; undefined: all. Milliseconds since 1970. */
	readonly fromMs: number | undefined;
	readonly toMs: number | undefined;
	readonly writtenMs: number;
}

export interface LogCounts {
	readonly epochs: number;
	readonly rows: number;
	readonly seals: number;
	readonly checkpoints: number;
}

export interface RowPlace {
	readonly epoch: EpochId;
	readonly name: EpochName;
	readonly index: number;
	/** How people call the device. */
	readonly title: string;
}

const sumBytes = 8;
const iso = (ms: number) => new Date(ms).toISOString();

/** What no signature speaks for ends in a sum of its own text, so that an accident is found in the very line. */
function summed(line: { readonly [key: string]: Plain }, sha256: Sha256): string {
	const text = JSON.stringify(line);
	return `${text.slice(0, -1)},"sum":"${toHex(sha256(utf8(text)).slice(0, sumBytes))}"}`;
}

/** Does the line end in the sum of its text? */
export function sumFits(line: string, sha256: Sha256): boolean {
	const tail = 2 * sumBytes + ',"sum":""}'.length;
	const text = `${line.slice(0, -tail)}}`;
	return line === `${text.slice(0, -1)},"sum":"${toHex(sha256(utf8(text)).slice(0, sumBytes))}"}`;
}

export function headerLine(header: LogHeader, sha256: Sha256): string {
	const { chain, source, device = null, fromMs, toMs, writtenMs } = header;
	return summed(
		{
			type: 'audit',
			version: auditVersion,
			chain,
			source,
			device,
			from: fromMs === undefined ? null : iso(fromMs),
			to: toMs === undefined ? null : iso(toMs),
			written: iso(writtenMs),
		},
		sha256,
	);
}

/** `rows` of the epoch follow; `unsealed` more were left out, since no signature speaks for them yet. */
export function epochLine(epoch: EpochId, name: EpochName, rows: number, unsealed: number, sha256: Sha256): string {
	const { ledger, segment, device, nonce } = name;
	return summed({ type: 'epoch', epoch: spellEpoch(epoch), ledger, segment, device, nonce, rows, unsealed }, sha256);
}

/** `hash` is the chain hash with this row. */
export function rowLine(place: RowPlace, bytes: Uint8Array, entry: Entry | undefined, hash: Uint8Array): string {
	const { epoch, name, index, title } = place;
	const { did, by } = entry ? deedsOf(entry) : { did: [], by: [] };
	return JSON.stringify({
		type: 'row',
		epoch: spellEpoch(epoch),
		row: index,
		at: entry ? iso(entry.time.ms) : null,
		ledger: name.ledger,
		device: name.device,
		name: title,
		did,
		by,
		entry: entry ? plainEntry(entry) : null,
		bytes: toBase64(bytes),
		hash: toBase64(hash),
	});
}

export function sealLine({ epoch, count, signature }: Seal): string {
	return JSON.stringify({ type: 'seal', epoch: spellEpoch(epoch), count, signature: toBase64(signature) });
}

/** With its bytes, from which its hash, its writer and what it covers are read. */
export function checkpointLine(checkpoint: Checkpoint, sha256: Sha256): string {
	const { ledger, content, key, cut } = checkpoint;
	return JSON.stringify({
		type: 'checkpoint',
		ledger,
		hash: hashOf(checkpoint, sha256),
		by: deviceIdOf(key, sha256),
		covers: [...cut.values()].map(({ device, epoch, count }) => ({ device, epoch: spellEpoch(epoch), count })),
		bytes: toBase64(encodeCheckpoint({ ...checkpoint, content })),
	});
}

/** By which people name a checkpoint: SHA-256 of its content, as hex. */
export const hashOf = ({ content }: Checkpoint, sha256: Sha256): string => toHex(sha256(content));

/** `digest` is that of all lines before; see `digestNext`. */
export function endLine({ epochs, rows, seals, checkpoints }: LogCounts, digest: Uint8Array, sha256: Sha256): string {
	return summed({ type: 'end', epochs, rows, seals, checkpoints, digest: toBase64(digest) }, sha256);
}

/** d(0) is 32 zero bytes; d(n) = SHA-256(d(n-1) || line n, without its line feed). */
export function digestNext(digest: Uint8Array, line: Uint8Array, sha256: Sha256): Uint8Array {
	const both = new Uint8Array(digest.length + line.length);
	both.set(digest);
	both.set(line, digest.length);
	return sha256(both);
}

export const digestStart = (): Uint8Array => new Uint8Array(32);

/** Undefined where the bytes are no JSON object on one line. */
export function readLine(bytes: Uint8Array): { readonly text: string; readonly fields: LineFields } | undefined {
	try {
		const text = fromUtf8(bytes);
		const fields: unknown = JSON.parse(text);
		return typeof fields === 'object' && fields !== null && !Array.isArray(fields)
			? { text, fields: fields as LineFields }
			: undefined;
	} catch {
		return undefined; // neither UTF-8 nor JSON
	}
}

/** Nothing of it is trusted. */
export type LineFields = Readonly<Record<string, unknown>>;

export const isLedger = (name: unknown): name is LedgerName => typeof name === 'string' && name.includes('/');
