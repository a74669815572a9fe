import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Replica } from '../../src/index.js';
import { runs, World } from './escrow-world.js';

const ledger = 'stock/a';

/** Stores with a line between every two that can be cut. */
async function stores(world: World, count: number) {
	const all: Replica[] = [];
	const lines = [];
	for (let i = 0; i < count; i++) {
		const store = await world.open(`store-${i}`, world.memory());
		for (const other of all) {
			const line = world.line();
			other.addLink(line.a);
			store.addLink(line.b);
			lines.push(line);
		}
		all.push(store);
	}
	await world.pass(20);
	return { all, lines };
}

test('P13 a resource of one unit is spent at most once, wherever it wanders', async () => {
	const move = fc.record({
		from: fc.nat(2),
		to: fc.nat(2),
		how: fc.constantFrom('grant' as const, 'ensure' as const, 'spend' as const, 'all-spend' as const),
		cut: fc.boolean(),
		ms: fc.nat(40),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 10 }), fc.integer(), async (moves, seed) => {
			const world = new World(seed);
			const { all, lines } = await stores(world, 3);
			const coupon = (of: Replica) => of.ledger(ledger).pool('coupon');
			const first = all[0] as Replica; // three were opened
			await first.commit((tx) => tx.mint(coupon(first), 'C', 1, 'D'));
			let spent = 0;
			const spend = async (by: Replica) => {
				const outcome = await by.commit((tx) => tx.spend(coupon(by), 'C', 1));
				if (outcome.ok) spent++;
				else expect(outcome.code).toBe('share_exhausted');
			};
			for (const { from, to, how, cut, ms } of moves) {
				const [giver, taker] = [all[from] as Replica, all[to] as Replica]; // both below 3
				if (how === 'spend') await Promise.all([spend(giver), spend(giver)]);
				else if (how === 'all-spend') await Promise.all(all.map(spend));
				else if (how === 'grant' && giver !== taker)
					await giver.commit((tx) => tx.grant(coupon(giver), 'C', 1, taker.device));
				else if (how === 'ensure') {
					const got = coupon(taker).ensure('C', 1, { timeoutMs: 30 });
					await world.pass(40);
					expect(await got).toBeLessThanOrEqual(1);
				}
				for (const line of lines) {
					if (cut) line.cut();
					else line.heal();
				}
				await world.pass(ms);
				expect(all.filter((by) => coupon(by).mine('C') > 0).length).toBeLessThanOrEqual(1);
			}
			for (const line of lines) line.heal();
			await world.pass(1_000);
			for (const by of all) await spend(by);
			await world.pass(50);
			expect(spent).toBe(1);
			for (const by of all) expect(coupon(by).total('C').get()).toMatchObject({ minted: 1, spent: 1, overdrawn: 0 });
		}),
		{ numRuns: runs },
	);
});

test('P18 refunds never exceed what was sold, in whichever stores they are made', async () => {
	const step = fc.record({
		what: fc.constantFrom(
			'sell' as const,
			'refund' as const,
			'refund-everywhere' as const,
			'cut' as const,
			'heal' as const,
		),
		store: fc.nat(1),
		line: fc.nat(2),
		qty: fc.integer({ min: 1, max: 4 }),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), fc.integer(), async (steps, seed) => {
			const world = new World(seed);
			const { all, lines } = await stores(world, 2);
			const stock = (of: Replica) => of.ledger(ledger).pool('stock');
			const refundable = (of: Replica) => of.ledger(ledger).pool('refundable');
			const first = all[0] as Replica; // two were opened
			await first.commit((tx) => tx.mint(stock(first), 'A', 1_000, 'D'));
			const sold: { line: string; qty: number }[] = [];
			const refunded = new Map<string, number>();

			const refund = async (by: Replica, line: string, qty: number) => {
				const mine = refundable(by).mine(line);
				const outcome = await by.commit((tx) => {
					tx.spend(refundable(by), line, qty);
					tx.mint(stock(by), 'A', qty, `refund ${line} ${refunded.get(line) ?? 0} ${by.name}`);
				});
				expect(outcome.ok).toBe(mine >= qty);
				if (outcome.ok) refunded.set(line, (refunded.get(line) ?? 0) + qty);
			};

			for (const { what, store, line, qty } of steps) {
				const by = all[store] as Replica; // store is 0 or 1
				const sale = sold[line];
				if (what === 'sell') {
					const name = `T${sold.length}/1`;
					const outcome = await by.commit((tx) => {
						tx.spend(stock(by), 'A', qty);
						tx.mint(refundable(by), name, qty, name);
					});
					if (outcome.ok) sold.push({ line: name, qty });
				} else if (what === 'refund' && sale) {
					const got = refundable(by).ensure(sale.line, qty, { timeoutMs: 30 });
					await world.pass(40);
					await got;
					await refund(by, sale.line, qty);
				} else if (what === 'refund-everywhere' && sale) {
					await Promise.all(all.map((each) => refund(each, sale.line, qty)));
				} else if (what === 'cut') for (const l of lines) l.cut();
				else if (what === 'heal') for (const l of lines) l.heal();
				await world.pass(5);
				for (const { line: name, qty: units } of sold) expect(refunded.get(name) ?? 0).toBeLessThanOrEqual(units);
			}
			for (const l of lines) l.heal();
			await world.pass(1_000);
			for (const by of all)
				for (const { line, qty } of sold)
					expect(refundable(by).total(line).get()).toMatchObject({ minted: qty, spent: refunded.get(line) ?? 0 });
		}),
		{ numRuns: runs },
	);
});

