/**
 * Texts that come again and again: names of ledgers, devices and pools. Whoever reads one that was read lately gets the
 * very string of before, whose hash is known and which is compared at a glance.
 */
const lately: string[] = new Array(1024).fill('');
const slots = lately.length - 1;
export const nameMax = 64;
const codes = new Uint8Array(2 * nameMax);

/** `bytes[start, end)`, of at most `nameMax` bytes, as a text; undefined where one of them is not ASCII. */
export function readName(bytes: Uint8Array, start: number, end: number): string | undefined {
	const length = end - start;
	let hash = length;
	for (let i = 0; i < length; i++) {
		const code = bytes[start + i] as number; // end <= length
		if (code > 127) return undefined;
		codes[i] = code;
		hash = (Math.imul(hash, 31) + code) | 0;
	}
	const slot = (hash ^ (hash >>> 10) ^ (hash >>> 20)) & slots;
	const known = lately[slot] as string; // slot <= slots
	if (isSpelled(known, length)) return known;
	const text = String.fromCharCode.apply(null, codes.subarray(0, length) as unknown as number[]); // array-like will do
	lately[slot] = text;
	return text;
}

function isSpelled(text: string, length: number): boolean {
	if (text.length !== length) return false;
	for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== codes[i]) return false;
	return true;
}
