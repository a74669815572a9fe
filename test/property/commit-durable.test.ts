import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlreadyOpen, Closed, type Outcome, type Replica } from '../../src/index.js';
import { HandDisk } from './commit-disk.js';
import { runs, settle, World } from './escrow-world.js';

const ledgers = ['stock/a', 'stock/b', 'cash/a'];

interface Written {
	readonly id: number;
	readonly in: readonly string[];
	state: 'open' | 'confirmed' | 'lost' | 'failed';
}

const partsOf = (mask: number): string[] => ledgers.filter((_, i) => mask & (1 << i));

/** A sale in several ledgers: a note in each, a unit spent in each, the drawer counted. */
function sell(replica: Replica, written: Written): Promise<Outcome<void>> {
	return replica.commit((tx) => {
		for (const name of written.in) {
			const ledger = replica.ledger(name);
			tx.append(ledger.log<number>('sales'), written.id);
			tx.mint(ledger.pool('units'), 'new', 2, `M${written.id}`);
			tx.spend(ledger.pool('units'), 'u', 1);
			tx.add(ledger.counter('drawer'), written.id);
		}
	});
}

const salesIn = (replica: Replica, ledger: string): number[] =>
	replica
		.ledger(ledger)
		.log<number>('sales')
		.all()
		.get()
		.map(({ value }) => value)
		.sort((a, b) => a - b);

/** Which commits a replica shows; fails where it shows a part of one. */
function shown(replica: Replica, all: readonly Written[]): Set<number> {
	const visible = new Set<number>();
	for (const ledger of ledgers) {
		const sales = salesIn(replica, ledger);
		expect(new Set(sales).size).toBe(sales.length);
		for (const id of sales) visible.add(id);
	}
	for (const ledger of ledgers) {
		const whole = all.filter((w) => visible.has(w.id) && w.in.includes(ledger)).map(({ id }) => id);
		expect(salesIn(replica, ledger)).toEqual(whole);
		const units = replica.ledger(ledger).pool('units');
		expect(units.total('u').get().spent).toBe(whole.length);
		expect(units.total('new').get().minted).toBe(2 * whole.length);
		expect(replica.ledger(ledger).counter('drawer').value.get()).toBe(whole.reduce((a, b) => a + b, 0));
	}
	return visible;
}

const history = fc.array(
	fc.oneof(
		{ weight: 4, arbitrary: fc.record({ what: fc.constant('sell' as const), mask: fc.integer({ min: 1, max: 7 }) }) },
		{ weight: 2, arbitrary: fc.record({ what: fc.constant('sync' as const), count: fc.nat(3) }) },
		{ weight: 1, arbitrary: fc.record({ what: fc.constant('crash' as const), count: fc.nat(3) }) },
		{ weight: 1, arbitrary: fc.record({ what: fc.constant('fail' as const) }) },
		{ weight: 1, arbitrary: fc.record({ what: fc.constant('turn' as const) }) },
		{ weight: 1, arbitrary: fc.record({ what: fc.constantFrom('cut' as const, 'heal' as const) }) },
	),
	{ minLength: 4, maxLength: 24 },
);

