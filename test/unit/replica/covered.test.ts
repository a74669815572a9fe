import { describe, expect, test } from 'vitest';
import { OpenReplica } from '../../../src/replica/open-replica.js';
import { keys } from '../../../src/replica/records.js';
import type { Replica } from '../../../src/replica/replica.js';
import { World } from '../../property/escrow-world.js';
import { forgetting, holdingUp } from './lossy-disk.js';

const ledger = 'stock/a';

const sell = (replica: Replica) => replica.commit((tx) => tx.add(replica.ledger(ledger).counter('sold'), 1));
const sold = (replica: Replica) => replica.ledger(ledger).counter('sold').value.get();

function coreOf(replica: Replica) {
	if (!(replica instanceof OpenReplica)) throw new TypeError('another replica');
	return replica.core;
}

/** A home, a second archive, and a till that has sold twice: all of it is under a checkpoint. */
async function covered() {
	const world = new World();
	const home = await world.open('home', world.memory(), { home: [ledger], archive: false });
	const archive = await world.open('archive', world.memory(), { archive: true });
	const disk = world.memory();
	const till = await world.open('till', disk);
	const join = (other: Replica) => {
		const line = world.line();
		home.addLink(line.a);
		other.addLink(line.b);
	};
	join(archive);
	join(till);
	for (let i = 0; i < 2; i++) await sell(till);
	await world.pass(2_000);
	const compacted = home.tend({ compact: true });
	await world.pass(1_000);
	await compacted;
	const [epoch] = coreOf(till).journal.all();
	if (!epoch) throw new TypeError('the till has written nothing');
	return { world, home, till, disk, join, epoch };
}

describe('under a checkpoint', () => {
	test('JRN7 a till goes on after rows that its disk has lost, by the hash that the checkpoint has of them', async () => {
		const { world, home, till, disk, join, epoch } = await covered();
		const { device } = till;
		await till.shutdown();
		const again = await world.open('till', await forgetting(disk, (key) => key === keys.row(epoch.id, 2)));
		expect(coreOf(again).journal.get(epoch.id)?.count).toBe(2);
		expect(await sell(again)).toMatchObject({ ok: true });
		join(again);
		await world.pass(2_000);
		expect([again.device, again.health.get().state]).toEqual([device, 'ok']);
		expect([sold(again), sold(home)]).toEqual([3, 3]);
		expect(home.status().rejected.count).toBe(0);
	});

	test('JRN11 rows that are still on their way to disk are dropped when they have got there, and not before', async () => {
		const { world, home, till, disk, join, epoch } = await covered();
		await till.shutdown();
		const again = await world.open('till', disk);
		join(again);
		await sell(again);
		await world.pass(2_000);
		const rows = coreOf(again).journal.get(epoch.id);
		if (!rows) throw new TypeError('the rows of its former opening are gone');
		rows.durable = rows.count - 1;
		const compacted = home.tend({ compact: true });
		await world.pass(3_000);
		await compacted;
		await again.tend();
		expect(coreOf(again).journal.get(epoch.id)).toBe(rows);
		rows.durable = rows.count;
		await again.tend();
		expect(coreOf(again).journal.get(epoch.id)).toBeUndefined();
	});

	test('SYN2 JRN3 what only a checkpoint shows is neither shown nor had before the checkpoint is on disk', async () => {
		const { world, join, epoch } = await covered();
		const disk = holdingUp(world.memory());
		const newcomer = await world.open('newcomer', disk);
		join(newcomer);
		await world.pass(1_000);
		const core = coreOf(newcomer);
		expect([sold(newcomer), core.have(ledger, epoch.id)]).toEqual([0, 0]);
		disk.letOn();
		await world.pass(10);
		expect([sold(newcomer), core.have(ledger, epoch.id)]).toEqual([2, 3]);
	});
});
