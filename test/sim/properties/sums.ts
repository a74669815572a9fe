import type { DeviceId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Leg } from '../../../src/journal/leg.js';
import type { WrittenEpoch } from '../../property/model/history.js';

export interface TruePool {
	minted: number;
	spent: number;
	held: number;
	overdrawn: number;
	/** What each device may spend; below zero where it spent what it had not. */
	readonly shares: Map<DeviceId, number>;
	/** What each device has set aside. */
	readonly holds: Map<DeviceId, number>;
}

const add = (to: Map<DeviceId, number>, device: DeviceId, amount: number) =>
	to.set(device, (to.get(device) ?? 0) + amount);

/** What entries add up to, naively: it knows nothing of views, cuts and checkpoints, so that it cannot share their faults. */
export class Sums {
	/** By ledger, then pool. */
	readonly pools = new Map<LedgerName, Map<PoolId, TruePool>>();
	readonly #minted = new Map<string, number>();

	pool(ledger: LedgerName, id: PoolId): TruePool {
		let pools = this.pools.get(ledger);
		if (!pools) {
			pools = new Map();
			this.pools.set(ledger, pools);
		}
		let pool = pools.get(id);
		if (!pool) {
			pool = { minted: 0, spent: 0, held: 0, overdrawn: 0, shares: new Map(), holds: new Map() };
			pools.set(id, pool);
		}
		return pool;
	}

	share(ledger: LedgerName, id: PoolId, device: DeviceId): number {
		return this.pools.get(ledger)?.get(id)?.shares.get(device) ?? 0;
	}

	/** Adds what one entry says. */
	fold(written: WrittenEpoch, index: number): void {
		const { legs } = written.entries[index] ?? { legs: [] };
		for (const [i, leg] of legs.entries()) {
			if (!('pool' in leg)) continue;
			this.#fold(written, leg);
			if (leg.kind !== 'overdraw') continue;
			const right = this.pool(written.ledger, rightOf(written.id, index, i));
			right.minted += 1;
			right.shares.set(written.device, 1);
		}
	}

	#fold({ ledger, device }: WrittenEpoch, leg: Extract<Leg, { pool: PoolId }>): void {
		const pool = this.pool(ledger, leg.pool);
		const { shares, holds } = pool;
		switch (leg.kind) {
			case 'mint': {
				const key = JSON.stringify([ledger, leg.pool, leg.document, device]);
				const more = Math.max(0, leg.amount - (this.#minted.get(key) ?? 0));
				this.#minted.set(key, Math.max(leg.amount, this.#minted.get(key) ?? 0));
				pool.minted += more;
				add(shares, device, more);
				break;
			}
			case 'spend':
				pool.spent += leg.amount;
				add(shares, device, -leg.amount);
				break;
			case 'grant':
				add(shares, device, -leg.amount);
				add(shares, leg.to, leg.amount);
				break;
			case 'hold':
				pool.held += leg.amount;
				add(shares, device, -leg.amount);
				add(holds, device, leg.amount);
				break;
			case 'capture':
				pool.held -= leg.held;
				pool.spent += leg.amount;
				add(shares, device, leg.held - leg.amount);
				add(holds, device, -leg.held);
				break;
			case 'release':
			case 'expire':
				pool.held -= leg.held;
				add(shares, device, leg.held);
				add(holds, device, -leg.held);
				break;
			case 'reclaim':
				pool.held -= leg.held;
				add(shares, leg.from, -leg.share);
				add(holds, leg.from, -leg.held);
				add(shares, device, leg.share + leg.held);
				break;
			case 'overdraw':
				pool.overdrawn += leg.amount;
				break;
		}
	}
}

/** The pool of the one right to resolve the exception that an overdraft at this place opens. */
export const rightOf = (epoch: number, index: number, leg: number): PoolId =>
	`exception/${epoch.toString(36)}.${index}.${leg}`;
