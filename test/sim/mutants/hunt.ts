import { performance } from 'node:perf_hooks';
import { bundleSim } from '../run/bundle.js';
import type { Played } from '../run/order.js';
import { Players } from '../run/players.js';
import { planOf } from '../story/plan.js';
import type { Mutant } from './mutant.js';
import { plant } from './plant.js';

/** How it went with one mutant. */
export interface Hunted {
	readonly mutant: Mutant;
	/** Seeds played, the one that found it among them. */
	readonly seeds: number;
	/** What found it; undefined where it survived. */
	readonly found: { readonly seed: number; readonly property: number; readonly message: string } | undefined;
	readonly seconds: number;
}

/** Seeds that come to no end: that finds nothing, for it may be the machine that is slow, and is not waited for often. */
const unendedMax = 3;
/** Orders that a player has before it. */
const lanes = 3;

/** From 1 on: shops before chains, for most bugs show in a small world, at a tenth of the price. */
export function seedsInOrder(seedsMax: number): readonly number[] {
	const seeds = Array.from({ length: seedsMax }, (_, i) => i + 1);
	const chains = new Set(seeds.filter((seed) => planOf(seed).topology.stores > 1));
	return [...seeds.filter((seed) => !chains.has(seed)), ...chains];
}

/** The code as it is: a seed that fails there too says nothing about a mutant. */
export class Sound {
	readonly #players: Players;
	readonly #known = new Map<number, Promise<Played>>();

	private constructor(bundle: string) {
		this.#players = new Players({ bundle, cores: 1 });
	}

	static async make(): Promise<Sound> {
		return new Sound(await bundleSim());
	}

	async fails(seed: number): Promise<boolean> {
		const playing = this.#known.get(seed) ?? this.#players.play({ seed });
		this.#known.set(seed, playing);
		return (await playing).violation !== undefined;
	}

	close(): void {
		this.#players.close();
	}
}

/** Plays a mutant's world seed after seed, until some property does not hold in it that holds without the mutant. */
export async function hunt(mutant: Mutant, order: readonly number[], sound: Sound): Promise<Hunted> {
	const startMs = performance.now();
	const bundle = await bundleSim({ plugins: [plant(mutant)] });
	const players = new Players({ bundle, cores: 1 });
	let next = 0;
	let seeds = 0;
	let unended = 0;
	let found: Hunted['found'];
	const lane = async () => {
		for (let seed = order[next++]; seed !== undefined && !found && unended < unendedMax; seed = order[next++]) {
			const { violation, hash } = await players.play({ seed });
			if (found) return;
			seeds++;
			if (hash === '') unended++;
			else if (violation && !(await sound.fails(seed))) found ??= { seed, ...violation };
		}
	};
	try {
		await Promise.all(Array.from({ length: lanes }, lane));
	} finally {
		players.close();
	}
	return { mutant, seeds, found, seconds: (performance.now() - startMs) / 1_000 };
}