test('P29 soft: sold is spent and overdrawn together, and each exception is resolved exactly once', async () => {
	const sale = fc.record({
		store: fc.nat(1),
		qty: fc.integer({ min: 1, max: 5 }),
		sync: fc.boolean(),
		mint: fc.nat(6),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(sale, { minLength: 1, maxLength: 10 }), fc.integer(), async (sales, seed) => {
			const world = new World(seed);
			const { all } = await stores(world, 2);
			const pool = (of: Replica) => of.ledger(ledger).pool('p', { policy: 'soft' });
			let [sold, minted, overdrawn, documents] = [0, 0, 0, 0];
			const opened: { id: string; by: Replica }[] = [];
			for (const { store, qty, sync, mint } of sales) {
				const by = all[store] as Replica; // store is 0 or 1
				if (mint > 0) {
					await by.commit((tx) => tx.mint(pool(by), 'A', mint, `D${documents++}`));
					minted += mint;
				}
				const mine = pool(by).mine('A');
				const before = new Set(
					by
						.ledger(ledger)
						.exceptions()
						.map(({ id }) => id),
				);
				const outcome = await by.commit((tx) =>
					tx.spend(pool(by), 'A', qty, { operator: 'Kim', reason: 'on the shelf' }),
				);
				expect(outcome.ok).toBe(true);
				sold += qty;
				const rest = Math.max(0, qty - mine);
				overdrawn += rest;
				const fresh = by
					.ledger(ledger)
					.exceptions()
					.filter(({ id }) => !before.has(id));
				expect(fresh.length).toBe(rest > 0 ? 1 : 0);
				for (const exception of fresh) {
					expect(exception).toMatchObject({
						kind: 'oversell',
						subject: 'p/A',
						amount: rest,
						devices: [by.device],
						operator: 'Kim',
						reason: 'on the shelf',
					});
					opened.push({ id: exception.id, by });
				}
				if (sync) await world.pass(20);
			}
			await world.pass(1_000);
			for (const by of all) {
				const total = pool(by).total('A').get();
				expect(total).toMatchObject({ minted, overdrawn, spent: sold - overdrawn, level: minted - sold + overdrawn });
				expect(total.level).toBeGreaterThanOrEqual(0);
				expect(
					by
						.ledger(ledger)
						.exceptions()
						.map(({ id }) => id)
						.sort(),
				).toEqual(opened.map(({ id }) => id).sort());
			}
			for (const { id, by } of opened) {
				const order = [...all, by];
				const outcomes = await Promise.all(order.map((r) => r.commit((tx) => tx.resolve(r.ledger(ledger), id))));
				expect(outcomes.filter(({ ok }) => ok).length).toBe(1);
				await world.pass(20);
			}
			for (const by of all) expect(by.ledger(ledger).exceptions()).toEqual([]);
		}),
		{ numRuns: runs },
	);
});
