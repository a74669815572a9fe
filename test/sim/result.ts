/** A property that did not hold. */
export interface Violation {
	/** Its number in the list of properties; 0 for what no property foresees, such as an error that nobody caught. */
	readonly property: number;
	/** The step after which it was found; undefined where it was found at the end. */
	readonly step: number | undefined;
	readonly message: string;
}

/** What came of one seed. */
export interface Result {
	readonly seed: number;
	/** Equal where the same happened. */
	readonly hash: string;
	readonly steps: number;
	readonly virtualMs: number;
	/** How often each fault happened (`fault crash`) and each property was in play (`property 13`). */
	readonly inPlay: ReadonlyMap<string, number>;
	readonly violation: Violation | undefined;
	/** What happened, a line each, in words; empty unless asked for. */
	readonly history: readonly string[];
}
