/** A shop of real replicas in virtual time: a home at the relay, tills on lines of their own, one product. */
import { type MemoryLink, memoryLink } from '../adapters/link-memory/index.js';
import { type MemoryAdapter, memory } from '../adapters/storage-memory/index.js';
import { openReplica, type Pool, type Replica } from '../src/index.js';
import { decodeEntry } from '../src/journal/entry.js';
import type { DayPlan } from './shares-demand.js';
import { chanceOf, ShopTime } from './shares-world.js';

const ledger = 'stock/sh-014';
export const product = 'CUP-L';
/** One way over the shop's network. */
const lineMs = 3;

export interface ShopTill {
	readonly replica: Replica;
	readonly pool: Pool;
	readonly line: MemoryLink;
}

export class Shop {
	readonly time = new ShopTime();
	readonly tills: ShopTill[] = [];
	readonly #chance: () => number;
	readonly #storage: MemoryAdapter;
	#home: Replica | undefined;

	constructor(seed: number) {
		this.#chance = chanceOf(seed);
		this.#storage = this.#memory();
	}

	#memory(): MemoryAdapter {
		return memory({ platform: this.time.platform(this.#chance) });
	}

	/** Opens everything, receives the goods at home and splits them evenly: so the day begins for every strategy. */
	async open({ tills, units }: DayPlan, restsAt: 'device' | 'store', restAfterMs: number): Promise<void> {
		const home = await openReplica({
			chain: 'bench',
			name: 'home',
			storage: this.#storage,
			keeps: [ledger],
			home: [ledger],
			links: [],
		});
		this.#home = home;
		for (let i = 1; i <= tills; i++) {
			const replica = await openReplica({
				chain: 'bench',
				name: `till-${i}`,
				storage: this.#memory(),
				keeps: [ledger],
				links: [],
				restAfterMs,
			});
			const line = memoryLink({ timers: this.time.timers, turnMs: lineMs });
			replica.addLink(line.a);
			home.addLink(line.b);
			this.tills.push({ replica, pool: replica.ledger(ledger).pool('stock', { restsAt }), line });
		}
		const pool = home.ledger(ledger).pool('stock');
		await home.commit((tx) => {
			tx.mint(pool, product, units, 'delivery-1');
			for (const { replica } of this.tills) tx.grant(pool, product, Math.floor(units / tills), replica.device);
		});
		await this.time.pass(60_000);
	}

	/** Lines whole again: everybody agrees, every unit is accounted for. Answers how many grants there were. */
	async close(sold: number, units: number): Promise<number> {
		for (const { line } of this.tills) line.heal();
		await this.time.pass(this.time.nowMs + 120_000);
		const replicas = [this.#home, ...this.tills.map(({ replica }) => replica)].filter((r) => r !== undefined);
		const digests = new Set(replicas.map((replica) => replica.digest(ledger)));
		if (digests.size !== 1) throw new Error(`${digests.size} opinions at the end of the day.`);
		const { spent, minted } = this.tills[0]?.pool.total(product).get() ?? {};
		if (spent !== sold || minted !== units) throw new Error(`${spent} of ${minted} spent, ${sold} of ${units} sold.`);
		if (replicas.some((replica) => replica.check().length > 0)) throw new Error('the units do not add up.');
		for (const replica of replicas) await replica.shutdown();
		return this.#grants();
	}

	async #grants(): Promise<number> {
		const storage = await this.#storage.open('reader');
		let grants = 0;
		for (const { value } of await storage.read('r/'))
			for (const leg of decodeEntry(value.slice(0, -4))?.legs ?? []) if (leg.kind === 'grant') grants++;
		await storage.close();
		return grants;
	}
}
