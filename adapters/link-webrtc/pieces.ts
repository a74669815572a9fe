/**
 * A data channel carries messages of 64 KiB safely between any two runtimes, a frame has up to 1 MiB. So a frame travels as
 * one message or as several in a row; the channel keeps their order, and no other frame comes between.
 *
 *     00 frame                          a frame that fits into one message
 *     01 length:4 (big-endian) bytes    the first piece of a longer one, and how long that is
 *     02 bytes                          more of it; the last one completes the length
 *
 * Every piece of a longer frame but its last is full, so that nobody makes work of a frame in single bytes.
 */
import { limits } from '../../src/base/limits.js';

const marks = { whole: 0, first: 1, more: 2 } as const;
const firstHeaderBytes = 5;

/** A message is never longer: what a peer that names no limit of its own takes. */
export const messageBytesMax = 64 * 1024;
const pieceBytes = messageBytesMax - firstHeaderBytes;

/** The messages that carry `frame`. */
export function* piecesOf(frame: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
	if (frame.length <= pieceBytes) {
		const message = new Uint8Array(1 + frame.length);
		message[0] = marks.whole;
		message.set(frame, 1);
		yield message;
		return;
	}
	for (let at = 0; at < frame.length; at += pieceBytes) {
		const piece = frame.subarray(at, at + pieceBytes);
		const header = at === 0 ? firstHeaderBytes : 1;
		const message = new Uint8Array(header + piece.length);
		message[0] = at === 0 ? marks.first : marks.more;
		if (at === 0) new DataView(message.buffer).setUint32(1, frame.length);
		message.set(piece, header);
		yield message;
	}
}

/** Puts the frames of one channel together again; holds at most one, of at most 1 MiB. */
export class Reassembly {
	#frame: Uint8Array | undefined;
	#filled = 0;

	/** The frame that `message` completes, undefined where more is to come. Throws `RangeError` on anything out of place. */
	take(message: Uint8Array): Uint8Array | undefined {
		switch (message[0]) {
			case marks.whole:
				return this.#whole(message.subarray(1));
			case marks.first:
				return this.#begin(message);
			case marks.more:
				return this.#goOn(message.subarray(1));
			default:
				throw new RangeError('a message of no known kind');
		}
	}

	#whole(frame: Uint8Array): Uint8Array {
		if (this.#frame) throw new RangeError('a frame inside another');
		if (frame.length > pieceBytes) throw new RangeError('a message that is too long');
		return frame;
	}

	#begin(message: Uint8Array): undefined {
		if (this.#frame) throw new RangeError('a frame inside another');
		if (message.length !== messageBytesMax) throw new RangeError('a first piece that is not full');
		const length = new DataView(message.buffer, message.byteOffset).getUint32(1);
		if (length <= pieceBytes || length > limits.frameBytes) throw new RangeError(`a frame of ${length} bytes`);
		this.#frame = new Uint8Array(length);
		this.#frame.set(message.subarray(firstHeaderBytes));
		this.#filled = pieceBytes;
	}

	#goOn(piece: Uint8Array): Uint8Array | undefined {
		const frame = this.#frame;
		if (!frame) throw new RangeError('a piece of no frame');
		if (piece.length !== Math.min(pieceBytes, frame.length - this.#filled))
			throw new RangeError('a piece of another size');
		frame.set(piece, this.#filled);
		this.#filled += piece.length;
		if (this.#filled < frame.length) return undefined;
		this.#frame = undefined;
		return frame;
	}
}
