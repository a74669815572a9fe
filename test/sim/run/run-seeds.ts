import type { Order, Played } from './order.js';
import { Players, type PlayersOptions } from './players.js';

export interface SeedsOptions extends PlayersOptions {
	readonly from: number;
	readonly count: number;
	/** What is not asked for by the seed alone. */
	readonly order?: Omit<Order, 'seed'>;
	/** Sees each seed as it comes, in no order. Answers false where no further one is wanted. */
	readonly played: (played: Played) => boolean | undefined;
	/** Ends it in the middle; what came until then has been seen. */
	readonly signal?: AbortSignal;
}

/** One is played, two wait: a player never stands still, and little is lost where one dies. */
const lanesPerCore = 3;

/** Plays seeds on all cores, a few ahead for each. */
export async function runSeeds(options: SeedsOptions): Promise<void> {
	const { from, count, cores, order, played, signal } = options;
	const players = new Players(options);
	let next = from;
	let wanted = signal?.aborted !== true;
	const stop = () => {
		wanted = false;
		players.close();
	};
	signal?.addEventListener('abort', stop, { once: true });
	const lane = async () => {
		while (wanted && next < from + count) {
			const result = await players.play({ ...order, seed: next++ });
			if (wanted && played(result) === false) stop();
		}
	};
	try {
		await Promise.all(Array.from({ length: cores * lanesPerCore }, lane));
	} catch (error) {
		if (wanted) throw error;
	} finally {
		signal?.removeEventListener('abort', stop);
		players.close();
	}
}
