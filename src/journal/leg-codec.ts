/**
 * Legs as bytes.
 *
 *   leg  = code:u8 length:varuint body[length]
 *
 * A reader skips a body whose code it does not know. Codes from 128 up say `stop` (JRN12): their body begins with the
 * pools they touch (count, then names), and a reader that does not know the code spends from none of them any more.
 * A body may be longer than a reader knows: what follows the known fields is ignored, so that fields can be added.
 * Numbers are lib0 varuints up to 2^53 - 1, texts are varuint length and UTF-8. Bodies by kind: `docs/FORMAT.md`.
 */
import { type Decoder, readUint8, readVarUint8Array, readVarString as text } from 'lib0/decoding';
import {
	createEncoder,
	type Encoder,
	writeVarUint8Array as putBytes,
	writeVarUint as putNumber,
	writeVarInt as putSigned,
	toUint8Array,
	write,
	writeUint8,
} from 'lib0/encoding';
import type { HoldId, PoolId, Position } from '../base/ids.js';
import type { Leg, LegOf, Part } from './leg.js';
import { readNumber as number, readSigned as signed } from './number.js';
import { writeText as putText } from './text.js';

const firstStopCode = 128;

/** A copy: the leg outlives the buffer that it came in. */
const bytes = (d: Decoder) => readVarUint8Array(d).slice();

interface Codec<L extends Leg> {
	readonly code: number;
	write(to: Encoder, leg: L): void;
	read(from: Decoder): L;
}

export function writePositions(to: Encoder, positions: readonly Position[]): void {
	putNumber(to, positions.length);
	for (const { epoch, count } of positions) {
		putNumber(to, epoch);
		putNumber(to, count);
	}
}

/** Counts come from outside: never allocate by them before the bytes are there. */
export function readPositions(from: Decoder): Position[] {
	const positions: Position[] = [];
	for (let left = number(from); left > 0; left--) positions.push({ epoch: number(from), count: number(from) });
	return positions;
}

export function writePart(to: Encoder, part: Part): void {
	putText(to, part.ledger);
	putNumber(to, part.epoch);
	putNumber(to, part.index);
}

export function readPart(from: Decoder): Part {
	return { ledger: text(from), epoch: number(from), index: number(from) };
}

