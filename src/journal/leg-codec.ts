/**
 * Legs as bytes.
 *
 *   leg  = code:u8 length:varuint body[length]
 *   body = the kind's fields, in the order of its row in `legs`
 *
 * A reader skips a body whose code it does not know. Codes from 128 up say `stop` (JRN12): their body begins with the
 * pools they touch (count, then names), and a reader that does not know the code spends from none of them any more.
 * A body may be longer than a reader knows: what follows the known fields is ignored, so that fields can be added.
 * Numbers are lib0 varuints up to 2^53 - 1, texts are varuint length and UTF-8. Bodies by kind: `docs/FORMAT.md`.
 */
import { type Decoder, readUint8 } from 'lib0/decoding';
import {
	createEncoder,
	type Encoder,
	toUint8Array,
	write,
	writeUint8,
	writeVarUint,
	writeVarUint8Array,
} from 'lib0/encoding';
import {
	bytes,
	bytesOrNone,
	type Field,
	flag,
	list,
	number,
	optional,
	record,
	signed,
	text,
	variants,
} from '../base/codec.js';
import type { Head, Position } from '../base/ids.js';
import { readNumber } from '../base/number.js';
import type { Leg, Part } from './leg.js';

/** By hand: no frame and no checkpoint is without. */
export const position: Field<Position> = {
	write(to, { epoch, count }) {
		writeVarUint(to, epoch);
		writeVarUint(to, count);
	},
	read: (from) => ({ epoch: readNumber(from), count: readNumber(from) }),
};
export const positions: Field<readonly Position[]> = list(position);
export const part: Field<Part> = record<Part>({ ledger: text, epoch: number, index: number });
const head = optional(record<Head>({ epoch: number, count: number, hash: bytes }));
const resolution = { pool: text, hold: text, held: number };

const legs = variants<Exclude<Leg, { kind: 'unknown' }>>({
	open: [1, { prev: head, key: bytes, name: text, home: flag, credential: bytesOrNone }],
	torn: [2, { part }],
	fence: [3, { device: text, heads: positions }],
	mint: [4, { pool: text, amount: number, document: text }],
	spend: [5, { pool: text, amount: number }],
	grant: [6, { pool: text, amount: number, to: text, request: text }],
	hold: [7, { pool: text, amount: number, hold: text, leaseMs: number }],
	capture: [8, { ...resolution, amount: number }],
	release: [9, resolution],
	expire: [10, resolution],
	overdraw: [11, { pool: text, amount: number, operator: text, reason: text }],
	reclaim: [12, { pool: text, from: text, share: number, held: number }],
	append: [13, { log: text, value: bytes }],
	set: [14, { cell: text, priority: number, value: bytes }],
	add: [15, { counter: text, amount: signed }],
});

const firstStopCode = 128;
const pools = list(text);
const body = createEncoder();

export function writeLeg(to: Encoder, leg: Leg): void {
	if (leg.kind === 'unknown') {
		writeUint8(to, leg.code);
		writeVarUint8Array(to, leg.body);
		return;
	}
	writeUint8(to, legs.code(leg.kind));
	body.cpos = 0;
	if (body.bufs.length > 0) body.bufs.length = 0;
	legs.writeBody(body, leg);
	if (body.bufs.length === 0) {
		writeVarUint(to, body.cpos);
		for (let i = 0; i < body.cpos; i++) write(to, body.cbuf[i] as number); // a leg is short: cheaper than a view of it
	} else writeVarUint8Array(to, toUint8Array(body));
}

/** Throws on bytes that are no leg; the caller turns that into a refusal. */
export function readLeg(from: Decoder): Leg {
	const code = readUint8(from);
	const length = number.read(from);
	const end = from.pos + length;
	if (end > from.arr.length) throw new RangeError('leg longer than its entry');
	const leg = legs.readBody(from, code) ?? readUnknown(from, code, end);
	if (from.pos > end) throw new RangeError('leg longer than its length');
	from.pos = end;
	return leg;
}

function readUnknown(from: Decoder, code: number, end: number): Leg {
	const whole = from.arr.slice(from.pos, end);
	return { kind: 'unknown', code, stops: code >= firstStopCode ? pools.read(from) : [], body: whole };
}
