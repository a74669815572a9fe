import { createHash } from 'node:crypto';
import { properties } from '../properties/list.js';
import type { Violation } from '../result.js';
import { type FaultName, faultNames, faultShares } from '../story/plan.js';
import { kindOf } from './kind.js';
import type { Played } from './order.js';

/** How often something was in play, and in how many seeds. */
export interface Count {
	readonly times: number;
	readonly seeds: number;
}

export interface Failure {
	readonly seed: number;
	readonly hash: string;
	readonly violation: Violation;
}

export interface FaultLine extends Count {
	readonly name: FaultName;
	/** Of all seeds, and how many were to be allowed it. */
	readonly percent: number;
	readonly wantedPercent: number;
}

export interface PropertyLine extends Count {
	readonly property: number;
}

/** Below so many seeds it may be chance that something never happened. */
export const coverageSeedsMin = 500;

/** Adds up what came of many seeds, in whatever order it comes. */
export class Tally {
	seeds = 0;
	steps = 0;
	virtualMs = 0;
	/** What all seeds took, on as many cores as there were. */
	coreMs = 0;
	readonly failures: Failure[] = [];
	/** The first found of each kind. */
	readonly kinds = new Map<string, Failure>();
	readonly #counts = new Map<string, { times: number; seeds: number }>();
	readonly #hashes = new Map<number, string>();

	add({ seed, hash, steps, virtualMs, inPlay, violation, realMs }: Played): void {
		this.seeds++;
		this.steps += steps;
		this.virtualMs += virtualMs;
		this.coreMs += realMs;
		this.#hashes.set(seed, hash);
		for (const [what, times] of Object.entries(inPlay)) {
			if (times <= 0) continue;
			const count = this.#counts.get(what) ?? { times: 0, seeds: 0 };
			this.#counts.set(what, count);
			count.times += times;
			count.seeds++;
		}
		if (!violation) return;
		const failure: Failure = { seed, hash, violation };
		this.failures.push(failure);
		const kind = kindOf(violation);
		if (!this.kinds.has(kind)) this.kinds.set(kind, failure);
	}

	count(what: string): Count {
		return this.#counts.get(what) ?? { times: 0, seeds: 0 };
	}

	faults(): FaultLine[] {
		return faultNames.map((name) => {
			const count = this.count(`fault ${name}`);
			const percent = this.seeds === 0 ? 0 : (100 * count.seeds) / this.seeds;
			return { name, ...count, percent, wantedPercent: faultShares[name] };
		});
	}

	properties(): PropertyLine[] {
		return [...properties.keys()].map((property) => ({ property, ...this.count(`property ${property}`) }));
	}

	/** What this many seeds must have seen and have not: a property that nothing tried proves nothing. */
	neverInPlay(): { readonly faults: readonly FaultName[]; readonly properties: readonly number[] } {
		if (this.seeds < coverageSeedsMin) return { faults: [], properties: [] };
		return {
			faults: this.faults().flatMap(({ name, times }) => (times === 0 ? [name] : [])),
			properties: this.properties().flatMap(({ property, times }) => (times === 0 ? [property] : [])),
		};
	}

	/** Of all seeds' hashes, in the order of the seeds: equal where the same happened in every one. */
	hash(): string {
		const sum = createHash('sha256');
		for (const [seed, hash] of [...this.#hashes].sort(([a], [b]) => a - b)) sum.update(`${seed} ${hash}\n`);
		return sum.digest('hex').slice(0, 16);
	}
}
