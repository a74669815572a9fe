import { OpenReplica } from '../replica/open-replica.js';
import type { Replica } from '../replica/replica.js';
import type { Donors } from './ask-routes.js';

/**
 * Who has how much of a pool, as the home beside a relay knows: first the home itself, where it has any; then whoever has
 * most. The library's own pools too: the right to resolve an exception travels like any share.
 */
export function homeDonors(home: () => Replica | undefined): Donors {
	return ({ ledger, pool }) => {
		const replica = home();
		if (!(replica instanceof OpenReplica) || !replica.ledgers().includes(ledger)) return [];
		const { books, device } = replica.core;
		const others: { device: string; amount: number }[] = [];
		for (const [other, { share }] of books.of(ledger).escrow.pools.get(pool)?.shares ?? [])
			if (share > 0 && other !== device) others.push({ device: other, amount: share });
		others.sort((a, b) => b.amount - a.amount || (a.device < b.device ? -1 : 1));
		return [{ device, amount: books.mine(ledger, pool) > 0 ? Number.POSITIVE_INFINITY : 0 }, ...others];
	};
}
