import { openReplica, type Replica } from 'tillmesh';
import { memory, memoryLink } from 'tillmesh/memory';
import { expect, test } from 'vitest';

test('ensure finds shares in every branch behind a relay', async () => {
	const open = (name: string, home: string[] = []) =>
		openReplica({ chain: 'c', name, keeps: ['members/0'], home, archive: home.length > 0, storage: memory() });
	const link = (a: Replica, b: Replica) => {
		const line = memoryLink();
		a.addLink(line.a);
		b.addLink(line.b);
	};
	const hq = await open('hq', ['members/0']);
	const tills: Replica[] = [];
	for (const store of ['1', '2', '3']) {
		const home = await open(`home-${store}`);
		link(home, hq);
		const till = await open(`till-${store}`);
		link(till, home);
		tills.push(till);
	}
	const points = (replica: Replica) => replica.ledger('members/0').pool('points');
	for (const [i, seller] of tills.entries())
		await seller.commit((tx) => tx.mint(points(seller), `member-${i}`, 10, `sale-${i}`));
	const got: string[] = [];
	for (const [i] of tills.entries())
		for (const [j, asker] of tills.entries()) {
			if (i === j) continue;
			const key = `member-${i}`;
			await points(asker)
				.total(key)
				.when(({ minted }) => minted === 10, { timeoutMs: 5000 });
			got.push(`${i}->${j}: ${await points(asker).ensure(key, 1, { timeoutMs: 1500 })}`);
		}
	expect(got).toEqual(['0->1: 1', '0->2: 1', '1->0: 1', '1->2: 1', '2->0: 1', '2->1: 1']);
}, 60_000);

test('P30 a copy of a device is served, though all its asks must pass by the device that it is a copy of', async () => {
	const open = (name: string, storage = memory()) => openReplica({ chain: 'c', name, keeps: ['stock/1'], storage });
	const link = (a: Replica, b: Replica) => {
		const line = memoryLink();
		a.addLink(line.a);
		b.addLink(line.b);
	};
	const storage = memory();
	const till = await open('till', storage);
	const copy = await open('copy', storage.copy());
	expect(copy.device).toBe(till.device);
	const [donor, between] = [await open('donor'), await open('between')];
	link(copy, between);
	link(between, till);
	link(till, donor);
	const pool = (replica: Replica) => replica.ledger('stock/1').pool('cups');
	await donor.commit((tx) => tx.mint(pool(donor), 'L', 3, 'delivery'));
	expect(await pool(copy).ensure('L', 1, { timeoutMs: 3_000 })).toBeGreaterThanOrEqual(1);
	for (const replica of [till, copy, donor, between]) await replica.shutdown();
});
