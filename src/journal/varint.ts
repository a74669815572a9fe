/**
 * Unsigned varints as lib0 writes them: seven bits a byte, lowest first, the high bit set on all bytes but the last.
 * 300 is `ac 02`. A number has one encoding here, the shortest; the largest, 2^53 - 1, takes eight bytes.
 *
 * Reading returns the number, or one of the negative faults. Because the encoding is unique, `varintLength` of the
 * result tells where the next field begins; there is no cursor object and nothing to throw.
 */
export const varintTruncated = -1;
export const varintNotMinimal = -2;
export const varintTooLarge = -3;

export function readVarint(bytes: Uint8Array, at: number): number {
	const end = bytes.length;
	if (at >= end) return varintTruncated;
	const first = bytes[at] as number; // at < end
	if (first < 0x80) return first;
	let value = first & 0x7f;
	let unit = 128;
	const last = at + 8;
	for (let next = at + 1; next < last; next++) {
		if (next >= end) return varintTruncated;
		const byte = bytes[next] as number; // next < end
		if (byte < 0x80) {
			if (byte === 0) return varintNotMinimal;
			value += byte * unit;
			return value <= Number.MAX_SAFE_INTEGER ? value : varintTooLarge;
		}
		value += (byte & 0x7f) * unit;
		unit *= 128;
	}
	// Eight bytes hold every number there is; a ninth that adds nothing is padding.
	return bytes[last] === 0 ? varintNotMinimal : varintTooLarge;
}

/** Bytes that `value` takes; `value` is an integer from 0 to 2^53 - 1. */
export function varintLength(value: number): number {
	if (value < 0x80) return 1;
	if (value < 0x4000) return 2;
	if (value < 0x20_0000) return 3;
	if (value < 0x1000_0000) return 4;
	if (value < 0x8_0000_0000) return 5;
	if (value < 0x400_0000_0000) return 6;
	return value < 0x2_0000_0000_0000 ? 7 : 8;
}

/** Writes `value` at `at` and answers the offset after it. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
	let rest = value;
	let next = at;
	while (rest >= 0x80) {
		bytes[next++] = (rest & 0x7f) | 0x80;
		rest = Math.floor(rest / 128);
	}
	bytes[next++] = rest;
	return next;
}