const codecs: { readonly [K in Exclude<Leg['kind'], 'unknown'>]: Codec<LegOf<K>> } = {
	open: {
		code: 1,
		write(to, leg) {
			writeUint8(to, (leg.prev ? 1 : 0) | (leg.home ? 2 : 0));
			if (leg.prev) {
				putNumber(to, leg.prev.epoch);
				putNumber(to, leg.prev.count);
				putBytes(to, leg.prev.hash);
			}
			putBytes(to, leg.key);
			putText(to, leg.name);
		},
		read(from) {
			const flags = readUint8(from);
			const prev = flags & 1 ? { epoch: number(from), count: number(from), hash: bytes(from) } : null;
			return { kind: 'open', prev, key: bytes(from), name: text(from), home: (flags & 2) !== 0 };
		},
	},
	torn: {
		code: 2,
		write: (to, leg) => writePart(to, leg.part),
		read: (from) => ({ kind: 'torn', part: readPart(from) }),
	},
	fence: {
		code: 3,
		write(to, leg) {
			putText(to, leg.device);
			writePositions(to, leg.heads);
		},
		read: (from) => ({ kind: 'fence', device: text(from), heads: readPositions(from) }),
	},
	mint: {
		code: 4,
		write(to, leg) {
			putText(to, leg.pool);
			putNumber(to, leg.amount);
			putText(to, leg.document);
		},
		read: (from) => ({ kind: 'mint', pool: text(from), amount: number(from), document: text(from) }),
	},
	spend: {
		code: 5,
		write(to, leg) {
			putText(to, leg.pool);
			putNumber(to, leg.amount);
		},
		read: (from) => ({ kind: 'spend', pool: text(from), amount: number(from) }),
	},
	grant: {
		code: 6,
		write(to, leg) {
			putText(to, leg.pool);
			putNumber(to, leg.amount);
			putText(to, leg.to);
			putText(to, leg.request);
		},
		read: (from) => ({ kind: 'grant', pool: text(from), amount: number(from), to: text(from), request: text(from) }),
	},
	hold: {
		code: 7,
		write(to, leg) {
			putText(to, leg.pool);
			putNumber(to, leg.amount);
			putText(to, leg.hold);
			putNumber(to, leg.leaseMs);
		},
		read: (from) => ({ kind: 'hold', pool: text(from), amount: number(from), hold: text(from), leaseMs: number(from) }),
	},
	capture: {
		code: 8,
		write(to, leg) {
			writeResolution(to, leg);
			putNumber(to, leg.amount);
		},
		read: (from) => ({ kind: 'capture', ...readResolution(from), amount: number(from) }),
	},
	release: { code: 9, write: writeResolution, read: (from) => ({ kind: 'release', ...readResolution(from) }) },
	expire: { code: 10, write: writeResolution, read: (from) => ({ kind: 'expire', ...readResolution(from) }) },
	overdraw: {
		code: 11,
		write(to, leg) {
			putText(to, leg.pool);
			putNumber(to, leg.amount);
			putText(to, leg.operator);
			putText(to, leg.reason);
		},
		read: (from) => ({
			kind: 'overdraw',
			pool: text(from),
			amount: number(from),
			operator: text(from),
			reason: text(from),
		}),
	},
	reclaim: {
		code: 12,
		write(to, leg) {
			putText(to, leg.pool);
			putText(to, leg.from);
			putNumber(to, leg.share);
			putNumber(to, leg.held);
		},
		read: (from) => ({ kind: 'reclaim', pool: text(from), from: text(from), share: number(from), held: number(from) }),
	},
	append: {
		code: 13,
		write(to, leg) {
			putText(to, leg.log);
			putBytes(to, leg.value);
		},
		read: (from) => ({ kind: 'append', log: text(from), value: bytes(from) }),
	},
	set: {
		code: 14,
		write(to, leg) {
			putText(to, leg.cell);
			putNumber(to, leg.priority);
			putBytes(to, leg.value);
		},
		read: (from) => ({ kind: 'set', cell: text(from), priority: number(from), value: bytes(from) }),
	},
	add: {
		code: 15,
		write(to, leg) {
			putText(to, leg.counter);
			putSigned(to, leg.amount);
		},
		read: (from) => ({ kind: 'add', counter: text(from), amount: signed(from) }),
	},
};

function writeResolution(to: Encoder, leg: LegOf<'capture' | 'release' | 'expire'>): void {
	putText(to, leg.pool);
	putText(to, leg.hold);
	putNumber(to, leg.held);
}

function readResolution(from: Decoder): { pool: PoolId; hold: HoldId; held: number } {
	return { pool: text(from), hold: text(from), held: number(from) };
}

const byCode: (Codec<Leg> | undefined)[] = [];
for (const codec of Object.values(codecs)) byCode[codec.code] = codec as Codec<Leg>;

const body = createEncoder();

export function writeLeg(to: Encoder, leg: Leg): void {
	if (leg.kind === 'unknown') {
		writeUint8(to, leg.code);
		putBytes(to, leg.body);
		return;
	}
	const codec = codecs[leg.kind] as Codec<Leg>;
	writeUint8(to, codec.code);
	body.cpos = 0;
	if (body.bufs.length > 0) body.bufs.length = 0;
	codec.write(body, leg);
	if (body.bufs.length === 0) {
		putNumber(to, body.cpos);
		for (let i = 0; i < body.cpos; i++) write(to, body.cbuf[i] as number); // a leg is short: cheaper than a view of it
	} else putBytes(to, toUint8Array(body));
}

/** Throws on bytes that are no leg; the caller turns that into a refusal. */
export function readLeg(from: Decoder): Leg {
	const code = readUint8(from);
	const length = number(from);
	const end = from.pos + length;
	if (end > from.arr.length) throw new RangeError('leg longer than its entry');
	const codec = byCode[code];
	if (codec === undefined) return readUnknown(from, code, end);
	const leg = codec.read(from);
	if (from.pos > end) throw new RangeError('leg longer than its length');
	from.pos = end;
	return leg;
}

function readUnknown(from: Decoder, code: number, end: number): Leg {
	const whole = from.arr.slice(from.pos, end);
	const stops: PoolId[] = [];
	if (code >= firstStopCode) for (let left = number(from); left > 0; left--) stops.push(text(from));
	if (from.pos > end) throw new RangeError('leg longer than its length');
	from.pos = end;
	return { kind: 'unknown', code, stops, body: whole };
}
