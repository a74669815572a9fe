import type { Platform } from '../../../src/ports/platform.js';

/** Where an app runs, and what it uses there in place of the real world's clock, timers and chance. */
export interface Place<Outside = undefined> {
	/** Number of the till: 0 is the first. */
	readonly till: number;
	/** Name of its store: `sh-1`. */
	readonly store: string;
	/** Clock, chance, timers and keys of the machine: what `tillOn` opens a shop with. */
	readonly platform: Platform;
	/** What exists outside all tills, as `simulate` was told to make it. */
	readonly outside: Outside;
	/** This till's clock, in milliseconds since 1970. It may be wrong. */
	now(): number;
	/** Resolves when so many virtual milliseconds have passed; not where the process has died meanwhile. */
	sleep(ms: number): Promise<void>;
	/** A text that was given to nobody else in this world: an id, an idempotency key. The same again in a replay. */
	unique(): string;
}
