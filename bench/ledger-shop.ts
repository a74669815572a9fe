/** A till of ledgers without the shop above them: what a ticket is at least. */
import { openReplica, type Replica } from '../src/index.js';
import type { StorageAdapter } from '../src/ports/index.js';

interface Shop {
	readonly replica: Replica;
	/** Three lines off the stock, points to the member, the ticket to the log: three ledgers, one commit. */
	readonly checkout: () => Promise<void>;
}

export async function openShop(storage: StorageAdapter): Promise<Shop> {
	const replica = await openReplica({
		chain: 'bench',
		name: 'till-1',
		storage,
		keeps: ['stock/*', 'members/*', 'orders/*'],
	});
	return { replica, checkout: await sellerOf(replica) };
}

/** Receives 500 SKUs at a till, and answers how it sells one ticket after the other. Documents of two tills need other names. */
export async function sellerOf(replica: Replica, prefix = ''): Promise<Shop['checkout']> {
	const stock = replica.ledger('stock/sh-014').pool('stock');
	const points = replica.ledger('members/sh-014').pool('points');
	const tickets = replica
		.ledger('orders/sh-014')
		.log<{ lines: { sku: string; qty: number; minor: number }[] }>('tickets');
	const skus = Array.from({ length: 500 }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
	for (let at = 0; at < skus.length; at += 100)
		await replica.commit((tx) => {
			for (const sku of skus.slice(at, at + 100)) tx.mint(stock, sku, 1_000_000, `${prefix}delivery-1`);
		});
	let ticket = 0;
	return async () => {
		const n = ticket++;
		const lines = [0, 1, 2].map((i) => ({ sku: skus[(n * 7 + i * 131) % 500] as string, qty: 1, minor: 1_850 }));
		const outcome = await replica.commit((tx) => {
			for (const { sku, qty } of lines) tx.spend(stock, sku, qty);
			tx.mint(points, `member-${n % 1000}`, 55, `${prefix}ticket-${n}`);
			tx.append(tickets, { lines });
		});
		if (!outcome.ok) throw new Error(outcome.message);
	};
}
