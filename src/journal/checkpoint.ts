/**
 * A checkpoint: the figures of a closed cut of one ledger, written by its home (JRN11).
 *
 *   checkpoint = content:bytes key:bytes signature:bytes [credential:bytes]
 *   content    = version:u8(1) ledger:text cut needs fences figures:bytes
 *   cut        = count (device:text count (epoch:varuint count:varuint flags:u8 [prev] [hash:32 bytes])*)*
 *                flags: 1 no predecessor | 2 predecessor given as epoch and count | 4 hash follows;
 *                without 1 and 2 the predecessor is the whole epoch before it in the list
 *   needs      = count (ledger:text count (device:text positions)*)*
 *                parts in other ledgers that the figures counted, and who wrote them: a fence may have ended the wait for them
 *   fences     = count (device:text positions)*
 *
 * Everything is in one canonical order, so that whoever has the rows computes the same content, byte for byte.
 * Epochs with a successor carry no hash: their successor's `open` names it.
 */
import { createDecoder, type Decoder, hasContent } from 'lib0/decoding';
import type { Encoder } from 'lib0/encoding';
import { compareStrings } from '../base/bytes.js';
import {
	byte,
	bytes,
	bytesAtEnd,
	encoded,
	type Field,
	fixed,
	list,
	number,
	record,
	text,
	writeBytes,
} from '../base/codec.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { readNumber } from '../base/number.js';
import type { Crypto } from '../ports/index.js';
import type { EnrolledKeys } from '../trust/credential.js';
import { position, positions } from './leg-codec.js';

export interface CutEpoch extends Position {
	readonly device: DeviceId;
	readonly prev: Position | null;
	/** Chain hash at `count`; only where no other epoch of the cut goes on after it. */
	readonly hash: Uint8Array | undefined;
}

/** A device retired, and its journals as they were known then (ESC6). */
export interface Fence {
	readonly device: DeviceId;
	readonly heads: readonly Position[];
}

/** Parts in another ledger, up to a position; its epoch may be known to nobody any more, so it says whose it is. */
export interface Need extends Position {
	readonly device: DeviceId;
}

export interface CheckpointContent {
	readonly ledger: LedgerName;
	readonly cut: ReadonlyMap<EpochId, CutEpoch>;
	readonly needs: ReadonlyMap<LedgerName, readonly Need[]>;
	readonly fences: readonly Fence[];
	readonly figures: Uint8Array;
}

export interface Checkpoint extends CheckpointContent {
	/** Canonical bytes of everything above. */
	readonly content: Uint8Array;
	/** Public key of the home that wrote it, and its signature over the content. */
	readonly key: Uint8Array;
	readonly signature: Uint8Array;
	/** What proves that it may; absent where the chain has no root key. */
	readonly credential?: Uint8Array | undefined;
}

const version = 1;

interface Named {
	readonly name: string;
	readonly at: readonly Position[];
}
const named = list(record<Named>({ name: text, at: positions }));
const needed = list(
	record<{ readonly ledger: LedgerName; readonly by: readonly Named[] }>({ ledger: text, by: named }),
);
const hashOf = fixed(32);
const outer = record<Pick<Checkpoint, 'content' | 'key' | 'signature' | 'credential'>>({
	content: bytes,
	key: bytes,
	signature: bytes,
	credential: bytesAtEnd as Field<Uint8Array>, // absent is written as nothing
});

function inOrder(all: readonly Named[]): Named[] {
	const sorted = all.map(({ name, at }) => ({ name, at: [...at].sort((a, b) => a.epoch - b.epoch) }));
	const line = (each: Named) => `${each.name} ${JSON.stringify(each.at)}`;
	return sorted.sort((a, b) => compareStrings(line(a), line(b)));
}

function byDevice(needs: readonly Need[]): Named[] {
	const devices = new Map<DeviceId, Position[]>();
	for (const { device, epoch, count } of needs) devices.set(device, [...(devices.get(device) ?? []), { epoch, count }]);
	return [...devices].map(([name, at]) => ({ name, at }));
}

export function encodeContent(c: CheckpointContent, startOf: (epoch: EpochId) => number): Uint8Array {
	return encoded((to) => {
		byte.write(to, version);
		text.write(to, c.ledger);
		writeCut(to, [...c.cut.values()], startOf);
		const needs = [...c.needs].map(([ledger, of]) => ({ ledger, by: inOrder(byDevice(of)) }));
		needed.write(
			to,
			needs.sort((a, b) => compareStrings(a.ledger, b.ledger)),
		);
		named.write(to, inOrder(c.fences.map(({ device, heads }) => ({ name: device, at: heads }))));
		bytes.write(to, c.figures);
	});
}

