/**
 * What every codec here shares, on top of lib0: fields, and tables of them. A field writes a value and reads it back; a
 * reader throws on bytes that are none. Numbers are varuints up to 2^53 - 1, texts and bytes have a varuint length before.
 */
import { type Decoder, hasContent, readUint8, readVarString } from 'lib0/decoding';
import {
	createEncoder,
	type Encoder,
	encode,
	toUint8Array,
	writeUint8,
	writeUint8Array,
	writeVarInt,
	writeVarString,
	writeVarUint,
} from 'lib0/encoding';
import { copyOf, sortedEntries } from './bytes.js';
import { nameMax, readName } from './names.js';
import { readNumber, readSigned } from './number.js';

const sheetBytes = 1024;
const sheetBytesMax = 64 * 1024;
/** What is encoded is written here first, and copied when its length is known: an encoder's own buffer costs more. */
const sheet = createEncoder();
sheet.cbuf = new Uint8Array(sheetBytes);
let isTaken = false;

/** The bytes that `write` writes. */
export function encoded(write: (to: Encoder) => void): Uint8Array {
	if (isTaken) return encode(write);
	isTaken = true;
	sheet.cpos = 0;
	try {
		write(sheet);
		return sheet.bufs.length === 0 ? sheet.cbuf.slice(0, sheet.cpos) : toUint8Array(sheet);
	} finally {
		isTaken = false;
		sheet.bufs.length = 0;
		if (sheet.cbuf.length > sheetBytesMax) sheet.cbuf = new Uint8Array(sheetBytes);
	}
}

/** Just these bytes. */
export function writeBytes(to: Encoder, bytes: Uint8Array): void {
	const { cbuf, cpos } = to;
	const end = cpos + bytes.length;
	if (end > cbuf.length) {
		writeUint8Array(to, bytes);
		return;
	}
	cbuf.set(bytes, cpos);
	to.cpos = end;
}

/** As lib0 writes a text. Names are mostly ASCII and short: those need no TextEncoder. */
export function writeText(to: Encoder, text: string): void {
	if (!writeAscii(to, text)) writeVarString(to, text);
}

/** False, and nothing written, where the text is not ASCII, is long, or does not fit what is left of the buffer. */
function writeAscii(to: Encoder, text: string): boolean {
	const { cbuf, cpos } = to;
	const { length } = text;
	// Below 128 the length is one byte.
	if (length > 127 || cpos + length >= cbuf.length) return false;
	for (let i = 0; i < length; i++) {
		const code = text.charCodeAt(i);
		if (code > 127) return false;
		cbuf[cpos + 1 + i] = code;
	}
	cbuf[cpos] = length;
	to.cpos = cpos + 1 + length;
	return true;
}

/** As lib0 reads a text, without a TextDecoder for short ASCII. Throws on bytes that are not UTF-8. */
function readText(from: Decoder): string {
	const start = from.pos;
	const length = readNumber(from);
	const end = from.pos + length;
	const read = length > nameMax || end > from.arr.length ? undefined : readName(from.arr, from.pos, end);
	if (read === undefined) {
		from.pos = start;
		return readVarString(from);
	}
	from.pos = end;
	return read;
}

/** A copy: what is decoded outlives the buffer that it came in. */
function readCopy(from: Decoder, length: number): Uint8Array {
	const { arr, pos } = from;
	const end = pos + length;
	if (end > arr.length) throw new RangeError('bytes that end early');
	from.pos = end;
	return copyOf(arr, pos, end);
}

/** A copy, too. */
export function readBytes(from: Decoder): Uint8Array {
	return readCopy(from, readNumber(from));
}

export function writeList<T>(to: Encoder, items: readonly T[], write: (item: T) => void): void {
	writeVarUint(to, items.length);
	for (const item of items) write(item);
}

/** Counts come from outside: nothing is allocated by them before the bytes are there. */
export function readList<T>(from: Decoder, read: () => T): T[] {
	const items: T[] = [];
	for (let left = readNumber(from); left > 0; left--) items.push(read());
	return items;
}

const noBytes = new Uint8Array();

export interface Field<T> {
	write(to: Encoder, value: T): void;
	read(from: Decoder): T;
}

