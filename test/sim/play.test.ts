import { expect, it } from 'vitest';
import { play } from './play.js';
import { bundleSim } from './run/bundle.js';
import { Players } from './run/players.js';
import { planOf } from './story/plan.js';

it('the first world of a process is the same as the next ones, and as in the bundle, where nothing is loaded by and by', async () => {
	const seed = 1;
	const hashes: string[] = [];
	for (let i = 0; i < 3; i++) hashes.push((await play(planOf(seed))).hash);
	const players = new Players({ bundle: await bundleSim(), cores: 1 });
	const { hash } = await players.play({ seed });
	players.close();
	expect(hashes).toEqual([hash, hash, hash]);
}, 60_000);
