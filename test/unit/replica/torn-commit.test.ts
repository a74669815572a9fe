import { type OpenOptions, openReplica, type Replica } from 'tillmesh';
import { describe, expect, test } from 'vitest';
import { OpenReplica } from '../../../src/replica/open-replica.js';
import { keys } from '../../../src/replica/records.js';
import { World } from '../../property/escrow-world.js';
import { forgetting } from './lossy-disk.js';

const [stock, cash] = ['stock/a', 'cash/a'];

const count = (replica: Replica, ledger: string) => replica.ledger(ledger).counter('sold').value.get();
const counts = (replica: Replica) => [count(replica, stock), count(replica, cash)];

/** One commit in two ledgers, on a disk that then forgets its part in the second: of that epoch, all but so many rows. */
async function damaged(world: World, meet: (till: Replica) => Promise<void>, kept = 0) {
	const disk = world.memory();
	const till = await world.open('till', disk);
	if (kept > 0) await till.commit((tx) => tx.add(till.ledger(cash).counter('sold'), 1));
	await till.commit((tx) => {
		for (const ledger of [stock, cash]) tx.add(till.ledger(ledger).counter('sold'), 1);
	});
	if (!(till instanceof OpenReplica)) throw new TypeError('another replica');
	const [part] = till.core.journal.in(cash);
	if (!part) throw new TypeError('nothing was written');
	await meet(till);
	await till.shutdown();
	const isLost = (key: string) =>
		key === keys.epoch(part.id) ? kept === 0 : /^[rs]\//.test(key) && keys.parse(key).at >= kept;
	return forgetting(disk, (key) => /^[ers]\//.test(key) && keys.parse(key).epoch === part.id && isLost(key));
}

describe('JRN4 a commit that its own disk has lost a part of', () => {
	test('is held back until its author says that the part is not coming, where nobody can bring it', async () => {
		const world = new World();
		const disk = await damaged(world, async () => {});
		const options: OpenOptions = { chain: 'chain', name: 'till', storage: disk, keeps: ['stock/*', 'cash/*'] };
		const till = await openReplica(options);
		expect(counts(till)).toEqual([0, 0]);
		await till.tend();
		expect(counts(till)).toEqual([1, 0]);
		await till.shutdown();
		const again = await openReplica(options);
		expect(counts(again)).toEqual([1, 0]);
	});

	test('is whole again where a peer brings the part, however often the till looks after itself meanwhile', async () => {
		const world = new World();
		const other = await world.open('other', world.memory());
		const disk = await damaged(world, async (till) => {
			const line = world.line();
			till.addLink(line.a);
			other.addLink(line.b);
			await world.pass(1_000);
		});
		const till = await world.open('till', disk);
		const line = world.line({ delayTurns: 50 });
		till.addLink(line.a);
		other.addLink(line.b);
		for (let i = 0; i < 20; i++) {
			await till.tend();
			await world.pass(50);
		}
		await world.pass(5_000);
		expect([counts(till), counts(other)]).toEqual([
			[1, 1],
			[1, 1],
		]);
		expect(till.status().ledgers.map(({ rows }) => rows)).toEqual([2, 2]);
	});

	test('is let go by its author where he has had to take another name before any part of it came back to him', async () => {
		const world = new World();
		const orders = 'orders/a';
		const home = await world.open('home', world.memory(), { keeps: [orders, stock], home: [orders, stock] });
		const bank = await world.open('bank', world.memory(), { keeps: [cash] });
		const disk = world.memory();
		const keeps = [orders, stock, cash];
		const till = await world.open('till', disk, { keeps });
		const sell = (by: Replica, ...ledgers: string[]) =>
			by.commit((tx) => {
				for (const ledger of ledgers) tx.add(by.ledger(ledger).counter('sold'), 1);
			});
		const meet = (by: Replica, other: Replica) => {
			const line = world.line();
			by.addLink(line.a);
			other.addLink(line.b);
			return line;
		};
		const toBank = meet(till, bank);
		meet(till, home);
		await sell(till, orders, cash);
		await world.pass(1_000);
		const before = disk.copy();
		toBank.cut();
		await sell(till, stock, cash);
		await world.pass(1_000);
		await till.shutdown();
		await home.fence(till.device);

		const restored = await world.open('till', before, { keeps });
		await sell(restored, stock);
		meet(restored, bank);
		meet(restored, home);
		await world.pass(10_000);
		expect(restored.device).not.toBe(till.device);
		expect(counts(restored)).toEqual([2, 1]);
		expect(restored.digest(stock)).toBe(home.digest(stock));
	});

	test('is let go where no peer has one row of the ledger of that part', async () => {
		const world = new World();
		const disk = await damaged(world, async () => {});
		const till = await world.open('till', disk);
		const bank = await world.open('bank', world.memory());
		const line = world.line();
		till.addLink(line.a);
		bank.addLink(line.b);
		await world.pass(5_000);
		await till.tend();
		expect(counts(till)).toEqual([1, 0]);
	});

	test.each([
		['the opening of its epoch', 0],
		['a commit that was no part', 1],
	])('is no need of a checkpoint, nor is what its disk lost with the part: %s', async (_, kept) => {
		const world = new World();
		const meet = (a: Replica, b: Replica) => {
			const line = world.line();
			a.addLink(line.a);
			b.addLink(line.b);
		};
		const home = await world.open('home', world.memory(), { keeps: [stock], home: [stock], archive: false });
		meet(home, await world.open('archive', world.memory(), { keeps: [stock], archive: true }));
		const lossy = await damaged(
			world,
			async (till) => {
				meet(till, home);
				await world.pass(1_000);
			},
			kept,
		);
		const till = await world.open('till', lossy);
		const bank = await world.open('bank', world.memory(), { keeps: [cash] });
		await bank.commit((tx) => tx.add(bank.ledger(cash).counter('counted'), 1));
		for (const other of [home, bank]) meet(till, other);
		await world.pass(5_000);
		await till.tend();
		await world.pass(1_000);
		await home.tend({ compact: true });
		const newcomer = await world.open('newcomer', world.memory());
		for (const other of [home, bank]) meet(newcomer, other);
		await world.pass(1_000);
		expect(counts(till)).toEqual([1, 0]);
		expect(newcomer.status().ledgers.map(({ checkpoint }) => checkpoint)).toContain(true);
		expect(counts(newcomer)).toEqual([1, 0]);
	});
});
