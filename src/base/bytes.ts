/** Equal length and equal bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

/** A copy, plain and of its own memory. A Node buffer's `slice` would be another view. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
	return bytes.constructor === Uint8Array ? bytes.slice(start, end) : new Uint8Array(bytes.subarray(start, end));
}

/** The one order of strings in everything canonical: by UTF-16 code unit, never by locale. */
export function compareStrings(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
	return [...map].sort((a, b) => compareStrings(a[0], b[0]));
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += hex[byte];
	return text;
}

/** The first 53 bits from `at`, big-endian; zero becomes one. */
export function first53Bits(bytes: Uint8Array, at = 0): number {
	let value = 0;
	for (let i = at; i < at + 6; i++) value = value * 256 + (bytes[i] ?? 0);
	return value * 32 + ((bytes[at + 6] ?? 0) >> 3) || 1;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A TextEncoder takes longer to begin than a name takes to be written out. */
const asciiMax = 256;

export function utf8(text: string): Uint8Array {
	const { length } = text;
	if (length > asciiMax) return encoder.encode(text);
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) {
		const code = text.charCodeAt(i);
		if (code > 127) return encoder.encode(text);
		bytes[i] = code;
	}
	return bytes;
}

/** One text for each byte sequence (a leading byte order mark stays); throws on bytes that are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);
