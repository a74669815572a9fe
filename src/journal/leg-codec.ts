/**
 * Legs as bytes.
 *
 *   leg  = code:u8 length:varuint body[length]
 *   body = the kind's fields, in the order of its row in `layouts`
 *
 * A reader skips a body whose code it does not know. Codes from 128 up say `stop` (JRN12): their body begins with the
 * pools they touch (count, then names), and a reader that does not know the code spends from none of them any more.
 * A body may be longer than a reader knows: what follows the known fields is ignored, so that fields can be added.
 * Numbers are lib0 varuints up to 2^53 - 1, texts are varuint length and UTF-8. Bodies by kind: `docs/FORMAT.md`.
 */
import { type Decoder, readUint8, readVarString } from 'lib0/decoding';
import {
	createEncoder,
	type Encoder,
	toUint8Array,
	write,
	writeUint8,
	writeVarInt,
	writeVarUint,
	writeVarUint8Array,
} from 'lib0/encoding';
import { readBytes, readList, writeList, writeText } from '../base/codec.js';
import type { Head, PoolId, Position } from '../base/ids.js';
import { readNumber, readSigned } from '../base/number.js';
import type { Leg, LegOf, Part } from './leg.js';

interface Field<T> {
	write(to: Encoder, value: T): void;
	read(from: Decoder): T;
}

const text: Field<string> = { write: writeText, read: readVarString };
const number: Field<number> = { write: writeVarUint, read: readNumber };
const signed: Field<number> = { write: writeVarInt, read: readSigned };
const bytes: Field<Uint8Array> = { write: writeVarUint8Array, read: readBytes };
const flag: Field<boolean> = {
	write: (to, value) => writeUint8(to, value ? 1 : 0),
	read: (from) => readUint8(from) === 1,
};
export const positions: Field<readonly Position[]> = {
	write: (to, list) =>
		writeList(to, list, ({ epoch, count }) => {
			writeVarUint(to, epoch);
			writeVarUint(to, count);
		}),
	read: (from) => readList(from, () => ({ epoch: readNumber(from), count: readNumber(from) })),
};
export const part: Field<Part> = {
	write(to, { ledger, epoch, index }) {
		writeText(to, ledger);
		writeVarUint(to, epoch);
		writeVarUint(to, index);
	},
	read: (from) => ({ ledger: readVarString(from), epoch: readNumber(from), index: readNumber(from) }),
};
const head: Field<Head | null> = {
	write(to, value) {
		flag.write(to, value !== null);
		if (!value) return;
		writeVarUint(to, value.epoch);
		writeVarUint(to, value.count);
		writeVarUint8Array(to, value.hash);
	},
	read: (from) =>
		flag.read(from) ? { epoch: readNumber(from), count: readNumber(from), hash: readBytes(from) } : null,
};

type Kind = Exclude<Leg['kind'], 'unknown'>;
type Fields<K extends Kind> = { readonly [F in Exclude<keyof LegOf<K>, 'kind'>]: Field<LegOf<K>[F]> };

const resolution = { pool: text, hold: text, held: number };

/** For each kind its code and its fields in order. The compiler refuses a gap. */
const layouts: { readonly [K in Kind]: readonly [code: number, fields: Fields<K>] } = {
	open: [1, { prev: head, key: bytes, name: text, home: flag }],
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
};

interface Layout {
	readonly kind: string;
	readonly code: number;
	readonly fields: readonly (readonly [name: string, field: Field<unknown>])[];
}

const byKind = new Map<string, Layout>();
const byCode: (Layout | undefined)[] = [];
for (const [kind, [code, fields]] of Object.entries(layouts)) {
	const layout: Layout = { kind, code, fields: Object.entries(fields) };
	byKind.set(kind, layout);
	byCode[code] = layout;
}

const firstStopCode = 128;
const body = createEncoder();

export function writeLeg(to: Encoder, leg: Leg): void {
	if (leg.kind === 'unknown') {
		writeUint8(to, leg.code);
		writeVarUint8Array(to, leg.body);
		return;
	}
	const { code, fields } = byKind.get(leg.kind) as Layout; // every kind has one
	writeUint8(to, code);
	body.cpos = 0;
	if (body.bufs.length > 0) body.bufs.length = 0;
	for (const [name, field] of fields) field.write(body, (leg as unknown as Record<string, unknown>)[name]);
	if (body.bufs.length === 0) {
		writeVarUint(to, body.cpos);
		for (let i = 0; i < body.cpos; i++) write(to, body.cbuf[i] as number); // a leg is short: cheaper than a view of it
	} else writeVarUint8Array(to, toUint8Array(body));
}

/** Throws on bytes that are no leg; the caller turns that into a refusal. */
export function readLeg(from: Decoder): Leg {
	const code = readUint8(from);
	const length = readNumber(from);
	const end = from.pos + length;
	if (end > from.arr.length) throw new RangeError('leg longer than its entry');
	const layout = byCode[code];
	const leg = layout ? readFields(from, layout) : readUnknown(from, code, end);
	if (from.pos > end) throw new RangeError('leg longer than its length');
	from.pos = end;
	return leg;
}

function readFields(from: Decoder, { kind, fields }: Layout): Leg {
	const leg: Record<string, unknown> = { kind };
	for (const [name, field] of fields) leg[name] = field.read(from);
	return leg as unknown as Leg; // its layout has every field of its kind
}

function readUnknown(from: Decoder, code: number, end: number): Leg {
	const whole = from.arr.slice(from.pos, end);
	const stops: readonly PoolId[] = code >= firstStopCode ? readList(from, () => readVarString(from)) : [];
	return { kind: 'unknown', code, stops, body: whole };
}
