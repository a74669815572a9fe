import { type ChainOptions, chainOptions, checkKnown, topologyOf } from './options.js';
import { SimulatedWorld } from './simulated-world.js';
import type { World } from './world.js';

/**
 * Opens a chain of shops in this process, with nothing in it: tills, relays and lines are up and connected when it resolves.
 * Virtual time, no sockets, no files; runs in Node, under any test runner. See `World` for how time goes on.
 *
 * Throws `BadArgument` that names the option.
 *
 * ```ts
 * await using world = await testChain({ tillsPerStore: 2 });
 * const points = (t: number) => world.till(t).ledger('members/7').pool('points');
 * await world.till(0).commit((tx) => tx.mint(points(0), 'm-1', 100, 'opening'));
 * await world.settle();
 * world.cut(0, 'relay');
 * world.cut(0, 1); // till 0 is alone now
 * const both = await Promise.all(world.tills.map((till, t) => till.commit((tx) => tx.spend(points(t), 'm-1', 80))));
 * console.log(both.filter(({ ok }) => ok).length); // 1
 * ```
 */
export async function testChain(options: ChainOptions = {}): Promise<World> {
	checkKnown(options, chainOptions);
	const topology = topologyOf(options);
	const world = new SimulatedWorld({ seed: options.seed ?? 1, topology, isAutomatic: true, atDeath: 'reject' });
	await world.open();
	return world;
}
