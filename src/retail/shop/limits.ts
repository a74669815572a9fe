import type { Writing } from './writing.js';

/** Says no where a verb goes beyond what its author may do alone, unless what a manager agreed to stands under it. */
export interface Limits {
	/** `asked`: minor units, or units of whatever is limited. `input`: what an approval binds to. */
	check(writing: Writing, asked: number, input: unknown, summary: string): void;
}

/** Until roles are known everybody may do everything. */
export const noLimits: Limits = { check: () => {} };
