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
import { createDecoder, hasContent, readUint8 } from 'lib0/decoding';
import { encode, writeUint8 } from 'lib0/encoding';
import { byte, bytes, fixed, flag, list, number, record, text, variants } from '../base/codec.js';
import type { DeviceId, LedgerName, PoolId, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
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

const heads = record<LedgerHeads>({ ledger: text, rows: positions, covered: positions, checkpoint: bytes });
const seal = record<Seal>({ epoch: number, count: number, signature: fixed(64) });

const frames = variants<Frame>({
	hello: [1, { version: number, chain: text, device: text, name: text, archive: flag, keeps: list(text) }],
	heads: [2, { answer: flag, ledgers: list(heads) }],
	update: [3, { ledger: text, segment: number, update: bytes, seals: list(seal) }],
	point: [4, { checkpoint: bytes }],
	ack: [5, { positions }],
	ask: [6, { id: text, ledger: text, pool: text, amount: number, to: text, hops: byte }],
});

export function encodeFrame(frame: Frame): Uint8Array {
	return encode((to) => {
		writeUint8(to, frames.code(frame.kind));
		frames.writeBody(to, frame);
	});
}

/** Undefined for anything that is no frame of this version. */
export function decodeFrame(frame: Uint8Array): Frame | undefined {
	if (frame.length > limits.frameBytes) return undefined;
	try {
		const from = createDecoder(frame);
		const decoded = frames.readBody(from, readUint8(from));
		return hasContent(from) ? undefined : decoded;
	} catch {
		// The decoders throw on bytes that end early: the bytes are no frame.
		return undefined;
	}
}
