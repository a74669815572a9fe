/** A store under hand-driven time: a home that every till is linked to, and lines that a test cuts. */
import type { MemoryLink, MemoryLinkOptions } from '../../adapters/link-memory/index.js';
import type { OpenOptions, Pool, PoolOptions, Replica } from '../../src/index.js';
import type { OpenReplica } from '../../src/replica/open-replica.js';
import { World } from './escrow-world.js';

export const ledger = 'stock/a';
export const key = 'x';

export interface Till {
	readonly replica: Replica;
	readonly pool: Pool;
	readonly line: MemoryLink;
}

export interface Granted {
	readonly from: string;
	readonly to: string;
	readonly amount: number;
	readonly request: string;
	readonly atMs: number;
}

export class Store {
	readonly world: World;
	readonly tills: Till[] = [];
	readonly home: Replica;

	private constructor(world: World, home: Replica) {
		this.world = world;
		this.home = home;
	}

	/** Every till begins with its share, the home with the rest; everybody knows. */
	static async open(
		seed: number,
		atHome: number,
		shares: readonly number[],
		pool: PoolOptions = {},
		options: Partial<OpenOptions> = {},
		faults: (till: number) => Omit<MemoryLinkOptions, 'timers'> = () => ({}),
	): Promise<Store> {
		const world = new World(seed);
		const store = new Store(world, await world.open('home', world.memory(), { home: [ledger] }));
		for (const [i] of shares.entries()) {
			const replica = await world.open(`till-${i}`, world.memory(), options);
			const line = world.line(faults(i));
			replica.addLink(line.a);
			store.home.addLink(line.b);
			store.tills.push({ replica, pool: replica.ledger(ledger).pool('p', pool), line });
		}
		const all = shares.reduce((sum, share) => sum + share, atHome);
		await store.home.commit((tx) => {
			if (all > 0) tx.mint(store.pool, key, all, 'D');
			tx.append(store.home.ledger(ledger).log<string>('log'), 'open');
			for (const [i, share] of shares.entries()) {
				const to = store.tills[i]?.replica.device ?? '';
				if (share > 0) tx.grant(store.pool, key, share, to);
			}
		});
		await world.pass(2_000);
		return store;
	}

	get pool(): Pool {
		return this.home.ledger(ledger).pool('p');
	}

	sell({ replica, pool }: Till, amount = 1): Promise<boolean> {
		return replica.commit((tx) => tx.spend(pool, key, amount)).then(({ ok }) => ok);
	}

	/** What was granted, by the rows that the home has: the earliest first. */
	grants(): Granted[] {
		const granted: Granted[] = [];
		for (const epoch of (this.home as OpenReplica).core.journal.all())
			for (let i = 0; i < epoch.count; i++) {
				const { legs, time } = epoch.entry(i);
				for (const leg of legs)
					if (leg.kind === 'grant')
						granted.push({
							from: epoch.name.device,
							to: leg.to,
							amount: leg.amount,
							request: leg.request,
							atMs: time.ms,
						});
			}
		return granted.sort((a, b) => a.atMs - b.atMs);
	}

	async close(): Promise<void> {
		for (const { replica } of this.tills) await replica.shutdown();
		await this.home.shutdown();
	}
}
