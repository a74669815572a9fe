interface InboxOptions {
	/** One frame after the other: the next one waits for the promise. */
	readonly handle: (frame: Uint8Array) => void | Promise<void>;
	readonly failed: (error: unknown) => void;
	/** More came than is kept. */
	readonly flooded: () => void;
}

/** An honest peer has at most its window under way, and small frames beside it. */
const bytesMax = 8 * 1024 * 1024;
const frameBytes = 256;

/** Frames of one line, in order, bounded in memory. */
export class Inbox {
	readonly #o: InboxOptions;
	#waiting: Uint8Array[] = [];
	#bytes = 0;
	#busy = false;
	/** Rises with every `clear`: a handler that was under way then has nothing to hand on to. */
	#round = 0;

	constructor(options: InboxOptions) {
		this.#o = options;
	}

	put(frame: Uint8Array): void {
		if (this.#bytes > bytesMax) {
			this.clear();
			this.#o.flooded();
			return;
		}
		this.#waiting.push(frame);
		this.#bytes += frame.length + frameBytes;
		if (!this.#busy) this.#drain();
	}

	/** The line is gone: what it brought is let go. */
	clear(): void {
		this.#round++;
		this.#waiting = [];
		this.#bytes = 0;
		this.#busy = false;
	}

	#drain(): void {
		const round = this.#round;
		this.#busy = true;
		while (round === this.#round) {
			const frame = this.#waiting.shift();
			if (!frame) break;
			this.#bytes -= frame.length + frameBytes;
			const pending = this.#handle(frame);
			if (!pending) continue;
			pending.catch(this.#o.failed).then(() => {
				if (round === this.#round) this.#drain();
			});
			return;
		}
		if (round === this.#round) this.#busy = false;
	}

	#handle(frame: Uint8Array): void | Promise<void> {
		try {
			return this.#o.handle(frame);
		} catch (error) {
			this.#o.failed(error);
		}
	}
}
