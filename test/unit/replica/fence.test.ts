import type { StorageAdapter } from 'tillmesh/ports';
import { expect, test } from 'vitest';
import { poolSeenBy, World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

/** A disk each of whose syncs takes 50 ms. */
function slow(world: World): StorageAdapter {
	const memory = world.memory();
	return {
		kind: 'slow',
		platform: memory.platform,
		open: async (holder) => {
			const storage = await memory.open(holder);
			return {
				read: (prefix) => storage.read(prefix),
				size: () => storage.size(),
				close: () => storage.close(),
				write: async (batch) => {
					await new Promise<void>((resolve) => world.timers.after(50, resolve));
					await storage.write(batch);
				},
			};
		},
	};
}

test('P22 ESC6 a button that is pressed twice, beside the upkeep of each second, reclaims what there is once', async () => {
	const world = new World();
	const opening = world.open('home', slow(world), { home: [ledger] });
	await world.pass(200);
	const home = await opening;
	const till = await world.open('till', world.memory());
	const line = world.line();
	home.addLink(line.a);
	till.addLink(line.b);
	await till.commit((tx) => tx.mint(till.ledger(ledger).pool('cup'), 'S', 25, 'D1'));
	await world.pass(2_000);
	line.cut();
	const fencing = home.fence(till.device);
	await world.pass(60);
	const all = Promise.all([fencing, home.tend(), home.fence(till.device), home.tend()]);
	await world.pass(2_000);
	await all;
	expect(poolSeenBy(home, ledger, 'cup', 'S')).toMatchObject({ minted: 25, shares: new Map([[home.device, 25]]) });
	expect(home.check()).toEqual([]);
});
