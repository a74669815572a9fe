/**
 * Frames as a server sends them (RFC 6455, section 5.2): each one whole binary message, not masked.
 *
 *   82 len                       payload     up to 125 bytes: 82 03 01 02 03 carries 01 02 03
 *   82 7e len:u16 big-endian     payload     up to 65,535 bytes
 *   82 7f len:u64 big-endian     payload     beyond
 */
const finalBinary = 0x82;

export function framedLength(length: number): number {
	if (length < 126) return 2 + length;
	return length <= 0xffff ? 4 + length : 10 + length;
}

function writeHeader(target: Buffer, at: number, length: number): void {
	target[at] = finalBinary;
	if (length < 126) target[at + 1] = length;
	else if (length <= 0xffff) {
		target[at + 1] = 126;
		target.writeUInt16BE(length, at + 2);
	} else {
		target[at + 1] = 127;
		target.writeUInt32BE(0, at + 2);
		target.writeUInt32BE(length, at + 6);
	}
}

/** What goes before a payload of so many bytes. */
export function headerOf(length: number): Buffer {
	const header = Buffer.allocUnsafe(framedLength(length) - length);
	writeHeader(header, 0, length);
	return header;
}

/** Writes header and payload into `target` at `at`; `framedLength` says how many bytes that are. */
export function writeFramed(target: Buffer, at: number, frame: Uint8Array): void {
	writeHeader(target, at, frame.length);
	target.set(frame, at + framedLength(frame.length) - frame.length);
}
