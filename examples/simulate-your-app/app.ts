import type { Replica } from 'tillmesh';
import { type Loyalty, ledgerName, stampsPerDrink } from './loyalty.js';

/** The app as it was written first. It passes every test that somebody thinks of at a desk with one till. */
export function openLoyalty(till: Replica): Loyalty {
	const ledger = till.ledger(ledgerName);
	const counterOf = (member: string) => ledger.counter(`stamps of ${member}`);
	const stamps = (member: string) => counterOf(member).value.get();
	return {
		stamps,
		async buy(member, drinks, receipt) {
			await till.commit((tx) => tx.add(counterOf(member), drinks), { idempotencyKey: receipt });
		},
		async redeem(member) {
			// The bug: a counter only says what this till has heard so far. The same stamps may be on their way out elsewhere.
			if (stamps(member) < stampsPerDrink) return false;
			const taken = await till.commit((tx) => tx.add(counterOf(member), -stampsPerDrink));
			return taken.ok;
		},
	};
}
