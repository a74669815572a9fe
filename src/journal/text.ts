import { type Encoder, writeVarString } from 'lib0/encoding';

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
