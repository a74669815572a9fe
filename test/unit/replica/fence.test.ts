import { expect, test } from 'vitest';
import { poolSeenBy, World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

test('P22 ESC6 a button that is pressed twice, beside the upkeep of each second, reclaims what there is once', async () => {
	const world = new World();
	const home = await world.open('home', world.memory(), { home: [ledger] });
	const till = await world.open('till', world.memory());
	const line = world.line();
	home.addLink(line.a);
	till.addLink(line.b);
	await till.commit((tx) => tx.mint(till.ledger(ledger).pool('cup'), 'S', 25, 'D1'));
	await world.pass(2_000);
	line.cut();
	await Promise.all([home.fence(till.device), home.tend(), home.fence(till.device), home.tend()]);
	await world.pass(2_000);
	expect(poolSeenBy(home, ledger, 'cup', 'S')).toMatchObject({ minted: 25, shares: new Map([[home.device, 25]]) });
	expect(home.check()).toEqual([]);
});
