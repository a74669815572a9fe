import type { DeviceId } from '../base/ids.js';
import type { Timers } from './platform.js';

/**
 * Carries frames between two replicas. A frame arrives whole or not at all; it may arrive late, twice, out of order
 * or never. A link promises nothing more, so that every transport can be one.
 */
export interface LinkEnd {
	/** Of an encrypted link: what its two ends know of their meeting, and nobody can make come out the same at two. */
	readonly binding?: Uint8Array;
	/**
	 * Hands a frame of at most 1 MiB over; never blocks, never throws. The bytes must not change afterwards: a frame for
	 * fifty peers is built once. False when the link cannot take it, because it is full or gone: the session resyncs.
	 */
	send(frame: Uint8Array): boolean;
	/** Stops receiving and sending. A link that keeps trying comes up again by itself. Idempotent. */
	close(): void;
}

export interface LinkEvents {
	/** A way to the other side exists: a session starts. May come again after `down`. */
	up(end: LinkEnd): void;
	/** The bytes are the receiver's. Never called before `up` or after `down`. */
	frame(bytes: Uint8Array): void;
	/** A frame came to an encrypted link that was not sent by its other end, or came before. It is dropped. */
	unopened?(why: string): void;
	/** The way is gone; frames under way may be lost. */
	down(): void;
}

export interface Link {
	/** Shown to people: `memory`, `ws relay:7443`. */
	readonly kind: string;
	/** Its frames leave neither process nor browser, or are encrypted already. Those of any other link are encrypted above it. */
	readonly private?: boolean;
	/** Starts, and keeps trying until `stop`. Called once. */
	start(events: LinkEvents): void;
	/** Ends for good; `down` is called first where the link was up. Idempotent. */
	stop(): void;
}

/** Small messages between devices of a chain that have no link of their own yet, passed on by peers of both. */
export interface Signals {
	/** Devices that can be reached, directly or through one peer, besides this one. */
	peers(): readonly DeviceId[];
	/** Calls back when `peers` may have changed; answers how to stop. */
	watch(changed: () => void): () => void;
	/** A message without a promise, of at most 16 KiB. */
	send(to: DeviceId, message: Uint8Array): void;
	/** Answers how to stop. */
	listen(heard: (from: DeviceId, message: Uint8Array) => void): () => void;
}

/** What a replica lends to whoever finds peers for it. */
export interface Meeting {
	readonly chain: string;
	/** Changes where a cloned device enrols anew. */
	readonly device: DeviceId;
	readonly name: string;
	readonly timers: Timers;
	readonly signals: Signals;
	/** A way to one peer: the replica starts it. Answers how to take it off again, which stops it. */
	found(link: Link): () => void;
}

/** Finds peers by itself and brings a link for each: devices on the LAN, tabs of one browser, WebRTC by signals. */
export interface LinkSource {
	/** Shown to people: `lan`, `tabs`, `webrtc`. */
	readonly kind: string;
	/** Starts finding, and goes on until `stop`. Called once. */
	discover(meeting: Meeting): void;
	/** Ends every link it found, and finds no more. Idempotent. */
	stop(): void;
}
