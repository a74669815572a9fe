import type { Teller } from './progress.js';

/** What the command needs of the world around it; tests hand in their own. */
export interface Around {
	readonly env: Readonly<Record<string, string | undefined>>;
	/** A line of the result. */
	print(line: string): void;
	readonly progress: Teller;
	/** Makes what players run. */
	bundle(): Promise<string>;
	nowMs(): number;
	/** Somebody wants it to end. */
	readonly signal?: AbortSignal;
	/** A seed that takes longer hangs. */
	readonly seedMsMax?: number;
	/** How long a failing seed is made smaller. */
	readonly shrinkMsMax?: number;
}
