/**
 * Frames between two replicas. One link carries all ledgers.
 *
 *   frame      = kind:u8 body
 *   hello (1)  = version:varuint chain:text device:text name:text flags:u8(1 archive) count keeps:text*
 *   heads (2)  = flags:u8(1 tell yours) count (ledger:text rows:positions covered:positions checkpoint:bytes)*
 *   update (3) = ledger:text segment:varuint update:bytes count (epoch:varuint count:varuint signature:64 bytes)*
 *   point (4)  = checkpoint:bytes
 *   ack (5)    = positions
 *   ask (6)    = id:text ledger:text pool:text amount:varuint to:text hops:u8
 *
 * `rows` is what the sender of heads holds of each epoch; `covered` what its checkpoint covers besides; `checkpoint` the
 * SHA-256 of that checkpoint's content, or empty. An `ack` names rows that are on its sender's disk.
 */
import {
	readUint8 as byte,
	createDecoder,
	type Decoder,
	hasContent,
	readUint8Array,
	readVarString as text,
} from 'lib0/decoding';
import {
	encode,
	writeUint8 as putByte,
	writeVarUint8Array as putBytes,
	writeVarUint as putNumber,
	writeVarString as putText,
	writeUint8Array,
} from 'lib0/encoding';
import { readBytes as bytes, readList } from '../base/codec.js';
import type { DeviceId, LedgerName, PoolId, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
import { readNumber as number } from '../base/number.js';
import { positions } from '../journal/leg-codec.js';
import type { Seal } from '../journal/seal.js';

export const protocolVersion = 1;

export interface Hello {
	readonly kind: 'hello';
	readonly version: number;
	readonly chain: string;
	readonly device: DeviceId;
	readonly name: string;
	/** Keeps every row: what it acknowledges, a checkpoint may cover (JRN11). */
	readonly archive: boolean;
	/** Patterns of the ledgers it keeps. */
	readonly keeps: readonly string[];
}

export interface LedgerHeads {
	readonly ledger: LedgerName;
	readonly rows: readonly Position[];
	readonly covered: readonly Position[];
	readonly checkpoint: Uint8Array;
}

export interface ShareAsk {
	readonly kind: 'ask';
	readonly id: string;
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	readonly amount: number;
	readonly to: DeviceId;
	/** How many more replicas may pass it on. */
	readonly hops: number;
}

export type Frame =
	| Hello
	/** `answer`: the sender does not know the other's heads yet. */
	| { readonly kind: 'heads'; readonly answer: boolean; readonly ledgers: readonly LedgerHeads[] }
	| {
			readonly kind: 'update';
			readonly ledger: LedgerName;
			readonly segment: number;
			readonly update: Uint8Array;
			readonly seals: readonly Seal[];
	  }
	| { readonly kind: 'point'; readonly checkpoint: Uint8Array }
	| { readonly kind: 'ack'; readonly positions: readonly Position[] }
	| ShareAsk;

export function encodeFrame(frame: Frame): Uint8Array {
	return encode((to) => {
		switch (frame.kind) {
			case 'hello':
				putByte(to, 1);
				putNumber(to, frame.version);
				for (const field of [frame.chain, frame.device, frame.name]) putText(to, field);
				putByte(to, frame.archive ? 1 : 0);
				putNumber(to, frame.keeps.length);
				for (const pattern of frame.keeps) putText(to, pattern);
				break;
			case 'heads':
				putByte(to, 2);
				putByte(to, frame.answer ? 1 : 0);
				putNumber(to, frame.ledgers.length);
				for (const heads of frame.ledgers) {
					putText(to, heads.ledger);
					positions.write(to, heads.rows);
					positions.write(to, heads.covered);
					putBytes(to, heads.checkpoint);
				}
				break;
			case 'update':
				putByte(to, 3);
				putText(to, frame.ledger);
				putNumber(to, frame.segment);
				putBytes(to, frame.update);
				putNumber(to, frame.seals.length);
				for (const seal of frame.seals) {
					putNumber(to, seal.epoch);
					putNumber(to, seal.count);
					writeUint8Array(to, seal.signature);
				}
				break;
			case 'point':
				putByte(to, 4);
				putBytes(to, frame.checkpoint);
				break;
			case 'ack':
				putByte(to, 5);
				positions.write(to, frame.positions);
				break;
			case 'ask':
				putByte(to, 6);
				for (const field of [frame.id, frame.ledger, frame.pool]) putText(to, field);
				putNumber(to, frame.amount);
				putText(to, frame.to);
				putByte(to, frame.hops);
		}
	});
}

/** Undefined for anything that is no frame of this version. */
export function decodeFrame(frame: Uint8Array): Frame | undefined {
	if (frame.length > limits.frameBytes) return undefined;
	try {
		const from = createDecoder(frame);
		const decoded = readFrame(from);
		return hasContent(from) ? undefined : decoded;
	} catch {
		// The decoders throw on bytes that end early: the bytes are no frame.
		return undefined;
	}
}

function readFrame(from: Decoder): Frame | undefined {
	switch (byte(from)) {
		case 1: {
			const [version, chain, device, name, flags] = [number(from), text(from), text(from), text(from), byte(from)];
			return {
				kind: 'hello',
				version,
				chain,
				device,
				name,
				archive: (flags & 1) === 1,
				keeps: readList(from, () => text(from)),
			};
		}
		case 2:
			return {
				kind: 'heads',
				answer: (byte(from) & 1) === 1,
				ledgers: readList(from, () => ({
					ledger: text(from),
					rows: positions.read(from),
					covered: positions.read(from),
					checkpoint: bytes(from),
				})),
			};
		case 3:
			return {
				kind: 'update',
				ledger: text(from),
				segment: number(from),
				update: bytes(from),
				seals: readList(from, () => ({
					epoch: number(from),
					count: number(from),
					signature: readUint8Array(from, 64).slice(),
				})),
			};
		case 4:
			return { kind: 'point', checkpoint: bytes(from) };
		case 5:
			return { kind: 'ack', positions: positions.read(from) };
		case 6:
			return {
				kind: 'ask',
				id: text(from),
				ledger: text(from),
				pool: text(from),
				amount: number(from),
				to: text(from),
				hops: byte(from),
			};
		default:
			return undefined;
	}
}