export const text: Field<string> = { write: writeText, read: readText };
export const number: Field<number> = { write: writeVarUint, read: readNumber };
export const signed: Field<number> = { write: writeVarInt, read: readSigned };
export const byte: Field<number> = { write: writeUint8, read: readUint8 };
export const bytes: Field<Uint8Array> = {
	write(to, value) {
		writeVarUint(to, value.length);
		writeBytes(to, value);
	},
	read: readBytes,
};
/** Bytes that may be absent: none are written then. */
export const bytesOrNone: Field<Uint8Array | undefined> = {
	write: (to, value) => bytes.write(to, value ?? noBytes),
	read(from) {
		const value = readBytes(from);
		return value.length === 0 ? undefined : value;
	},
};
/** The same at the end of what is read: nothing at all is written where they are absent. */
export const bytesAtEnd: Field<Uint8Array | undefined> = {
	write(to, value) {
		if (value) bytes.write(to, value);
	},
	read(from) {
		if (!hasContent(from)) return undefined;
		const value = readBytes(from);
		if (value.length === 0) throw new RangeError('nothing, written out');
		return value;
	},
};
export const flag: Field<boolean> = {
	write: (to, value) => writeUint8(to, value ? 1 : 0),
	read: (from) => readUint8(from) === 1,
};

/** Bytes of one length, which is not written. */
export const fixed = (length: number): Field<Uint8Array> => ({
	write: writeBytes,
	read: (from) => readCopy(from, length),
});

export const list = <T>(item: Field<T>): Field<readonly T[]> => ({
	write: (to, items) => writeList(to, items, (each) => item.write(to, each)),
	read: (from) => readList(from, () => item.read(from)),
});

/** Sorted by key: equal maps give equal bytes. */
export const mapOf = <V>(key: Field<string>, value: Field<V>): Field<ReadonlyMap<string, V>> => ({
	write: (to, map) =>
		writeList(to, sortedEntries(map), ([k, v]) => {
			key.write(to, k);
			value.write(to, v);
		}),
	read(from) {
		const map = new Map<string, V>();
		for (let left = readNumber(from); left > 0; left--) map.set(key.read(from), value.read(from));
		return map;
	},
});

export const optional = <T>(field: Field<T>): Field<T | null> => ({
	write(to, value) {
		flag.write(to, value !== null);
		if (value !== null) field.write(to, value);
	},
	read: (from) => (flag.read(from) ? field.read(from) : null),
});

/** Its fields one after the other, in the order in which they are given. */
export function record<T extends object>(fields: { readonly [F in keyof T]: Field<T[F]> }): Field<T> {
	const names = Object.keys(fields) as (keyof T)[]; // exactly T's
	const all = Object.values(fields) as Field<unknown>[];
	return {
		write(to, value) {
			for (let i = 0; i < all.length; i++) all[i]?.write(to, value[names[i] as keyof T]); // a name for each
		},
		read: (from) => readFields(from, {}, names, all) as T, // every field is read
	};
}

function readFields(
	from: Decoder,
	into: Partial<Record<PropertyKey, unknown>>,
	names: readonly PropertyKey[],
	all: readonly Field<unknown>[],
): object {
	for (let i = 0; i < all.length; i++) into[names[i] as PropertyKey] = all[i]?.read(from); // a name for each
	return into;
}

type Kinded = { readonly kind: string };
/** For each kind its code and its fields in order. The compiler refuses a gap. */
export type Layouts<U extends Kinded> = {
	readonly [K in U['kind']]: readonly [
		code: number,
		fields: { readonly [F in Exclude<keyof Extract<U, { kind: K }>, 'kind'>]: Field<Extract<U, { kind: K }>[F]> },
	];
};

export interface Variants<U extends Kinded> {
	code(kind: U['kind']): number;
	writeBody(to: Encoder, value: U): void;
	/** Undefined where the code is none of these. */
	readBody(from: Decoder, code: number): U | undefined;
}

export function variants<U extends Kinded>(layouts: Layouts<U>): Variants<U> {
	const byKind = new Map<string, readonly [code: number, fields: Field<object>]>();
	const byCode: (readonly [kind: string, names: readonly string[], all: readonly Field<unknown>[]] | undefined)[] = [];
	for (const [kind, [code, fields]] of Object.entries(
		layouts as Record<string, readonly [number, Record<string, Field<unknown>>]>,
	)) {
		byKind.set(kind, [code, record(fields) as Field<object>]);
		byCode[code] = [kind, Object.keys(fields), Object.values(fields)];
	}
	const of = (kind: string) => byKind.get(kind) as readonly [number, Field<object>]; // every kind has a layout
	return {
		code: (kind) => of(kind)[0],
		writeBody: (to, value) => of(value.kind)[1].write(to, value),
		readBody(from, code) {
			const layout = byCode[code];
			if (!layout) return undefined;
			const [kind, names, all] = layout;
			const value: Partial<Record<PropertyKey, unknown>> = {};
			value.kind = kind;
			return readFields(from, value, names, all) as U; // its layout has every field of its kind
		},
	};
}
