import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

test('JRN7 ESC9 a home that went on from an old copy of its disk goes on under a new name, and fences its former self', async () => {
	const world = new World();
	const disk = world.memory();
	const first = await world.open('home', disk, { home: [ledger] });
	const till = await world.open('till', world.memory());
	const counter = (of: typeof till) => of.ledger(ledger).counter('sold');
	const sell = (by: typeof till) => by.commit((tx) => tx.add(counter(by), 1));
	const line = world.line();
	first.addLink(line.a);
	till.addLink(line.b);
	await sell(first);
	await world.pass(1_000);
	const old = disk.copy();
	await sell(first);
	await world.pass(1_000);
	await first.shutdown();

	const home = await world.open('home', old, { home: [ledger] });
	await sell(home); // before anybody told it of what it has lost
	expect(home.device).toBe(first.device);
	const again = world.line();
	home.addLink(again.a);
	till.addLink(again.b);
	await world.pass(10_000);
	expect(home.health.get().state).toBe('ok');
	expect(home.device).not.toBe(first.device);
	for (const replica of [home, till]) {
		expect(counter(replica).value.get()).toBe(3);
		expect(replica.homeOf(ledger)).toBe(home.device);
	}
	expect(await sell(home)).toMatchObject({ ok: true });
	await world.pass(1_000);
	expect(counter(till).value.get()).toBe(4);
});
