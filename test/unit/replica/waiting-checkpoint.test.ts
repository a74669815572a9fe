import { expect, test } from 'vitest';
import { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Replica } from '../../../src/replica/replica.js';
import { World } from '../../property/escrow-world.js';

const [orders, stock] = ['orders/a', 'stock/a'];
const keeps = [orders, stock];

const sold = (replica: Replica) => replica.ledger(orders).counter('sold').value.get();

test('JRN10 JRN3 a checkpoint that waits is on disk with the rows that go on after it', async () => {
	const world = new World();
	const segmentRows = 16;
	const home = await world.open('home', world.memory(), { keeps, home: keeps, archive: false, segmentRows });
	const archive = await world.open('archive', world.memory(), { keeps, archive: true, segmentRows });
	const ofOrders = await world.open('of-orders', world.memory(), { keeps: [orders] });
	const ofStock = await world.open('of-stock', world.memory(), { keeps: [stock] });
	const join = (a: Replica, b: Replica) => {
		const line = world.line();
		a.addLink(line.a);
		b.addLink(line.b);
		return line;
	};
	for (const other of [archive, ofOrders, ofStock]) join(home, other);
	const sell = () =>
		home.commit((tx) => {
			tx.add(home.ledger(orders).counter('sold'), 1);
			tx.add(home.ledger(stock).counter('gone'), 1);
		});
	// More than a segment: what is under the checkpoint goes, and its epoch is gone on from.
	for (let i = 0; i < 3 * segmentRows; i++) await sell();
	await world.pass(5_000);
	await home.tend({ compact: true });
	for (let i = 0; i < 2 * segmentRows; i++) await sell();
	await world.pass(5_000);

	const disk = world.memory();
	const till = await world.open('till', disk, { keeps });
	const line = join(till, ofOrders);
	await world.pass(2_000);
	if (!(till instanceof OpenReplica)) throw new TypeError('another replica');
	// It has rows, and waits for what they go with in the ledger that its only peer does not keep.
	expect(till.core.view.pending(orders)).toHaveLength(1);
	expect([...till.core.journal.in(orders)].some(({ open }) => open?.prev)).toBe(true);
	line.cut();
	disk.crash();

	const again = await world.open('till', disk, { keeps });
	join(again, ofStock);
	await world.pass(5_000);
	expect(sold(again)).toBe(sold(home));
	await again.shutdown();
	const storage = await disk.open('reader');
	expect((await storage.read('w/')).length).toBe(0);
	expect((await storage.read('c/')).length).toBe(2);
});
