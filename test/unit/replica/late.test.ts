import type { Replica } from 'tillmesh';
import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';

const ledger = 'stock/a';
const notes = (replica: Replica) =>
	replica
		.ledger(ledger)
		.log<string>('notes')
		.all()
		.get()
		.map(({ value, late }) => [value, late]);
const lateAt = (replica: Replica) => replica.status().ledgers.find((of) => of.ledger === ledger)?.late;

async function world() {
	const world = new World();
	const home = await world.open('home', world.memory(), { home: [ledger], archive: true });
	const till = await world.open('till', world.memory());
	const other = await world.open('other', world.memory(), { archive: true });
	const line = world.line();
	const second = world.line();
	till.addLink(line.a);
	home.addLink(line.b);
	other.addLink(second.a);
	home.addLink(second.b);
	const write = (replica: Replica, note: string) =>
		replica.commit((tx) => tx.append(replica.ledger(ledger).log<string>('notes'), note));
	return { world, home, till, other, line, second, write };
}

test('ESC7 what a device wrote past its fence is kept, counts and is marked late, before and after a checkpoint', async () => {
	const { world: w, home, till, other, line, write } = await world();
	await till.commit((tx) => tx.mint(till.ledger(ledger).pool('cup'), 'S', 5, 'D1'));
	await write(till, 'before');
	await w.pass(2_000);
	line.cut();
	await home.fence(till.device);
	const fenced = till.device;
	await write(till, 'past the fence');
	await till.commit((tx) => tx.spend(till.ledger(ledger).pool('cup'), 'S', 2));
	expect(lateAt(home)).toBe(0);
	line.heal();
	await w.pass(3_000);

	for (const replica of [home, till, other]) {
		expect(notes(replica)).toEqual([
			['before', false],
			['past the fence', true],
		]);
		expect(lateAt(replica)).toBe(2);
		expect(replica.ledger(ledger).pool('cup').total('S').get()).toMatchObject({ minted: 5, spent: 2 });
	}
	expect(till.device).not.toBe(fenced);

	await write(till, 'under its new name');
	await w.pass(1_000);
	await home.tend({ compact: true });
	await w.pass(2_000);
	expect(home.status().ledgers.find((of) => of.ledger === ledger)?.checkpoint).toBe(true);
	for (const replica of [home, till, other]) {
		expect(notes(replica).at(-1)).toEqual(['under its new name', false]);
		expect(lateAt(replica)).toBe(2);
	}
});

test('ESC7 who had seen the entries before the fence came sees them marked then', async () => {
	const { world: w, home, till, other, line, second, write } = await world();
	await write(till, 'seen by all');
	await w.pass(2_000);
	second.cut();
	line.cut();
	const direct = w.line();
	till.addLink(direct.a);
	other.addLink(direct.b);
	await home.fence(till.device);
	await write(till, 'past the fence');
	await w.pass(2_000);
	const told: unknown[] = [];
	other
		.ledger(ledger)
		.log<string>('notes')
		.all()
		.on((all) => told.push(all.map(({ late }) => late)));
	expect(notes(other)).toEqual([
		['seen by all', false],
		['past the fence', false],
	]);
	second.heal();
	await w.pass(3_000);
	expect(notes(other)).toEqual([
		['seen by all', false],
		['past the fence', true],
	]);
	expect(told.at(-1)).toEqual([false, true]);
});
