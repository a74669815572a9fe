import type { Replica } from 'tillmesh';
import { type Delivery, shelfKey } from './input.js';
import { shelfOf, wasteOf } from './ledgers.js';
import { patienceMs } from './patience.js';

/** Puts the morning's delivery on the shelf and hands each of the other tills a part of it; a part is held for whoever runs out. */
export async function receive(
	replica: Replica,
	outlet: string,
	day: string,
	deliveries: readonly Delivery[],
	tills: readonly string[],
): Promise<void> {
	const shelf = shelfOf(replica, outlet);
	await replica.commit(
		(tx) => {
			for (const { product, quantity } of deliveries) {
				const key = shelfKey(day, product);
				tx.mint(shelf, key, quantity, `delivery ${outlet} ${key}`);
				const part = Math.floor(quantity / (tills.length + 2));
				if (part > 0) for (const till of tills) tx.grant(shelf, key, part, till);
			}
		},
		{ idempotencyKey: `delivery ${outlet} ${day}`, input: { day } },
	);
}

export async function seesDelivery(replica: Replica, outlet: string, deliveries: readonly Delivery[]): Promise<void> {
	const shelf = shelfOf(replica, outlet);
	for (const { day, product, quantity } of deliveries) {
		const total = shelf.total(shelfKey(day, product));
		await total.when(({ minted }) => minted >= quantity, { timeoutMs: patienceMs });
	}
}

export async function handBack(replica: Replica, outlet: string, keys: readonly string[], to: string): Promise<void> {
	const shelf = shelfOf(replica, outlet);
	const held = keys.filter((key) => shelf.mine(key) > 0);
	if (held.length === 0) return;
	await replica.commit((tx) => {
		for (const key of held) tx.grant(shelf, key, shelf.mine(key), to);
	});
}

/** Fetches all that is left of the shelf; resolves to whether it is here. */
export async function gather(replica: Replica, outlet: string, keys: readonly string[]): Promise<boolean> {
	const shelf = shelfOf(replica, outlet);
	const all = keys.map(async (key) => {
		const { level } = shelf.total(key).get();
		return level === 0 || (await shelf.ensure(key, level, { timeoutMs: patienceMs })) === level;
	});
	return (await Promise.all(all)).every(Boolean);
}

/** What nobody bought is thrown away, from wherever it was brought together. */
export async function throwAway(
	replica: Replica,
	outlet: string,
	day: string,
	products: readonly string[],
): Promise<void> {
	const shelf = shelfOf(replica, outlet);
	const left = products.filter((product) => shelf.mine(shelfKey(day, product)) > 0);
	if (left.length === 0) return;
	await replica.commit((tx) => {
		for (const product of left) {
			const key = shelfKey(day, product);
			const quantity = shelf.mine(key);
			tx.append(wasteOf(replica, outlet), { day, product, quantity });
			tx.spend(shelf, key, quantity);
		}
	});
}
