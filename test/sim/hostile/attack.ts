import type { Chance } from '../machines/chance.js';
import type { HostileMachine } from './machine.js';
import type { HostileWire } from './wire.js';

/** Who does it, over which line, and what it leaves to chance. */
export interface Strike {
	readonly machine: HostileMachine;
	readonly wire: HostileWire;
	readonly chance: Chance;
}

/**
 * One bad thing. `up`: done as soon as there is a line. `live`: only a peer that has proved who it is can do it. `quiet`: it is
 * refused whole, so that nothing at all may come of it on the victim's disk.
 */
export interface Attack {
	readonly name: string;
	readonly needs: 'up' | 'live';
	readonly isQuiet: boolean;
	readonly run: (strike: Strike) => void | Promise<void>;
}

type Run = Attack['run'];

/** `refused`: attacks of which nothing may be taken. */
export const refused = (needs: Attack['needs'], runs: Readonly<Record<string, Run>>): Attack[] =>
	Object.entries(runs).map(([name, run]) => ({ name, needs, isQuiet: true, run }));

/** Attacks of which something may be taken: what is well said is its own. */
export const taken = (runs: Readonly<Record<string, Run>>): Attack[] =>
	Object.entries(runs).map(([name, run]) => ({ name, needs: 'live', isQuiet: false, run }));
