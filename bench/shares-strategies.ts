/** Ways to serve a customer whose till has nothing left. */
import { product, type Shop, type ShopTill } from './shares-shop.js';

export type Served = 'at once' | 'waited' | 'refused';

export interface Strategy {
	readonly name: string;
	/** Shares that rest at the store come when somebody waits, and no more of them. */
	readonly restsAt: 'device' | 'store';
	/** When they go home. */
	readonly restAfterMs: number;
	/** Tills stay alone after the opening. */
	readonly alone: boolean;
	/** Fetches for a customer who waits. */
	fetch(shop: Shop, till: ShopTill): Promise<unknown>;
}

/** As long as a customer is asked to wait. */
const waitMs = 3_000;

const [tenMinutes, never] = [600_000, 86_400_000];
const one: Strategy['fetch'] = (_shop, { pool }) => pool.ensure(product, 1, { timeoutMs: waitMs });

export const staticSplit: Strategy = {
	name: 'static split',
	restsAt: 'store',
	restAfterMs: never,
	alone: true,
	fetch: async () => {},
};

export const half: Strategy = {
	name: 'half of the richest',
	restsAt: 'store',
	restAfterMs: never,
	alone: false,
	fetch: halfOfTheRichest,
};

/** As the library does it where nothing else is said. */
export const byDemand: Strategy = {
	name: 'by demand, and ahead of it',
	restsAt: 'device',
	restAfterMs: tenMinutes,
	alone: false,
	fetch: one,
};

export const resting: Strategy = {
	name: 'at rest in the store',
	restsAt: 'store',
	restAfterMs: tenMinutes,
	alone: false,
	fetch: one,
};

/** The till knows who is in reach, as well as anybody could. */
async function halfOfTheRichest(shop: Shop, till: ShopTill): Promise<void> {
	const richest = Math.max(0, ...shop.tills.filter(({ line }) => line.isUp).map(({ pool }) => pool.mine(product)));
	const enough = new AbortController();
	const stop = till.pool.total(product).subscribe(() => {
		if (till.pool.mine(product) > 0) enough.abort();
	});
	const half = Math.max(1, Math.ceil(richest / 2));
	await till.pool.ensure(product, half, { timeoutMs: waitMs, signal: enough.signal });
	stop();
}

export async function serve(strategy: Strategy, shop: Shop, till: ShopTill): Promise<Served> {
	const sell = () => till.replica.commit((tx) => tx.spend(till.pool, product, 1));
	if ((await sell()).ok) return 'at once';
	await strategy.fetch(shop, till);
	return (await sell()).ok ? 'waited' : 'refused';
}
