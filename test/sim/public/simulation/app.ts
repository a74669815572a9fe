import type { Replica } from '../../../../src/replica/replica.js';
import type { Place } from '../place.js';

/** Draws a whole number from 0 up to, not including, `end`. */
export type Pick = (end: number) => number;

/**
 * Something that people or other systems do with the app. A promise that it returns is waited for in the end; actions
 * overlap, on one till too, as two taps do. What it answers stands in the history.
 */
export type Action<App, Outside> = (app: App, pick: Pick, place: Place<Outside>) => unknown;

/** A world in which an app runs on every till, for a check to look at. */
export interface AppWorld<App, Outside> {
	/** The replicas that run now, and beside them, under the same numbers, the apps on them: who is off is in neither. */
	readonly tills: readonly Replica[];
	readonly apps: readonly App[];
	readonly outside: Outside;
	/** Virtual milliseconds since the shops opened. */
	readonly nowMs: number;
}

/** Throws where something is not as it must be. It is synchronous, looks, and changes nothing. */
export type Check<App, Outside> = (world: AppWorld<App, Outside>) => void;

/** By name, or in a list: then the function's own name, or its number, is what a report calls it. */
export type Checks<App, Outside> = readonly Check<App, Outside>[] | { readonly [name: string]: Check<App, Outside> };

/** What the vendor says, once looked through. */
export interface Script<App, Outside> {
	readonly start: (till: Replica, place: Place<Outside>) => Promise<App> | App;
	readonly actions: Readonly<Record<string, Action<App, Outside>>>;
	readonly always: readonly (readonly [name: string, check: Check<App, Outside>])[];
	readonly finally: readonly (readonly [name: string, check: Check<App, Outside>])[];
	readonly outside: () => Outside;
}
