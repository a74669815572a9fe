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
	const bytes = new Uint8Array(Math.floor((text.replace(/=+$/, '').length * 3) / 4));
	let group = 0;
	for (let i = 0, at = 0; at < bytes.length; i++) {
		group = ((group << 6) | (places.get(text.charCodeAt(i)) ?? 0)) & 0xffff;
		// Of every four digits the first alone fills no byte.
		if (i % 4 !== 0) bytes[at++] = group >> (6 - 2 * (i % 4));
	}
	return toBase64(bytes) === text ? bytes : undefined;
}
