/** What every codec here shares, on top of lib0: texts, byte strings that outlive their buffer, lists. */
import { type Decoder, readVarUint8Array } from 'lib0/decoding';
import { type Encoder, writeVarString, writeVarUint } from 'lib0/encoding';
import { readNumber } from './number.js';

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

/** A copy: what is decoded outlives the buffer that it came in. */
export function readBytes(from: Decoder): Uint8Array {
	return readVarUint8Array(from).slice();
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
