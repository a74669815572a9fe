/**
 * Carries frames between two replicas. A frame arrives whole or not at all; it may arrive late, twice, out of order
 * or never. A link promises nothing more, so that every transport can be one.
 */
export interface LinkEnd {
	/** Hands a frame over; never blocks, never throws. False when the link cannot take it: the session resyncs. */
	send(frame: Uint8Array): boolean;
	/** Stops receiving and sending. Idempotent. */
	close(): void;
}

export interface LinkEvents {
	/** A way to the other side exists: a session starts. May come again after `down`. */
	up(end: LinkEnd): void;
	/** The bytes are the receiver's. Never called before `up` or after `down`. */
	frame(bytes: Uint8Array): void;
	/** The way is gone; frames under way may be lost. */
	down(): void;
}

export interface Link {
	/** Shown to people: `memory`, `ws relay:7443`. */
	readonly kind: string;
	/** Starts, and keeps trying until `stop`. Called once. */
	start(events: LinkEvents): void;
	/** Ends for good; `down` is called first where the link was up. Idempotent. */
	stop(): void;
}
