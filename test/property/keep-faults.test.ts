/** Tills that begin to keep ledgers amid crashes and cut lines: what was shown stays shown, and in the end all see the same. */
import { expect, test } from 'vitest';
import type { Replica } from '../../src/index.js';
import { topologyOf } from '../sim/public/options.js';
import { SimulatedWorld } from '../sim/public/simulated-world.js';
import { chanceOf, runs } from './escrow-world.js';

const seeds = Math.max(1, Math.round(runs / 100));
const steps = 40;
const shards = ['members/1', 'members/2'] as const;
const topology = topologyOf({ stores: 2, tillsPerStore: 2, keeps: ['members/*', 'catalog/*'] });

/** The last till of each store keeps no members when it is opened. */
async function openWorld(seed: number): Promise<SimulatedWorld> {
	const world = new SimulatedWorld({ seed, topology, isAutomatic: true, atDeath: 'reject' });
	for (const number of [1, 3]) {
		const machine = world.machine(number);
		const { role } = machine;
		Object.assign(machine, { role: { ...role, keeps: role.keeps.filter((pattern) => pattern !== 'members/*') } });
	}
	await world.open();
	return world;
}

const keepsIt = (replica: Replica, ledger: string) => {
	try {
		return replica.ledger(ledger);
	} catch {
		return undefined; // not kept here
	}
};

test(`JRN9 JRN4 ${seeds} stories`, async () => {
	let kept = 0;
	for (let seed = 1; seed <= seeds; seed++) {
		const world = await openWorld(seed);
		const chance = chanceOf(seed * 7919);
		const pick = (n: number) => Math.floor(chance() * n);
		const pending: Promise<unknown>[] = [];
		let sales = 0;
		const deskOf = (till: number) =>
			world
				.till(till)
				.ledger(`desk/${world.place(till).store}`)
				.log<string>('sales');
		const shown = (till: number) => {
			const replica = world.till(till);
			const members = shards.map((shard) => keepsIt(replica, shard)?.log<string>('sold').all().get().length ?? 0);
			return [deskOf(till).all().get().length, ...members];
		};
		/** What is read, spent and written in a shard and at the desk of the store, all of it or nothing. */
		const sell = (till: number, shard: string) => {
			const ledger = keepsIt(world.till(till), shard);
			if (!ledger) return;
			const sale = `${seed} ${till} ${sales++}`;
			const points = ledger.pool('points', { restsAt: 'hq' });
			const commit = world.till(till).commit((tx) => {
				tx.append(deskOf(till), sale);
				tx.append(ledger.log<string>('sold'), sale);
				tx.mint(points, 'ada', 2, sale);
				if (points.mine('ada') > 0) tx.spend(points, 'ada', 1);
			});
			pending.push(commit.catch(() => {})); // its process may die first
		};
		const keep = (till: number, shard: string) => {
			const kept = world.till(till).keep(shard, { timeoutMs: 500 + pick(2_000) });
			pending.push(kept.catch(() => {})); // nobody in reach, or its process died
		};
		for (let step = 0; step < steps; step++) {
			const [till, shard] = [pick(4), shards[pick(2)] ?? ''];
			const what = pick(10);
			if (what < 5) sell(till, shard);
			else if (what < 7) keep(pick(2) * 2 + 1, shard);
			else if (what === 7) {
				const before = shown(till);
				await world.crash(till, { at: pick(2) === 0 ? 'before-fsync' : 'after-ack' });
				const after = shown(till);
				for (const [i, count] of before.entries())
					expect(after[i], `seed ${seed}, step ${step}`).toBeGreaterThanOrEqual(count);
			} else if (what === 8) world.cut(till, pick(2) === 0 ? 'relay' : 'hq');
			else world.heal();
			await world.advance(pick(400));
		}
		await Promise.all(pending);
		world.heal();
		await world.settle();
		for (const till of [1, 3]) for (const shard of shards) await world.till(till).keep(shard, { timeoutMs: 20_000 });
		await world.settle();
		expect(world.problems(), `seed ${seed}`).toEqual([]);
		for (const shard of shards) {
			const digests = new Set([0, 1, 2, 3].map((till) => world.till(till).digest(shard)));
			expect(digests.size, `seed ${seed}: ${shard}`).toBe(1);
		}
		for (const replica of world.tills) {
			expect(replica.health.get().state).toBe('ok');
			for (const { ledger, waiting } of replica.status().ledgers) expect([ledger, waiting]).toEqual([ledger, 0]);
		}
		kept += 4;
		await world[Symbol.asyncDispose]();
	}
	expect(kept).toBe(4 * seeds);
}, 300_000);
