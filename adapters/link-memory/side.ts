import { assert } from '../../src/base/assert.js';
import { limits } from '../../src/base/limits.js';
import type { Link, LinkEnd, LinkEvents } from '../../src/ports/link.js';
import { Channel, type Faults } from './channel.js';

/** What a side tells the line that it hangs on. */
export interface Wiring {
	/** Something to do in the next turn. */
	changed(): void;
	/** The session here closed its end. */
	closed(): void;
	/** The link here stopped for good. */
	stopped(): void;
}

/** One end of a memory link. The line decides when it is up; a connection lives from `connect` to `disconnect`. */
export class Side implements Link {
	readonly private = true;
	readonly kind = 'memory';
	readonly #wiring: Wiring;
	readonly #faults: Faults;
	readonly #queueBytesMax: number;
	#events: LinkEvents | undefined;
	#stopped = false;
	#outgoing: Channel | undefined;
	#saidUp = false;

	constructor(wiring: Wiring, faults: Faults, queueBytesMax: number) {
		this.#wiring = wiring;
		this.#faults = faults;
		this.#queueBytesMax = queueBytesMax;
	}

	start(events: LinkEvents): void {
		assert(this.#events === undefined, 'Link', 'a link is started once');
		this.#events = events;
		this.#wiring.changed();
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#wiring.stopped();
	}

	/** Started and not stopped. */
	get ready(): boolean {
		return this.#events !== undefined && !this.#stopped;
	}

	get busy(): boolean {
		return this.#outgoing?.busy ?? false;
	}

	/** Opens a connection; the answer tells the session. */
	connect(): () => void {
		const channel = new Channel(this.#faults, this.#queueBytesMax);
		this.#outgoing = channel;
		const end = this.#endOf(channel);
		return () => {
			// The other side may have closed in its own `up`, just before: then nothing was ever up here.
			if (this.#outgoing !== channel) return;
			this.#saidUp = true;
			this.#events?.up(end);
		};
	}

	#endOf(channel: Channel): LinkEnd {
		return {
			send: (frame) => {
				if (this.#outgoing !== channel || frame.length > limits.frameBytes) return false;
				const taken = channel.put(frame);
				this.#wiring.changed();
				return taken;
			},
			close: () => {
				if (this.#outgoing === channel) this.#wiring.closed();
			},
		};
	}

	/** Ends the connection with all that is under way; the answer tells the session. */
	disconnect(): () => void {
		this.#outgoing = undefined;
		return () => {
			if (!this.#saidUp) return;
			this.#saidUp = false;
			this.#events?.down();
		};
	}

	takeDue(): Uint8Array[] {
		return this.#outgoing?.takeDue() ?? [];
	}

	deliver(frame: Uint8Array): void {
		if (this.#outgoing !== undefined) this.#events?.frame(frame);
	}
}
