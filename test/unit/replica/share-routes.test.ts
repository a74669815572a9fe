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
