import { assert } from '../../src/base/assert.js';
import { Backoff, livedMs } from '../../src/base/backoff.js';
import { limits } from '../../src/base/limits.js';
import type { Link, LinkEnd, LinkEvents } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import type { Message } from './messages.js';

export interface PostedLinkParts {
	readonly kind: string;
	/** What is posted leaves neither process nor browser. */
	readonly isPrivate: boolean;
	readonly timers: Timers;
	/** From 0 up to, not including, 1. */
	readonly random: () => number;
	/** What the other side may have before it in bytes, not worked off yet; beyond it `send` answers false. */
	readonly unreadBytesMax: number;
	/** To the other side, in order, and whole where that is there. May throw where it is not. */
	post(message: Message): void;
	/** After the last message of all. */
	stopped(): void;
}

/** What a frame costs beside its bytes, so that a flood of empty ones is bounded too. */
const frameOverheadBytes = 64;
/** How much is worked off before the other side is told of it. */
const tookBytesMin = 128 * 1024;

/** One connection as this end has it: from hello in both directions to a bye, or to another hello. */
interface Talk {
	readonly mine: number;
	readonly theirs: number;
	sentBytes: number;
	/** As far as the other side has said. */
	tookBytes: number;
	receivedBytes: number;
	toldBytes: number;
	readonly end: LinkEnd;
}

/**
 * A link over anything that posts messages to one other side and says nothing of whether that is there. It is up as soon
 * as each end has heard that the other has heard of it, so that no frame is sent before somebody listens (SYN5).
 */
export class PostedLink implements Link {
	readonly #parts: PostedLinkParts;
	readonly #backoff: Backoff;
	#events: LinkEvents | undefined;
	#stopped = false;
	/** By what number this end goes in the connection that it has, or looks for. 0 while it wants none. */
	#mine = 0;
	#talk: Talk | undefined;
	#cancelWait = () => {};
	#cancelLived = () => {};

	constructor(parts: PostedLinkParts) {
		this.#parts = parts;
		this.#backoff = new Backoff(parts);
	}

	get kind(): string {
		return this.#parts.kind;
	}

	get private(): boolean {
		return this.#parts.isPrivate;
	}

	start(events: LinkEvents): void {
		assert(this.#events === undefined, 'Link', 'a link is started once');
		this.#events = events;
		if (!this.#stopped) this.#look();
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#cancelWait();
		this.#leave();
		this.#parts.stopped();
	}

	/** The other side posted this. */
	hear(message: Message): void {
		if (this.#mine === 0) return;
		if (message.tillmesh === 'hello') this.#greeted(message.from, message.to);
		const talk = this.#talk;
		if (talk === undefined || message.from !== talk.theirs) return;
		// An end that left before it was up here knew no number of ours.
		if (message.tillmesh === 'bye') this.lost();
		if (message.to !== talk.mine) return;
		if (message.tillmesh === 'frame') this.#received(talk, message.bytes);
		else if (message.tillmesh === 'took') talk.tookBytes = Math.max(talk.tookBytes, message.total);
	}

	/** The other side is gone. If it comes back, it says hello. */
	lost(): void {
		if (this.#mine !== 0) this.#mine = this.#draw();
		this.#end();
	}

	#draw(): number {
		return 1 + Math.floor(this.#parts.random() * 2 ** 48);
	}

	#look(): void {
		this.#mine = this.#draw();
		this.#hello(0);
	}

	#hello(to: number): void {
		this.#post({ tillmesh: 'hello', from: this.#mine, to });
	}

	#greeted(from: number, to: number): void {
		if (this.#talk?.theirs === from) return;
		// Another connection of theirs: this one is over on their side.
		if (this.#talk) this.lost();
		// Where they know us already, it is by this answer that they come up, before they get a frame.
		this.#hello(from);
		if (to === this.#mine) this.#begin(from);
	}

	#begin(theirs: number): void {
		const talk: Talk = {
			mine: this.#mine,
			theirs,
			sentBytes: 0,
			tookBytes: 0,
			receivedBytes: 0,
			toldBytes: 0,
			end: { send: (frame) => this.#send(talk, frame), close: () => this.#close(talk) },
		};
		this.#talk = talk;
		this.#cancelLived = this.#parts.timers.after(livedMs, () => this.#backoff.reset(), true);
		this.#events?.up(talk.end);
	}

	#end(): void {
		if (this.#talk === undefined) return;
		this.#talk = undefined;
		this.#cancelLived();
		this.#events?.down();
	}

	#send(talk: Talk, frame: Uint8Array): boolean {
		const costBytes = frame.length + frameOverheadBytes;
		if (this.#talk !== talk || frame.length > limits.frameBytes) return false;
		if (talk.sentBytes - talk.tookBytes + costBytes > this.#parts.unreadBytesMax) return false;
		// A clone of a view would bring along all that lies behind it.
		const bytes = frame.length === frame.buffer.byteLength ? frame : new Uint8Array(frame);
		if (!this.#post({ tillmesh: 'frame', from: talk.mine, to: talk.theirs, bytes })) return false;
		talk.sentBytes += costBytes;
		return true;
	}

	#received(talk: Talk, bytes: Uint8Array): void {
		this.#events?.frame(bytes);
		talk.receivedBytes += bytes.length + frameOverheadBytes;
		if (talk.receivedBytes - talk.toldBytes < tookBytesMin || this.#talk !== talk) return;
		talk.toldBytes = talk.receivedBytes;
		this.#post({ tillmesh: 'took', from: talk.mine, to: talk.theirs, total: talk.receivedBytes });
	}

	/** This end had enough of this connection; it looks for another one after a while (SYN4). */
	#close(talk: Talk): void {
		if (this.#talk !== talk) return;
		const waitMs = this.#backoff.nextMs();
		this.#leave();
		if (this.#stopped) return;
		this.#cancelWait = this.#parts.timers.after(waitMs, () => this.#look());
	}

	#leave(): void {
		if (this.#mine !== 0) this.#post({ tillmesh: 'bye', from: this.#mine, to: this.#talk?.theirs ?? 0 });
		this.#mine = 0;
		this.#end();
	}

	#post(message: Message): boolean {
		try {
			this.#parts.post(message);
			return true;
		} catch {
			return false; // closed by its owner: as good as nobody listening
		}
	}
}
