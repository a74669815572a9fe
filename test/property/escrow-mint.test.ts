import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Replica } from '../../src/index.js';
import { runs, World } from './escrow-world.js';

const ledger = 'stock/a';
/** Names whose spaces must not make two of them one. */
const keys = ['x', 'x D', 'x%20D'];
const documents = ['D', 'D D', 'E'];

const taps = fc.array(
	fc.record({
		what: fc.constantFrom(
			'mint' as const,
			'mint' as const,
			'in-flight' as const,
			'twice-in-one' as const,
			'restart' as const,
		),
		till: fc.nat(1),
		key: fc.nat(2),
		document: fc.nat(2),
		amount: fc.integer({ min: 1, max: 5 }),
		sync: fc.boolean(),
	}),
	{ minLength: 2, maxLength: 12 },
);

test('P12 a document mints once a device, and one double-mint exception says so of two, resolved exactly once', async () => {
	await fc.assert(
		fc.asyncProperty(taps, fc.integer(), async (history, seed) => {
			const world = new World(seed);
			const home = await world.open('home', world.memory(), { home: ['stock/*'] });
			const storages = [world.memory(), world.memory()];
			const tills: Replica[] = [];
			const unlink: (() => void)[] = [];
			const open = async (i: number) => {
				const storage = storages[i] as (typeof storages)[0]; // i is 0 or 1
				tills[i] = await world.open(`till-${i}`, storage);
				const line = world.line();
				unlink[i] = home.addLink(line.a);
				tills[i].addLink(line.b);
			};
			await open(0);
			await open(1);
			const pool = (of: Replica) => of.ledger(ledger).pool('p');
			/** By key and document: what each till minted for it first. */
			const minted = new Map<string, Map<number, number>>();
			for (const { what, till, key, document, amount, sync } of history) {
				const replica = tills[till] as Replica;
				const [k, d] = [keys[key] as string, documents[document] as string]; // both below 3
				const mint = () => replica.commit((tx) => tx.mint(pool(replica), k, amount, d));
				const minters = minted.get(`${key} ${document}`) ?? new Map<number, number>();
				minted.set(`${key} ${document}`, minters);
				if (what === 'restart') {
					unlink[till]?.();
					await replica.shutdown();
					await open(till);
					continue;
				}
				const repeated = minters.has(till);
				const outcomes =
					what === 'mint'
						? [await mint()]
						: what === 'in-flight'
							? await Promise.all([mint(), mint()])
							: [
									await replica.commit((tx) => {
										tx.mint(pool(replica), k, amount, d);
										tx.mint(pool(replica), k, amount + 1, d);
									}),
								];
				for (const [i, outcome] of outcomes.entries())
					expect(outcome).toMatchObject({ ok: true, replayed: repeated || i > 0 });
				if (!repeated) minters.set(till, amount);
				const own = [...minted].reduce(
					(sum, [id, by]) => sum + (id.startsWith(`${key} `) ? (by.get(till) ?? 0) : 0),
					0,
				);
				expect(pool(replica).mine(k)).toBe(own);
				if (sync) await world.pass(20);
			}
			await world.pass(2_500);

			const twice = [...minted.values()].filter((by) => by.size > 1);
			for (const replica of [home, ...tills]) {
				expect(replica.check()).toEqual([]);
				for (const [i, key] of keys.entries()) {
					const all = [...minted].filter(([id]) => id.startsWith(`${i} `)).flatMap(([, by]) => [...by.values()]);
					expect(pool(replica).total(key).get().minted).toBe(all.reduce((a, b) => a + b, 0));
				}
				const exceptions = replica.ledger(ledger).exceptions();
				expect(
					exceptions
						.map(({ kind, amount, devices }) => ({ kind, amount, of: devices.length }))
						.sort((a, b) => a.amount - b.amount),
				).toEqual(
					twice
						.map((by) => ({ kind: 'double-mint', amount: Math.min(...by.values()), of: 2 }))
						.sort((a, b) => a.amount - b.amount),
				);
			}
			for (const { id } of home.ledger(ledger).exceptions()) {
				const resolve = (by: Replica) => by.commit((tx) => tx.resolve(by.ledger(ledger), id));
				const outcomes = await Promise.all([home, ...tills, home].map(resolve));
				expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, false]);
				expect(outcomes[1]).toMatchObject({ code: 'already_resolved' });
			}
			await world.pass(30);
			for (const replica of [home, ...tills]) expect(replica.ledger(ledger).exceptions()).toEqual([]);
		}),
		{ numRuns: runs },
	);
});
