/** A place in a source where a bug is put. */
export interface Edit {
	/** Below `src/`. */
	readonly file: string;
	/** Stands exactly once in the file, or the mutant has gone stale. */
	readonly find: string;
	readonly replace: string;
}

/** A bug that somebody might have written. It is planted while the simulator is bundled for it, and in no other way. */
export interface Mutant {
	readonly name: string;
	/** Rules of the design that it breaks. */
	readonly rules: readonly string[];
	/** What goes wrong, in one sentence. */
	readonly en: string;
	readonly zh: string;
	/** Mostly one; more where two doors guard the same thing. */
	readonly edits: readonly Edit[];
}
