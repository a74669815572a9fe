import { BadArguments, wishOf } from './arguments.js';
import type { Around } from './around.js';
import { playMutants } from './mutants.js';
import { playOne } from './one.js';
import { playSeeds } from './seeds.js';
import { playSpeed } from './speed.js';
import { texts } from './texts.js';

/** The command. Answers its exit code: 0 all held, 1 something did not or was never tried, 2 arguments say nothing. */
export async function sim(args: readonly string[], around: Around): Promise<number> {
	try {
		const wish = wishOf(args, around.env);
		switch (wish.what) {
			case 'help':
				around.print(texts[wish.lang].help);
				return 0;
			case 'seed':
				return await playOne(wish, around);
			case 'seeds':
				return await playSeeds(wish, around);
			case 'speed':
				return await playSpeed(wish, around);
			case 'mutants':
				return await playMutants(wish, around);
		}
	} catch (error) {
		if (!(error instanceof BadArguments)) throw error;
		around.progress.write(`${error.message}\n`);
		return 2;
	}
}
