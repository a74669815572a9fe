/**
 * How a replica lies in its storage: records of a key and a value that ends in a CRC-32 over key and value, so that a
 * flipped bit in either is seen (docs/FORMAT.md).
 *
 *   m/format            format:varuint chain:text
 *   m/device            count (secret:bytes publicKey:bytes credential:bytes)*    newest last; the others sealed what they wrote
 *   m/keeps             count ledger:text*      what it began to keep while it was open
 *   e/<epoch>           ledger:text segment:varuint device:text nonce:text
 *   r/<epoch>/<index>   an entry
 *   s/<epoch>/<count>   a seal's signature
 *   c/<ledger>          the adopted checkpoint
 *   w/<ledger>          count checkpoint:bytes*     what rows here go on after, while it waits to be adopted
 *   q/<slot>            ledger:text device:text reason:text ms:varuint     of rows that were refused, the newest of a kind
 *
 * Epochs and indexes are base 36, padded, so that their keys sort as their numbers do.
 */
import { createDecoder } from 'lib0/decoding';
import { bytes, bytesOrNone, encoded, type Field, list, number, record, text } from '../base/codec.js';
import { StorageError } from '../base/errors.js';
import type { EpochId, LedgerName } from '../base/ids.js';
import { type Checkpoint, encodeCheckpoint } from '../journal/checkpoint.js';
import type { EpochName } from '../journal/epoch.js';
import type { StoredRecord } from '../ports/index.js';
import type { EnrolledKeys } from '../trust/credential.js';

export const storageFormat = 1;

const pad = (n: number, width: number) => n.toString(36).padStart(width, '0');
/** An epoch's number, spelled once however many rows and seals it writes; those spelled longest ago go first. */
const spelled = new Map<EpochId, Spelled>();
const spelledMax = 256;

/** How the keys of an epoch's rows and seals begin. */
interface Spelled {
	readonly epoch: EpochId;
	readonly row: string;
	readonly seal: string;
}

let spelledLast: Spelled = { epoch: 0, row: '', seal: '' };

function spell(epoch: EpochId): Spelled {
	if (spelledLast.epoch === epoch) return spelledLast;
	let found = spelled.get(epoch);
	if (found === undefined) {
		const text = pad(epoch, 11);
		found = { epoch, row: `r/${text}/`, seal: `s/${text}/` };
		if (spelled.size >= spelledMax) for (const oldest of spelled.keys()) if (spelled.delete(oldest)) break;
		spelled.set(epoch, found);
	}
	spelledLast = found;
	return found;
}

const unpad = (text: string) => Number.parseInt(text, 36);

export const keys = {
	format: 'm/format',
	device: 'm/device',
	keeps: 'm/keeps',
	/** Of `tillmesh/encrypted`, which shows it to nobody: whoever sees it has opened the storage without its key. */
	encrypted: 'm/encrypted',
	epoch: (epoch: EpochId) => `e/${pad(epoch, 11)}`,
	row: (epoch: EpochId, index: number) => spell(epoch).row + pad(index, 6),
	seal: (epoch: EpochId, count: number) => spell(epoch).seal + pad(count, 6),
	refused: (slot: string) => `q/${slot}`,
	checkpoint: (ledger: LedgerName) => `c/${encodeURIComponent(ledger)}`,
	waiting: (ledger: LedgerName) => `w/${encodeURIComponent(ledger)}`,
	/** The two numbers of a row's or a seal's key. */
	parse: (key: string) => ({ epoch: unpad(key.slice(2, 13)), at: unpad(key.slice(14)) }),
};

const table = new Uint32Array(256).map((_, n) => {
	let c = n;
	for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
	return c;
});

function crc32(key: string, value: Uint8Array): number {
	let c = 0xffffffff;
	for (let i = 0; i < key.length; i++) c = (table[(c ^ key.charCodeAt(i)) & 255] as number) ^ (c >>> 8); // 256 entries
	for (let i = 0; i < value.length; i++) c = (table[(c ^ (value[i] as number)) & 255] as number) ^ (c >>> 8);
	return ~c >>> 0;
}

const pieceBytes = 16 * 1024;
let piece = new Uint8Array(pieceBytes);
let pieceEnd = 0;

/** A few bytes are quickly had. */
const fewBytes = 64;

/** Memory for a record, cut off a larger piece: it is on its way to the storage, which copies it, and gone soon. */
function memoryOf(length: number): Uint8Array {
	if (length <= fewBytes || length > pieceBytes / 8) return new Uint8Array(length);
	if (pieceEnd + length > pieceBytes) {
		piece = new Uint8Array(pieceBytes);
		pieceEnd = 0;
	}
	pieceEnd += length;
	return piece.subarray(pieceEnd - length, pieceEnd);
}

export function toRecord(key: string, value: Uint8Array): StoredRecord {
	const whole = memoryOf(value.length + 4);
	whole.set(value);
	const crc = crc32(key, value);
	for (let i = 0; i < 4; i++) whole[value.length + i] = crc >>> (24 - 8 * i);
	return { key, value: whole };
}

/** Throws `storage_corrupt` where the record does not read back as written. */
export function fromRecord({ key, value }: StoredRecord): Uint8Array {
	const length = value.length - 4;
	const body = value.subarray(0, length);
	let stored = length < 0 ? -1 : 0;
	for (let i = Math.max(0, length); i < value.length; i++) stored = stored * 256 + (value[i] as number); // i < length
	if (stored !== crc32(key, body)) throw corrupt(key, 'its checksum does not fit');
	return body;
}

export function corrupt(key: string, why: string): StorageError {
	return new StorageError('storage_corrupt', `Record ${key}: ${why}.`, { key, why });
}

/** Reads a record that passed its checksum; what cannot be read was written by something else. */
export function readRecord<T>(stored: StoredRecord, field: Field<T>): T {
	const from = createDecoder(fromRecord(stored));
	try {
		return field.read(from);
	} catch (error) {
		throw new StorageError('storage_corrupt', `Record ${stored.key} cannot be read.`, { key: stored.key }, error);
	}
}

export const formatField = record({ format: number, chain: text });
export const pairsField = list(
	record<EnrolledKeys>({
		secret: bytes,
		publicKey: bytes,
		credential: bytesOrNone as Field<Uint8Array>, // absent is written as empty
	}),
);
export const keepsField = list(text);
export const waitingField = list(bytes);
export const epochField = record<EpochName>({ ledger: text, segment: number, device: text, nonce: text });

export function formatRecord(chain: string): StoredRecord {
	return toRecord(
		keys.format,
		encoded((to) => formatField.write(to, { format: storageFormat, chain })),
	);
}

export function deviceRecord(pairs: readonly EnrolledKeys[]): StoredRecord {
	return toRecord(
		keys.device,
		encoded((to) => pairsField.write(to, pairs)),
	);
}

export function keepsRecord(ledgers: readonly LedgerName[]): StoredRecord {
	return toRecord(
		keys.keeps,
		encoded((to) => keepsField.write(to, ledgers)),
	);
}

export function epochRecord(epoch: EpochId, name: EpochName): StoredRecord {
	return toRecord(
		keys.epoch(epoch),
		encoded((to) => epochField.write(to, name)),
	);
}

export function waitingRecord(ledger: LedgerName, waiting: readonly Checkpoint[]): StoredRecord {
	return toRecord(
		keys.waiting(ledger),
		encoded((to) => waitingField.write(to, waiting.map(encodeCheckpoint))),
	);
}
