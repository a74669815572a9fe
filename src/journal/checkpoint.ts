/**
 * A checkpoint: the figures of a closed cut of one ledger, written by its home (JRN11).
 *
 *   checkpoint = content:bytes key:bytes signature:bytes
 *   content    = version:u8(1) ledger:text cut needs fences figures:bytes
 *   cut        = count (device:text count (epoch:varuint count:varuint flags:u8 [prev] [hash:32 bytes])*)*
 *                flags: 1 no predecessor | 2 predecessor given as epoch and count | 4 hash follows;
 *                without 1 and 2 the predecessor is the whole epoch before it in the list
 *   needs      = count (ledger:text positions)*       parts in other ledgers that the figures counted
 *   fences     = count (device:text positions)*
 *
 * Everything is in one canonical order, so that whoever has the rows computes the same content, byte for byte.
 * Epochs with a successor carry no hash: their successor's `open` names it.
 */
import { createDecoder, type Decoder, hasContent, readUint8, readUint8Array, readVarString } from 'lib0/decoding';
import {
	type Encoder,
	encode,
	writeUint8,
	writeUint8Array,
	writeVarString,
	writeVarUint,
	writeVarUint8Array,
} from 'lib0/encoding';
import { compareStrings } from '../base/bytes.js';
import { readBytes, readList } from '../base/codec.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { readNumber } from '../base/number.js';
import type { Crypto, KeyPair } from '../ports/index.js';
import { positions } from './leg-codec.js';

export interface CutEpoch extends Position {
	readonly device: DeviceId;
	readonly prev: Position | null;
	/** Chain hash at `count`; only where no other epoch of the cut goes on after it. */
	readonly hash: Uint8Array | undefined;
}

export interface Fence {
	readonly device: DeviceId;
	readonly heads: readonly Position[];
}

export interface CheckpointContent {
	readonly ledger: LedgerName;
	readonly cut: ReadonlyMap<EpochId, CutEpoch>;
	readonly needs: ReadonlyMap<LedgerName, readonly Position[]>;
	readonly fences: readonly Fence[];
	readonly figures: Uint8Array;
}

export interface Checkpoint extends CheckpointContent {
	/** Canonical bytes of everything above. */
	readonly content: Uint8Array;
	/** Public key of the home that wrote it, and its signature over the content. */
	readonly key: Uint8Array;
	readonly signature: Uint8Array;
}

const version = 1;
const text = writeVarString;
const number = writeVarUint;

const byEpoch = (a: Position, b: Position) => a.epoch - b.epoch;

export function encodeContent(c: CheckpointContent, startOf: (epoch: EpochId) => number): Uint8Array {
	return encode((to) => {
		writeUint8(to, version);
		text(to, c.ledger);
		writeCut(to, [...c.cut.values()], startOf);
		writeNamed(to, [...c.needs]);
		const fences = c.fences.map((f) => [f.device, f.heads] as const);
		writeNamed(to, fences);
		writeVarUint8Array(to, c.figures);
	});
}

function writeNamed(to: Encoder, named: readonly (readonly [string, readonly Position[]])[]): void {
	const sorted = named.map(([name, at]) => [name, [...at].sort(byEpoch)] as const);
	sorted.sort((a, b) => compareStrings(a[0], b[0]) || compareStrings(JSON.stringify(a[1]), JSON.stringify(b[1])));
	number(to, sorted.length);
	for (const [name, at] of sorted) {
		text(to, name);
		positions.write(to, at);
	}
}

function writeCut(to: Encoder, cut: readonly CutEpoch[], startOf: (epoch: EpochId) => number): void {
	const devices = new Map<DeviceId, { at: CutEpoch; start: number }[]>();
	for (const at of cut) {
		const list = devices.get(at.device);
		const placed = { at, start: startOf(at.epoch) };
		if (list) list.push(placed);
		else devices.set(at.device, [placed]);
	}
	number(to, devices.size);
	for (const [device, list] of [...devices].sort((a, b) => compareStrings(a[0], b[0]))) {
		list.sort((a, b) => a.start - b.start || a.at.epoch - b.at.epoch);
		text(to, device);
		number(to, list.length);
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
	number(to, at.epoch);
	number(to, at.count);
	writeUint8(to, (prev === null ? 1 : follows ? 0 : 2) | (hash ? 4 : 0));
	if (prev !== null && !follows) {
		number(to, prev.epoch);
		number(to, prev.count);
	}
	if (hash) writeUint8Array(to, hash);
}

function readCut(from: Decoder): Map<EpochId, CutEpoch> {
	const cut = new Map<EpochId, CutEpoch>();
	for (let devices = readNumber(from); devices > 0; devices--) {
		const device = readVarString(from);
		let before: Position | null = null;
		for (let epochs = readNumber(from); epochs > 0; epochs--) {
			const epoch = readNumber(from);
			const count = readNumber(from);
			const flags = readUint8(from);
			let prev: Position | null = flags & 1 ? null : before;
			if (flags & 2) prev = { epoch: readNumber(from), count: readNumber(from) };
			const hash = flags & 4 ? readUint8Array(from, 32).slice() : undefined;
			if (epoch < 1 || count < 1 || cut.has(epoch)) throw new RangeError('no cut');
			cut.set(epoch, { epoch, count, device, prev, hash });
			before = { epoch, count };
		}
	}
	return cut;
}

function readNamed(from: Decoder): [string, readonly Position[]][] {
	return readList(from, () => [readVarString(from), positions.read(from)]);
}

export function encodeCheckpoint(c: Checkpoint): Uint8Array {
	return encode((to) => {
		writeVarUint8Array(to, c.content);
		writeVarUint8Array(to, c.key);
		writeVarUint8Array(to, c.signature);
	});
}

/** Undefined for anything that is not a checkpoint of a known version. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint | undefined {
	try {
		const outer = createDecoder(bytes);
		const content = readBytes(outer);
		const key = readBytes(outer);
		const signature = readBytes(outer);
		const from = createDecoder(content);
		if (readUint8(from) !== version) return undefined;
		const ledger = readVarString(from);
		const cut = readCut(from);
		const needs = new Map(readNamed(from));
		const fences = readNamed(from).map(([device, heads]) => ({ device, heads }));
		const figures = readBytes(from);
		if (hasContent(from) || hasContent(outer)) return undefined;
		return { ledger, cut, needs, fences, figures, content, key, signature };
	} catch {
		// The decoders throw on bytes that end early: the bytes are no checkpoint.
		return undefined;
	}
}

const sealed = (content: Uint8Array, crypto: Crypto) =>
	encode((to) => {
		text(to, 'tillmesh/checkpoint/1');
		writeUint8Array(to, crypto.sha256(content));
	});

export async function sealCheckpoint(
	crypto: Crypto,
	pair: KeyPair,
	c: CheckpointContent,
	startOf: (epoch: EpochId) => number,
): Promise<Checkpoint> {
	const content = encodeContent(c, startOf);
	return { ...c, content, key: pair.publicKey, signature: await crypto.sign(pair, sealed(content, crypto)) };
}

export function verifyCheckpoint(crypto: Crypto, c: Checkpoint): Promise<boolean> {
	return crypto.verify(c.key, sealed(c.content, crypto), c.signature);
}
