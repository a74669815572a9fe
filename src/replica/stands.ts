import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import type { Stand } from '../escrow/redistribution.js';
import { SpendRates } from '../escrow/spend-rate.js';
import type { Core } from './core.js';

/** Pools whose rates are followed: the ones asked for longest ago are forgotten, and begin anew. */
const followedMax = 1024;
/** Who sold less than this of a unit lately and has none left is out of the shop, or as good as. */
const recentMin = 0.02;

/** Who stands how in a pool, by this device's view: what the policy of `src/escrow/redistribution.ts` decides by. */
export class Stands {
	readonly #core: Core;
	readonly #homeOf: (ledger: LedgerName) => DeviceId | undefined;
	readonly #rates = new Map<
		string,
		{ readonly ledger: LedgerName; readonly pool: PoolId; readonly rates: SpendRates }
	>();

	constructor(core: Core, homeOf: (ledger: LedgerName) => DeviceId | undefined) {
		this.#core = core;
		this.#homeOf = homeOf;
	}

	/** Every device with a share or a part in the demand, this one and `also` among them. */
	of(ledger: LedgerName, pool: PoolId, ...also: readonly DeviceId[]): Stand[] {
		const { books, device } = this.#core;
		const figures = books.of(ledger).escrow.pools.get(pool);
		const rates = this.#follow(ledger, pool);
		const home = this.#homeOf(ledger);
		const stands: Stand[] = [];
		for (const of of new Set([device, ...also, ...(figures?.shares.keys() ?? [])])) {
			const { share = 0, spent = 0 } = figures?.shares.get(of) ?? {};
			const recent = rates.recent(of);
			const known = of === device || also.includes(of) || share > 0 || recent > recentMin;
			const mine = of === device ? Math.max(0, books.mine(ledger, pool)) : share;
			if (known) stands.push({ device: of, share: mine, recent, rests: of === home && spent === 0 });
		}
		return stands;
	}

	/** From now on what is spent of the pool counts as demand; called before it is spent. */
	begin(ledger: LedgerName, pool: PoolId): void {
		if (!this.#rates.has(poolKey(ledger, pool))) this.#follow(ledger, pool);
	}

	#follow(ledger: LedgerName, pool: PoolId): SpendRates {
		const key = poolKey(ledger, pool);
		const { rates } = this.#rates.get(key) ?? { rates: new SpendRates() };
		this.#rates.delete(key);
		this.#rates.set(key, { ledger, pool, rates });
		for (const oldest of this.#rates.keys()) {
			if (this.#rates.size <= followedMax) break;
			this.#rates.delete(oldest);
		}
		this.#sample(ledger, pool, rates);
		return rates;
	}

	#sample(ledger: LedgerName, pool: PoolId, rates: SpendRates): void {
		const figures = this.#core.books.of(ledger).escrow.pools.get(pool);
		if (figures) rates.sample(figures, this.#core.platform.clock.nowMs());
	}

	/** Keeps the averages of followed pools fresh. */
	sample(): void {
		for (const { ledger, pool, rates } of this.#rates.values()) this.#sample(ledger, pool, rates);
	}
}

const poolKey = (ledger: LedgerName, pool: PoolId) => `${ledger} ${pool}`;
