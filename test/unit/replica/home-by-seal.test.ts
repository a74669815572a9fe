import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

test('P24 ESC10 who got the home’s opening by a checkpoint alone knows who is home', async () => {
	const world = new World();
	const home = await world.open('home', world.memory(), { home: [ledger], segmentRows: 2 });
	const second = await world.open('second', world.memory(), { archive: true });
	const line = world.line();
	home.addLink(line.a);
	second.addLink(line.b);
	for (let i = 0; i < 6; i++) {
		await home.commit((tx) => tx.mint(home.ledger(ledger).pool('cup'), 'S', 5, `D${i}`));
		await world.pass(2_000);
		await home.tend({ compact: true });
	}
	await world.pass(2_000);
	const storage = world.memory();
	const till = await world.open('till', storage);
	const tills = world.line();
	till.addLink(tills.a);
	second.addLink(tills.b);
	await world.pass(5_000);
	expect(till.status().ledgers).toMatchObject([{ ledger, checkpoint: true }]);
	expect(till.homeOf(ledger)).toBe(home.device);
	await till.shutdown();
	const again = await world.open('till', storage);
	expect(again.homeOf(ledger)).toBe(home.device);
});