function writeCut(to: Encoder, cut: readonly CutEpoch[], startOf: (epoch: EpochId) => number): void {
	const devices = new Map<DeviceId, { at: CutEpoch; start: number }[]>();
	for (const at of cut) {
		const list = devices.get(at.device);
		const placed = { at, start: startOf(at.epoch) };
		if (list) list.push(placed);
		else devices.set(at.device, [placed]);
	}
	number.write(to, devices.size);
	for (const [device, list] of [...devices].sort((a, b) => compareStrings(a[0], b[0]))) {
		list.sort((a, b) => a.start - b.start || a.at.epoch - b.at.epoch);
		text.write(to, device);
		number.write(to, list.length);
		let before: CutEpoch | undefined;
		for (const { at } of list) {
			writeCutEpoch(to, at, before);
			before = at;
		}
	}
}

function writeCutEpoch(to: Encoder, at: CutEpoch, before: CutEpoch | undefined): void {
	const { prev, hash } = at;
	const follows = prev !== null && before?.epoch === prev.epoch && before.count === prev.count;
	position.write(to, at);
	byte.write(to, (prev === null ? 1 : follows ? 0 : 2) | (hash ? 4 : 0));
	if (prev !== null && !follows) position.write(to, prev);
	if (hash) hashOf.write(to, hash);
}

function readCut(from: Decoder): Map<EpochId, CutEpoch> {
	const cut = new Map<EpochId, CutEpoch>();
	for (let devices = number.read(from); devices > 0; devices--) {
		const device = text.read(from);
		let before: Position | null = null;
		for (let epochs = number.read(from); epochs > 0; epochs--) {
			// By hand: a chain's cut has thousands of these, and a till reads them whenever it opens.
			const epoch = readNumber(from);
			const count = readNumber(from);
			const flags = byte.read(from);
			const prev: Position | null = flags & 2 ? position.read(from) : flags & 1 ? null : before;
			const hash = flags & 4 ? hashOf.read(from) : undefined;
			if (epoch < 1 || count < 1 || cut.has(epoch)) throw new RangeError('no cut');
			const at: CutEpoch = { epoch, count, device, prev, hash };
			cut.set(epoch, at);
			before = at;
		}
	}
	return cut;
}

export function encodeCheckpoint(c: Checkpoint): Uint8Array {
	return encoded((to) => outer.write(to, c));
}

/** Undefined for anything that is not a checkpoint of a known version. */
export function decodeCheckpoint(checkpoint: Uint8Array): Checkpoint | undefined {
	try {
		const whole = createDecoder(checkpoint);
		const { content, key, signature, credential } = outer.read(whole);
		const from = createDecoder(content);
		if (byte.read(from) !== version) return undefined;
		const ledger = text.read(from);
		const cut = readCut(from);
		const needs = new Map(
			needed
				.read(from)
				.map(({ ledger: other, by }) => [
					other,
					by.flatMap(({ name, at }) => at.map((to) => ({ ...to, device: name }))),
				]),
		);
		const fences = named.read(from).map(({ name, at }) => ({ device: name, heads: at }));
		const figures = bytes.read(from);
		if (hasContent(from) || hasContent(whole)) return undefined;
		return { ledger, cut, needs, fences, figures, content, key, signature, credential };
	} catch {
		// The decoders throw on bytes that end early: the bytes are no checkpoint.
		return undefined;
	}
}

const sealed = (content: Uint8Array, crypto: Crypto) =>
	encoded((to) => {
		text.write(to, 'tillmesh/checkpoint/1');
		writeBytes(to, crypto.sha256(content));
	});

export async function sealCheckpoint(
	crypto: Crypto,
	pair: EnrolledKeys,
	c: CheckpointContent,
	startOf: (epoch: EpochId) => number,
): Promise<Checkpoint> {
	const content = encodeContent(c, startOf);
	const signature = await crypto.sign(pair, sealed(content, crypto));
	return { ...c, content, key: pair.publicKey, signature, credential: pair.credential };
}

export function verifyCheckpoint(crypto: Crypto, c: Checkpoint): Promise<boolean> {
	return crypto.verify(c.key, sealed(c.content, crypto), c.signature);
}
