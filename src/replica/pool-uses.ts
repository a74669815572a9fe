import type { LedgerName, PoolId } from '../base/ids.js';
import type { Conduct } from '../escrow/redistribution.js';
import type { Clock } from '../ports/index.js';

/** What this device did in one pool since it opened. Times are for pacing only: a clock that jumps makes it early or late. */
export class PoolUse {
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	readonly #clock: Clock;
	#sales = 0;
	/** Asks ahead of demand. */
	asks = 0;
	#gaveMs: number | undefined;
	#touchedMs: number;
	#had: number | undefined;

	constructor(ledger: LedgerName, pool: PoolId, clock: Clock) {
		this.ledger = ledger;
		this.pool = pool;
		this.#clock = clock;
		this.#touchedMs = clock.nowMs();
	}

	/** Somebody here wants something of the pool. */
	touch(): void {
		this.#touchedMs = this.#clock.nowMs();
	}

	sold(): void {
		this.#sales++;
		this.touch();
	}

	gave(): void {
		this.#gaveMs = this.#clock.nowMs();
	}

	/** Milliseconds since somebody here last wanted something of the pool, or since what is here has changed. */
	idleMs(has: number): number {
		if (has !== this.#had) this.touch();
		this.#had = has;
		return Math.max(0, this.#clock.nowMs() - this.#touchedMs);
	}

	conduct(): Conduct {
		const sinceMs = this.#gaveMs === undefined ? -1 : this.#clock.nowMs() - this.#gaveMs;
		return { sales: this.#sales, asks: this.asks, sinceGaveMs: sinceMs < 0 ? Number.POSITIVE_INFINITY : sinceMs };
	}
}

/** One for each pool that was used here. */
export class PoolUses {
	readonly #clock: Clock;
	readonly #uses = new Map<string, PoolUse>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	of(ledger: LedgerName, pool: PoolId): PoolUse {
		const key = `${ledger} ${pool}`;
		const known = this.#uses.get(key) ?? new PoolUse(ledger, pool, this.#clock);
		this.#uses.set(key, known);
		return known;
	}

	/** Nothing was done here yet. */
	clear(): void {
		this.#uses.clear();
	}
}
