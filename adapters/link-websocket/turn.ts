import type { Duplex } from 'node:stream';
import { framedLength, headerOf, writeFramed } from './framing.js';

/** Up to here frames are put together; beyond, to copy them costs more than to hand the system their pieces. */
const togetherMax = 8 * 1024;

let waiting: TurnWriter[] = [];

function flushAll(): void {
	const writers = waiting;
	waiting = [];
	for (const writer of writers) writer.flush();
}

/** Writes what one socket gets in a turn of the event loop at its end: the system call is most of what a small frame costs. */
export class TurnWriter {
	readonly #wire: Duplex;
	#frames: Uint8Array[] = [];
	#framedBytes = 0;

	constructor(wire: Duplex) {
		this.#wire = wire;
	}

	/** Not given to the system yet. */
	get waitingBytes(): number {
		return this.#wire.writableLength + this.#framedBytes;
	}

	/** The bytes of `frame` must not change any more. */
	write(frame: Uint8Array): void {
		if (this.#frames.length === 0) {
			waiting.push(this);
			if (waiting.length === 1) setImmediate(flushAll);
		}
		this.#frames.push(frame);
		this.#framedBytes += framedLength(frame.length);
	}

	/** Before anything else is written to the socket that must not overtake. */
	flush(): void {
		const [frames, bytes] = [this.#frames, this.#framedBytes];
		this.#frames = [];
		this.#framedBytes = 0;
		if (frames.length === 0 || !this.#wire.writable) return;
		if (bytes <= togetherMax) this.#wire.write(together(frames, bytes));
		else this.#writePieces(frames);
	}

	#writePieces(frames: readonly Uint8Array[]): void {
		this.#wire.cork();
		for (const frame of frames) {
			this.#wire.write(headerOf(frame.length));
			this.#wire.write(frame);
		}
		this.#wire.uncork();
	}
}

function together(frames: readonly Uint8Array[], framedBytes: number): Buffer {
	const bytes = Buffer.allocUnsafe(framedBytes);
	let at = 0;
	for (const frame of frames) {
		writeFramed(bytes, at, frame);
		at += framedLength(frame.length);
	}
	return bytes;
}