test('P6 P7 JRN3 JRN5 whenever the process dies or its disk fails, a commit is there whole or not at all, and never before it is durable', async () => {
	await fc.assert(
		fc.asyncProperty(history, fc.integer(), async (steps, seed) => {
			const world = new World(seed);
			const disk = new HandDisk(world.platform());
			const peer = await world.open('peer', world.memory());
			const all: Written[] = [];
			let unlink = () => {};
			let line = world.line();
			let notified = 0;
			const open = async (): Promise<Replica> => {
				const opened = await world.open('till', disk);
				// Slow enough that a step falls between two parts of one commit.
				line = world.line({ delayTurns: 6 });
				opened.addLink(line.a);
				unlink = peer.addLink(line.b);
				for (const ledger of ledgers)
					opened
						.ledger(ledger)
						.log('sales')
						.all()
						.subscribe(() => notified++);
				disk.auto = false;
				return opened;
			};
			let replica = await open();
			disk.auto = true;
			await replica.commit((tx) => {
				for (const ledger of ledgers) tx.mint(replica.ledger(ledger).pool('units'), 'u', 1_000, 'stock');
			});
			disk.auto = false;
			const reopen = async () => {
				unlink();
				disk.auto = true;
				replica = await open();
				const visible = shown(replica, all);
				for (const written of all) {
					if (written.state === 'open') written.state = visible.has(written.id) ? 'confirmed' : 'lost';
					expect([written.id, visible.has(written.id)]).toEqual([written.id, written.state === 'confirmed']);
				}
			};
			for (const step of steps) {
				if (step.what === 'sell') {
					const written: Written = { id: all.length + 1, in: partsOf(step.mask), state: 'open' };
					all.push(written);
					sell(replica, written).then(
						({ ok }) => {
							written.state = ok ? 'confirmed' : 'failed';
						},
						() => {},
					);
				} else if (step.what === 'sync') {
					await settle();
					disk.sync(step.count);
					await world.pass(3);
				} else if (step.what === 'crash') {
					await settle();
					disk.crash(step.count);
					await reopen();
				} else if (step.what === 'fail') {
					await settle();
					if (disk.waiting === 0) continue;
					disk.fail();
					await settle();
					expect(replica.health.get()).toMatchObject({ state: 'broken', error: { code: 'storage_full' } });
					const before = disk.bytes();
					const late = replica.commit((tx) => tx.add(replica.ledger('cash/a').counter('drawer'), 1));
					await expect(late).rejects.toBeInstanceOf(Closed);
					await expect(late).rejects.toMatchObject({ code: 'closed', cause: { code: 'storage_full' } });
					await world.pass(50);
					expect(disk.bytes()).toBe(before);
					for (const written of all) if (written.state === 'open') written.state = 'lost';
					shown(replica, all);
					await replica.shutdown();
					await reopen();
				} else if (step.what === 'turn') await world.pass(250);
				else if (step.what === 'cut') line.cut();
				else line.heal();

				// What nobody has been told of is seen nowhere: not here, not by a listener, not at a peer.
				const before = notified;
				const here = shown(replica, all);
				for (const { id, state } of all) expect([id, here.has(id)]).toEqual([id, state === 'confirmed']);
				const there = shown(peer, all);
				for (const id of there) expect(all[id - 1]?.state).toBe('confirmed');
				expect(notified).toBe(before);
			}
			await settle();
			disk.auto = true;
			disk.sync();
			line.heal();
			await world.pass(1_200);
			expect(all.filter(({ state }) => state === 'open' || state === 'failed')).toEqual([]);
			const kept = all.filter(({ state }) => state === 'confirmed').map(({ id }) => id);
			expect([...shown(replica, all)].sort((a, b) => a - b)).toEqual(kept);
			expect([...shown(peer, all)].sort((a, b) => a - b)).toEqual(kept);
		}),
		{ numRuns: runs },
	);
});

test('JRN3 get, listeners and the promise wait for the disk; what may still be spent does not', async () => {
	const world = new World();
	const disk = new HandDisk(world.platform());
	const replica = await world.open('till', disk);
	const pool = replica.ledger('stock/a').pool('p');
	await replica.commit((tx) => tx.mint(pool, 'x', 5, 'D'));
	disk.auto = false;
	const before = pool.total('x').get();
	let told = 0;
	let resolved = false;
	pool.total('x').subscribe(() => told++);
	const outcome = replica
		.commit((tx) => tx.spend(pool, 'x', 2))
		.then(() => {
			resolved = true;
		});
	await world.pass(5_000);
	expect([pool.total('x').get() === before, told, resolved, pool.mine('x')]).toEqual([true, 0, false, 3]);
	disk.sync();
	await outcome;
	expect([pool.total('x').get().spent, told, resolved, pool.mine('x')]).toEqual([2, 1, true, 3]);
});

test('P28 two openings, one writer: the second is refused by the name of the first, in any order of opening and closing', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.constantFrom('open', 'shutdown', 'crash'), { maxLength: 12 }), async (steps) => {
			const world = new World();
			const storage = world.memory();
			let holder: Replica | undefined;
			let opened = 0;
			for (const step of steps) {
				if (step === 'open') {
					const name = `window ${++opened}`;
					const second = world.open(name, storage);
					if (holder) {
						const error: unknown = await second.catch((reason: unknown) => reason);
						expect(error).toBeInstanceOf(AlreadyOpen);
						expect(error).toMatchObject({ code: 'already_open', retryable: true, holder: holder.name });
					} else holder = await second;
				} else {
					if (step === 'crash') storage.crash();
					else await holder?.shutdown();
					holder = undefined;
				}
				const log = holder?.ledger('stock/a').log<number>('l');
				if (log) expect(await holder?.commit((tx) => tx.append(log, 1))).toMatchObject({ ok: true });
			}
		}),
		{ numRuns: runs },
	);
});
