/**
 * Frames as a server sends them, ready for the socket (RFC 6455, section 5.2): one whole binary message, not masked.
 *
 *   82 len                       payload     up to 125 bytes: 82 03 01 02 03 carries 01 02 03
 *   82 7e len:u16 big-endian     payload     up to 65,535 bytes
 *   82 7f len:u64 big-endian     payload     beyond
 */
const finalBinary = 0x82;

/** What is sent to fifty sockets is framed for the first of them, and forgotten with the frame. */
const ready = new WeakMap<Uint8Array, Buffer>();

function headerOf(length: number): number[] {
	if (length < 126) return [finalBinary, length];
	if (length <= 0xffff) return [finalBinary, 126, length >> 8, length & 0xff];
	return [
		finalBinary,
		127,
		0,
		0,
		0,
		0,
		(length >>> 24) & 0xff,
		(length >> 16) & 0xff,
		(length >> 8) & 0xff,
		length & 0xff,
	];
}

export function framed(frame: Uint8Array): Buffer {
	let bytes = ready.get(frame);
	if (bytes === undefined) {
		const header = headerOf(frame.length);
		bytes = Buffer.allocUnsafe(header.length + frame.length);
		bytes.set(header);
		bytes.set(frame, header.length);
		ready.set(frame, bytes);
	}
	return bytes;
}
