import type { Duplex } from 'node:stream';
import { framedLength, writeFramed } from './framing.js';

/**
 * The frames that somebody gets in this turn of the event loop, the last one first. Who gets the same frames in the same
 * order comes by the same steps, and so to the same bytes, which are put together once for all of them.
 */
class Step {
	readonly #before: Step | undefined;
	readonly #frame: Uint8Array;
	readonly framedBytes: number;
	/** Where the one who came here last went on to. */
	#next: Step | undefined;
	#bytes: Buffer | undefined;

	constructor(before: Step | undefined, frame: Uint8Array) {
		this.#before = before;
		this.#frame = frame;
		this.framedBytes = (before?.framedBytes ?? 0) + framedLength(frame.length);
	}

	static to(from: Step | undefined, frame: Uint8Array): Step {
		const known = from === undefined ? firstStep : from.#next;
		if (known && known.#frame === frame) return known;
		const next = new Step(from, frame);
		if (from === undefined) firstStep = next;
		else from.#next = next;
		return next;
	}

	get bytes(): Buffer {
		if (this.#bytes === undefined) {
			this.#bytes = Buffer.allocUnsafe(this.framedBytes);
			for (let step: Step | undefined = this; step; step = step.#before)
				writeFramed(this.#bytes, step.framedBytes - framedLength(step.#frame.length), step.#frame);
		}
		return this.#bytes;
	}
}

let firstStep: Step | undefined;
let waiting: TurnWriter[] = [];

function flushAll(): void {
	const writers = waiting;
	waiting = [];
	firstStep = undefined;
	for (const writer of writers) writer.flush();
}

/**
 * Writes what one socket gets in a turn at once, at the turn's end: the system call is most of what a frame costs, and
 * bytes that are ready are handed to many sockets for the price of that call alone.
 */
export class TurnWriter {
	readonly #wire: Duplex;
	#step: Step | undefined;

	constructor(wire: Duplex) {
		this.#wire = wire;
	}

	/** Not given to the system yet. */
	get waitingBytes(): number {
		return this.#wire.writableLength + (this.#step?.framedBytes ?? 0);
	}

	/** The bytes of `frame` must not change any more. */
	write(frame: Uint8Array): void {
		if (this.#step === undefined) {
			waiting.push(this);
			if (waiting.length === 1) setImmediate(flushAll);
		}
		this.#step = Step.to(this.#step, frame);
	}

	/** Before anything else is written to the socket that must not overtake. */
	flush(): void {
		const step = this.#step;
		this.#step = undefined;
		if (step && this.#wire.writable) this.#wire.write(step.bytes);
	}
}
