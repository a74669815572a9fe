import { performance } from 'node:perf_hooks';
import { type Hunted, hunt, Sound, seedsInOrder } from './hunt.js';
import { mutants } from './list/index.js';
import type { Mutant } from './mutant.js';
import { type Lang, lineOf, summaryOf } from './table.js';

export interface MutantsOptions {
	/** So many mutants are hunted at a time, each by a process of its own. */
	readonly cores: number;
	/** A mutant that lives through so many seeds has survived. */
	readonly seedsMax: number;
	readonly lang: Lang;
	readonly print: (line: string) => void;
	/** All of them unless given. */
	readonly only?: readonly Mutant[];
	/** Sees all that came, in the order of the list. */
	readonly done?: (results: readonly Hunted[]) => void;
}

/** The suite itself on trial: plants one bug after the other and counts the seeds until it is found. 1 where one survives. */
export async function runMutants(options: MutantsOptions): Promise<number> {
	const { cores, seedsMax, lang, print, only = mutants, done } = options;
	const startMs = performance.now();
	const order = seedsInOrder(seedsMax);
	const sound = await Sound.make();
	const results = new Map<Mutant, Hunted>();
	const waiting = [...only];
	const lane = async () => {
		for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
			const hunted = await hunt(mutant, order, sound);
			results.set(mutant, hunted);
			print(lineOf(hunted, lang));
		}
	};
	try {
		await Promise.all(Array.from({ length: cores }, lane));
	} finally {
		sound.close();
	}
	const all = only.flatMap((mutant) => results.get(mutant) ?? []);
	for (const line of summaryOf(all, (performance.now() - startMs) / 1_000, lang)) print(line);
	done?.(all);
	return all.every(({ found }) => found) ? 0 : 1;
}
