import type { Replica } from 'tillmesh';
import { type Loyalty, ledgerName, stampsPerDrink } from './loyalty.js';

/** The app after the simulator had its say: stamps are scarce, so they are a pool, and a till takes only what it holds. */
export function openFixedLoyalty(till: Replica): Loyalty {
	const stamps = till.ledger(ledgerName).pool('stamps');
	return {
		stamps: (member) => stamps.total(member).get().level,
		async buy(member, drinks, receipt) {
			await till.commit((tx) => tx.mint(stamps, member, drinks, receipt), { idempotencyKey: receipt });
		},
		async redeem(member) {
			await stamps.ensure(member, stampsPerDrink, { timeoutMs: 2_000 }); // from whichever till has them
			const taken = await till.commit((tx) => tx.spend(stamps, member, stampsPerDrink));
			return taken.ok;
		},
	};
}
