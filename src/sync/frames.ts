/**
 * Frames between two replicas. One link carries all ledgers.
 *
 *   frame        = kind:u8 body
 *   hello   (1)  = oldest:varuint newest:varuint chain:text device:text name:text key:32 nonce:16
 *                  opening:8 role:u8(0 device | 1 store | 2 hq) flags:u8(1 archive) count keeps:text* answers:bytes [credential:bytes]
 *   proof   (2)  = signature:64
 *   ping    (3)  = id:varuint timeMs:varuint
 *   pong    (4)  = id:varuint timeMs:varuint
 *   bye     (5)  = reason:text
 *   digests (6)  = flags:u8(1 tell yours) part:u8(1 others before | 2 others after) count (ledger:text digest:16)*
 *   heads   (7)  = flags:u8(1 tell yours | 2 there is no more) count (ledger:text rows:positions covered:positions checkpoint:bytes marks:bytes)*
 *   update  (8)  = ledger:text segment:varuint update:bytes count (epoch:varuint count:varuint signature:64)*
 *   point   (9)  = ledger:text id:32 bytes:varuint from:varuint piece:bytes
 *   ack    (10)  = ledger:text positions
 *   took   (11)  = ledger:text id:32 bytes:varuint
 *   reach  (12)  = tier:u8(1 copy | 2 store | 3 hq | 4 archive) ledger:text positions
 *   lost   (13)  = ledger:text positions
 *   ask    (14)  = id:text ledger:text pool:text amount:varuint need:varuint to:text donor:text hops:u8
 *   peers  (15)  = count (device:text name:text flags:u8(1 linked now) agoMs:varuint)*
 *   signal (16)  = from:text to:text message:bytes
 *
 * `hello` begins with `oldest` and `newest` in every version to come. `proof` signs what `handshake.ts` says. `rows` is what
 * the sender of heads holds of each epoch; `covered` what its checkpoint covers besides; `checkpoint` the SHA-256 of that
 * checkpoint's content, or empty. `point` is a piece of a checkpoint, `took` says how much of it is here. An `ack` names
 * rows that are on its sender's disk, a `reach` rows that are on other disks, a `lost` rows that the receiver once acknowledged.
 */
