const pieceBytes = 64 * 1024;
let piece = new Uint8Array(pieceBytes);
let pieceEnd = 0;

/** Bytes of one's own, cut off a larger piece: a buffer for each frame and each record costs more than all that is done with it. */
export function ownCopy(bytes: Uint8Array): Uint8Array {
	if (bytes.length > pieceBytes / 8) return bytes.slice();
	if (pieceEnd + bytes.length > pieceBytes) {
		piece = new Uint8Array(pieceBytes);
		pieceEnd = 0;
	}
	const own = piece.subarray(pieceEnd, pieceEnd + bytes.length);
	own.set(bytes);
	pieceEnd += bytes.length;
	return own;
}
