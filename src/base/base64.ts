const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const places = new Map([...digits].map((digit, place) => [digit.charCodeAt(0), place]));
/** `btoa` takes a text, and a call takes only so many arguments. */
const pieceBytes = 0x3000;

/** RFC 4648, section 4, with padding. */
export function toBase64(bytes: Uint8Array): string {
	let text = '';
	for (let at = 0; at < bytes.length; at += pieceBytes) text += pieceText(bytes.subarray(at, at + pieceBytes));
	return text;
}

function pieceText(bytes: Uint8Array): string {
	let text = '';
	for (let at = 0; at < bytes.length; at += 3) {
		const left = bytes.length - at;
		const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
		text += digits.charAt(group >> 18) + digits.charAt((group >> 12) & 63);
		text += left > 1 ? digits.charAt((group >> 6) & 63) : '=';
		text += left > 2 ? digits.charAt(group & 63) : '=';
	}
	return text;
}

/** Undefined for anything that `toBase64` does not write. */
export function fromBase64(text: string): Uint8Array | undefined {
	if (text.length % 4 !== 0) return undefined;
	const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
	const bytes = new Uint8Array((text.length / 4) * 3 - padding);
	const end = text.length - padding;
	let group = 0;
	let at = 0;
	for (let i = 0; i < text.length; i++) {
		const place = i < end ? places.get(text.charCodeAt(i)) : 0;
		if (place === undefined) return undefined;
		group = ((group << 6) | place) & 0xffffff;
		if (i % 4 !== 3) continue;
		for (const shift of [16, 8, 0]) if (at < bytes.length) bytes[at++] = (group >> shift) & 255;
	}
	// The bits that padding leaves over are zero in what `toBase64` writes.
	const spare = padding === 2 ? 0xffff : padding === 1 ? 0xff : 0;
	return (group & spare) === 0 ? bytes : undefined;
}