import { createDecoder, hasContent, readUint8 } from 'lib0/decoding';
import { writeUint8 } from 'lib0/encoding';
import {
	byte,
	bytes,
	bytesAtEnd,
	encoded,
	type Field,
	fixed,
	flag,
	list,
	number,
	record,
	text,
	variants,
} from '../base/codec.js';
import type { DeviceId, LedgerName, PoolId, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
import { readNumber } from '../base/number.js';
import { positions } from '../journal/leg-codec.js';
import type { Seal } from '../journal/seal.js';

/** Versions of this protocol that are spoken here. */
export const protocol = { oldest: 2, newest: 2 } as const;

/** What a replica is to the others: whose disk an acknowledgement speaks of (SYN2). */
export const roles = ['device', 'store', 'hq'] as const;
export type Role = (typeof roles)[number];

/** Where rows may have got to, from near to far; `archive` is for homes alone: a second archive has them (JRN11). */
export const tiers = ['device', 'copy', 'store', 'hq', 'archive'] as const;
export type Reach = (typeof tiers)[number];

/** What a side says of itself. */
export interface Introduction {
	readonly chain: string;
	readonly device: DeviceId;
	readonly name: string;
	/** Ed25519 public key; the device is named by its hash. */
	readonly key: Uint8Array;
	readonly role: Role;
	/** Keeps every row: what it acknowledges, a checkpoint may cover (JRN11). */
	readonly archive: boolean;
	/** Patterns of the ledgers it keeps. */
	readonly keeps: readonly string[];
	/** What proves who it is and what it may do; absent where the chain has no root key. */
	readonly credential?: Uint8Array | undefined;
}

export interface Hello extends Introduction {
	readonly kind: 'hello';
	readonly oldest: number;
	readonly newest: number;
	/** Fresh for every greeting. */
	readonly nonce: Uint8Array;
	/** The same in every greeting of one opening of one replica: two of one device are a clone, or one that came back. */
	readonly opening: Uint8Array;
	/** Nonce of the hello that this one answers; empty for the first. */
	readonly answers: Uint8Array;
}

/** Why a side ends the conversation. */
export const byes = [
	'wrong_chain',
	'unknown_version',
	'bad_proof',
	'not_allowed',
	'expired',
	'too_much',
	'stopping',
	'silent',
] as const;
export type Bye = (typeof byes)[number];

export interface LedgerDigest {
	readonly ledger: LedgerName;
	readonly digest: Uint8Array;
}

/**
 * Of a great many ledgers, sorted by name, several frames: each covers all from its first to its last, the ends included,
 * from the beginning where none are before and to the end where none are after.
 */
export interface Digests {
	readonly kind: 'digests';
	readonly answer: boolean;
	/** 1: there are others before its first; 2: others after its last. Without it the frame covers all. */
	readonly part?: number;
	readonly ledgers: readonly LedgerDigest[];
}

export interface LedgerHeads {
	readonly ledger: LedgerName;
	readonly rows: readonly Position[];
	readonly covered: readonly Position[];
	readonly checkpoint: Uint8Array;
	/** Of each of `rows`, in their order, the first 8 bytes of its chain hash (JRN8). */
	readonly marks: Uint8Array;
}

export interface UpdateFrame {
	readonly kind: 'update';
	readonly ledger: LedgerName;
	readonly segment: number;
	/** As it came, a view on the frame. */
	readonly update: Uint8Array;
	readonly seals: readonly Seal[];
}

export interface ShareAsk {
	readonly kind: 'ask';
	readonly id: string;
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	readonly amount: number;
	/** Of `amount`, what somebody waits for: that is given from whatever there is, the rest from what can be spared. */
	readonly need: number;
	readonly to: DeviceId;
	/** Who is thought to have some, or nobody: a hint for whoever passes it on, believed no further than that. */
	readonly donor: DeviceId | '';
	/** How many more replicas may pass it on. */
	readonly hops: number;
}

/** Somebody whom the sender knows. */
export interface Acquaintance {
	readonly device: DeviceId;
	readonly name: string;
	/** Linked to the sender now. */
	readonly linked: boolean;
	/** Milliseconds since it was heard of, by the sender's clock. */
	readonly agoMs: number;
}

export interface Signal {
	readonly kind: 'signal';
	readonly from: DeviceId;
	readonly to: DeviceId;
	readonly message: Uint8Array;
}

interface Beat {
	readonly id: number;
	/** Of the sender's clock. */
	readonly timeMs: number;
}

export type Frame =
	| Hello
	| { readonly kind: 'proof'; readonly signature: Uint8Array }
	| ({ readonly kind: 'ping' } & Beat)
	| ({ readonly kind: 'pong' } & Beat)
	| { readonly kind: 'bye'; readonly reason: string }
	| Digests
	/**
	 * `answer`, here and above: the sender lacks what the other would say. `all`: nobody that the sender could ask has more
	 * than it has itself.
	 */
	| { readonly kind: 'heads'; readonly answer: boolean | 'all'; readonly ledgers: readonly LedgerHeads[] }
	| UpdateFrame
	| {
			readonly kind: 'point';
			readonly ledger: LedgerName;
			readonly id: Uint8Array;
			readonly bytes: number;
			readonly from: number;
			readonly piece: Uint8Array;
	  }
	| { readonly kind: 'ack'; readonly ledger: LedgerName; readonly positions: readonly Position[] }
	| { readonly kind: 'took'; readonly ledger: LedgerName; readonly id: Uint8Array; readonly bytes: number }
	| {
			readonly kind: 'reach';
			readonly tier: Reach;
			readonly ledger: LedgerName;
			readonly positions: readonly Position[];
	  }
	| { readonly kind: 'lost'; readonly ledger: LedgerName; readonly positions: readonly Position[] }
	| ShareAsk
	| { readonly kind: 'peers'; readonly devices: readonly Acquaintance[] }
	| Signal;

export type FrameKind = Frame['kind'];

/** One byte that stands for one of these. */
const oneOf = <T>(values: readonly T[]): Field<T> => ({
	write: (to, value) => writeUint8(to, values.indexOf(value)),
	read(from) {
		const value = values[readUint8(from)];
		if (value === undefined) throw new RangeError('no such value');
		return value;
	},
});

/** As `bytes`; what is read is a view on the frame. */
const bytesWithin: Field<Uint8Array> = {
	write: bytes.write,
	read(from) {
		const length = readNumber(from);
		const { arr, pos } = from;
		if (pos + length > arr.length) throw new RangeError('bytes that end early');
		from.pos = pos + length;
		return new Uint8Array(arr.buffer, arr.byteOffset + pos, length);
	},
};

const heads = record<LedgerHeads>({
	ledger: text,
	rows: positions,
	covered: positions,
	checkpoint: bytes,
	marks: bytes,
});
const seal = record<Seal>({ epoch: number, count: number, signature: fixed(64) });
const digest = record<LedgerDigest>({ ledger: text, digest: fixed(16) });
const acquaintance = record<Acquaintance>({ device: text, name: text, linked: flag, agoMs: number });
const asking: Field<boolean | 'all'> = {
	write: (to, value) => writeUint8(to, value === 'all' ? 2 : Number(value)),
	read(from) {
		const value = readUint8(from);
		return value === 2 ? 'all' : value === 1;
	},
};
const part: Field<number | undefined> = { write: (to, value) => writeUint8(to, value ?? 0), read: readUint8 };
const beat = { id: number, timeMs: number };

const frames = variants<Frame>({
	hello: [
		1,
		{
			oldest: number,
			newest: number,
			chain: text,
			device: text,
			name: text,
			key: fixed(32),
			nonce: fixed(16),
			opening: fixed(8),
			role: oneOf(roles),
			archive: flag,
			keeps: list(text),
			answers: bytes,
			credential: bytesAtEnd,
		},
	],
	proof: [2, { signature: fixed(64) }],
	ping: [3, beat],
	pong: [4, beat],
	bye: [5, { reason: text }],
	digests: [6, { answer: flag, part, ledgers: list(digest) }],
	heads: [7, { answer: asking, ledgers: list(heads) }],
	update: [8, { ledger: text, segment: number, update: bytesWithin, seals: list(seal) }],
	point: [9, { ledger: text, id: fixed(32), bytes: number, from: number, piece: bytes }],
	ack: [10, { ledger: text, positions }],
	took: [11, { ledger: text, id: fixed(32), bytes: number }],
	reach: [12, { tier: oneOf(tiers), ledger: text, positions }],
	lost: [13, { ledger: text, positions }],
	ask: [14, { id: text, ledger: text, pool: text, amount: number, need: number, to: text, donor: text, hops: byte }],
	peers: [15, { devices: list(acquaintance) }],
	signal: [16, { from: text, to: text, message: bytes }],
});

export function encodeFrame(frame: Frame): Uint8Array {
	return encoded((to) => {
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
