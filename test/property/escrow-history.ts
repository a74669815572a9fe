/** A small chain that lives through a history of what its people and its lines do, beside a model of plain objects. */
import { expect } from 'vitest';
import type { MemoryLink } from '../../adapters/link-memory/index.js';
import type { MemoryAdapter } from '../../adapters/storage-memory/index.js';
import type { Replica, Tx } from '../../src/index.js';
import { poolSeenBy, settle, type World } from './escrow-world.js';

export const ledger = 'stock/a';

/** What is true of a pool, whoever has heard of it. */
export interface PoolTruth {
	minted: number;
	spent: number;
	held: number;
	overdrawn: number;
	readonly shares: Map<string, number>;
}

export interface HoldTruth {
	readonly member: number;
	readonly pool: string;
	readonly key: string;
	readonly id: string;
	readonly amount: number;
}

export interface Member {
	replica: Replica;
	readonly name: string;
	readonly storage: MemoryAdapter;
	readonly home: boolean;
}

/** Some replicas, the first of them the home, with a line between every two. */
export class Chain {
	readonly truth = new Map<string, PoolTruth>();
	readonly holds: HoldTruth[] = [];
	readonly lines: { readonly a: number; readonly b: number; line: MemoryLink }[] = [];
	documents = 0;

	private constructor(
		readonly world: World,
		readonly members: Member[],
	) {}

	static async open(world: World, count: number): Promise<Chain> {
		const members: Member[] = [];
		for (let i = 0; i < count; i++) {
			const storage = world.memory();
			const name = i === 0 ? 'home' : `till-${i}`;
			const replica = await world.open(name, storage, i === 0 ? { home: ['stock/*'] } : {});
			members.push({ replica, name, storage, home: i === 0 });
		}
		const chain = new Chain(world, members).declare();
		for (let a = 0; a < count; a++)
			for (let b = a + 1; b < count; b++) chain.lines.push({ a, b, line: chain.connect(a, b, false) });
		await world.pass(20);
		return chain;
	}

	connect(a: number, b: number, cut: boolean): MemoryLink {
		const line = this.world.line({ cut });
		this.at(a).replica.addLink(line.a);
		this.at(b).replica.addLink(line.b);
		return line;
	}

	at(member: number): Member {
		const found = this.members[member % this.members.length];
		if (!found) throw new RangeError('a chain of nobody');
		return found;
	}

	/** Resting at the store: nobody asks for shares ahead, so that the truth here knows of every grant. */
	pool(member: number, pool: string) {
		return this.at(member)
			.replica.ledger(ledger)
			.pool(pool, { policy: pool === 'soft' ? 'soft' : 'hard', restsAt: 'store' });
	}

	of(pool: string, key: string): PoolTruth {
		const id = `${pool}/${key}`;
		const known = this.truth.get(id) ?? { minted: 0, spent: 0, held: 0, overdrawn: 0, shares: new Map() };
		this.truth.set(id, known);
		return known;
	}

	share(pool: string, key: string, member: number): number {
		return this.of(pool, key).shares.get(this.at(member).replica.device) ?? 0;
	}

	give(pool: string, key: string, member: number, amount: number): void {
		const { device } = this.at(member).replica;
		const { shares } = this.of(pool, key);
		shares.set(device, (shares.get(device) ?? 0) + amount);
	}

	commit<T>(member: number, work: (tx: Tx) => T) {
		return this.at(member).replica.commit(work);
	}

	/** A policy is declared once an opening, before the pool is used. */
	declare(): this {
		for (let i = 0; i < this.members.length; i++) for (const pool of ['hard', 'soft']) this.pool(i, pool);
		return this;
	}

	/** The process dies or is shut down, and comes back on what its storage holds. */
	async reopen(member: number, crash: boolean): Promise<void> {
		const m = this.at(member);
		if (crash) m.storage.crash();
		else await m.replica.shutdown();
		for (const link of this.lines) if (link.a === member || link.b === member) link.line.cut();
		m.replica = await this.world.open(m.name, m.storage, m.home ? { home: ['stock/*'] } : {});
		this.declare();
		for (const link of this.lines)
			if (link.a === member || link.b === member) link.line = this.connect(link.a, link.b, false);
		await settle();
	}

	async heal(ms = 700): Promise<void> {
		for (const { line } of this.lines) line.heal();
		await this.world.pass(ms);
	}

	/** P1, P2, P3 in the view of every member, by the public numbers alone. */
	checkViews(): void {
		for (const { replica } of this.members) {
			expect(replica.check()).toEqual([]);
			for (const [id, truth] of this.truth) {
				const [pool, key] = id.split('/') as [string, string];
				const seen = poolSeenBy(replica, ledger, pool, key);
				const sum = [...seen.shares.values()].reduce((a, b) => a + b, 0);
				expect({ id, sum: sum + seen.spent + seen.held }).toEqual({ id, sum: seen.minted });
				expect(seen.level).toBe(seen.minted - seen.spent);
				expect(seen.level).toBeGreaterThanOrEqual(0);
				expect(seen.minted).toBeLessThanOrEqual(truth.minted);
				expect(seen.spent).toBeLessThanOrEqual(truth.spent);
				expect(replica.ledger(ledger).pool(pool).mine(key)).toBeLessThanOrEqual(truth.shares.get(replica.device) ?? 0);
			}
		}
	}

	/** When everybody has heard everything, everybody says what is true. */
	checkTruth(): void {
		const digests = new Set(this.members.map(({ replica }) => replica.digest(ledger)));
		expect(digests.size).toBe(1);
		for (const { replica } of this.members)
			for (const [id, truth] of this.truth) {
				const [pool, key] = id.split('/') as [string, string];
				const { minted, spent, held, overdrawn, shares } = poolSeenBy(replica, ledger, pool, key);
				const named = new Map([...truth.shares].filter(([, amount]) => amount > 0).sort());
				expect({ id, minted, spent, held, overdrawn, shares: new Map([...shares].sort()) }).toEqual({
					id,
					minted: truth.minted,
					spent: truth.spent,
					held: truth.held,
					overdrawn: truth.overdrawn,
					shares: named,
				});
			}
	}
}
