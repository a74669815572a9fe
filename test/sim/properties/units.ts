import type { LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Court, Observer } from './observer.js';

/** P13, P18: a coupon is used once, and no more of a sold line is refunded than was sold, by whomever and in whatever store. */
export function createUnitObserver(court: Court): Observer {
	const { truth, tainted } = court;

	const propertyOf = (pool: PoolId) => (pool.startsWith('coupon/') ? 13 : pool.startsWith('refundable/') ? 18 : 0);

	function check(ledger: LedgerName, id: PoolId): void {
		const property = propertyOf(id);
		if (property === 0) return;
		const { minted, spent, shares } = truth.pool(ledger, id);
		court.play(property);
		if (spent <= (property === 13 ? Math.min(1, minted) : minted)) return;
		// Whoever was cloned, set back or given up may spend twice, and so may whoever got units from it.
		for (const device of shares.keys()) if (tainted.has(device)) return;
		court.demand(property, false, () => `${spent} of ${id} in ${ledger} were used, there were ${minted}`);
	}

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? []) if (leg.kind === 'spend') check(written.ledger, leg.pool);
		},
		answered({ outcome }) {
			if (outcome.ok) return;
			// Somebody tried to use what is not here, or not here any more.
			for (const { pool } of outcome.short) if (propertyOf(pool) > 0) court.play(propertyOf(pool));
		},
	};
}
