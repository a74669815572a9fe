import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MemoryLink } from '../../adapters/link-memory/index.js';
import type { MemoryAdapter } from '../../adapters/storage-memory/index.js';
import { decodeEntry } from '../../src/journal/entry.js';
import { poolSeenBy, runs, World } from './escrow-world.js';

const ledger = 'stock/a';

/** How often each request was granted, read from the rows that a replica stored. */
async function grantsByRequest(adapter: MemoryAdapter): Promise<Map<string, number>> {
	const storage = await adapter.copy().open('reader');
	const counts = new Map<string, number>();
	for (const { value } of await storage.read('r/'))
		for (const leg of decodeEntry(value.slice(0, -4))?.legs ?? [])
			if (leg.kind === 'grant' && leg.request !== '') counts.set(leg.request, (counts.get(leg.request) ?? 0) + 1);
	await storage.close();
	return counts;
}

const scenario = fc.record({
	seed: fc.integer(),
	donors: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
	home: fc.boolean(),
	between: fc.boolean(),
	faults: fc.record({
		drop: fc.constantFrom(0, 0.2, 0.5),
		duplicate: fc.constantFrom(0, 0.3),
		reorder: fc.constantFrom(0, 0.3),
	}),
	asks: fc.array(
		fc.record({ amount: fc.integer({ min: 1, max: 12 }), afterMs: fc.nat(60), cutMs: fc.option(fc.nat(20)) }),
		{
			minLength: 1,
			maxLength: 3,
		},
	),
});

test('P9 P10 a request is granted at most once, and a grant that was written arrives, whatever the lines do', async () => {
	await fc.assert(
		fc.asyncProperty(scenario, async ({ seed, donors, home, between, faults, asks }) => {
			const world = new World(seed);
			const asker = { replica: await world.open('asker', world.memory()) };
			const members = [asker.replica];
			const storages: MemoryAdapter[] = [];
			const lines: MemoryLink[] = [];
			let calm = false;
			for (const [i, amount] of donors.entries()) {
				const storage = world.memory();
				storages.push(storage);
				const donor = await world.open(`donor-${i}`, storage, home && i === 0 ? { home: ['stock/*'] } : {});
				await donor.commit((tx) => tx.mint(donor.ledger(ledger).pool('p'), 'x', amount, `D${i}`));
				for (const [j, other] of members.entries()) {
					if (j > 0 && !between) continue;
					const line = world.line({ ...faults, random: () => (calm ? 0.999 : world.chance()) });
					other.addLink(line.a);
					donor.addLink(line.b);
					lines.push(line);
				}
				members.push(donor);
			}
			await world.pass(800);
			const pool = asker.replica.ledger(ledger).pool('p');
			const all = donors.reduce((a, b) => a + b, 0);
			for (const { amount, afterMs, cutMs } of asks) {
				const got = pool.ensure('x', amount, { timeoutMs: 90 });
				if (cutMs !== null) {
					await world.pass(cutMs);
					for (const line of lines) line.cut();
				}
				await world.pass(90 + afterMs);
				expect(await got).toBeLessThanOrEqual(all);
				expect(pool.mine('x')).toBeLessThanOrEqual(all);
				for (const line of lines) line.heal();
			}
			// In the end the same lines lose nothing more. A session that lost a lot waits half a minute at most.
			calm = true;
			await world.pass(30_000);

			for (const [request, times] of await grantsByRequest(storages[0] as MemoryAdapter))
				expect({ request, times }).toEqual({ request, times: 1 });
			// Every grant in any donor's journal is in the asker's share: none is under way for ever.
			expect(new Set(members.map((replica) => replica.digest(ledger))).size).toBe(1);
			const seen = poolSeenBy(asker.replica, ledger, 'p', 'x');
			expect([...seen.shares.values()].reduce((a, b) => a + b, 0)).toBe(all);
			expect(asker.replica.check()).toEqual([]);
		}),
		{ numRuns: runs },
	);
});
