/** What a till did, in milliseconds of the machine's clock. */
export interface Trade {
	/** When each sale was begun that came about. */
	readonly begun: readonly number[];
	/** When it was certain. */
	readonly sales: readonly number[];
	/** When a customer was sent away. */
	readonly refusals: readonly number[];
}

/** How long a customer waits for a unit that is elsewhere. */
export const customerMs = 2_000;

/** Milliseconds since 1970 with fractions, the same in all processes of the machine. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
