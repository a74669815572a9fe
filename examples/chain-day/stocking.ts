import type { Till } from 'tillmesh';
import type { Delivery } from './input.js';
import { patienceMs } from './patience.js';

const closingOf = 'left at closing of ';

/** Puts the morning's delivery on the shelf. */
export async function receive(till: Till, day: string, deliveries: readonly Delivery[]): Promise<void> {
	const document = `delivery ${till.shop.store} ${day}`;
	const lines = deliveries.map(({ product, quantity }) => ({ sku: product, qty: quantity }));
	const received = await till.stock.receive({ document, lines }, { idempotencyKey: document });
	if (!received.ok) throw new Error(`${document}: ${received.message}`);
}

/** Sees the delivery come, and fetches this till's part of it; the rest is held for whoever runs out. */
export async function fetchPart(till: Till, deliveries: readonly Delivery[], parts: number): Promise<void> {
	const fetched = deliveries.map(async ({ product: sku, quantity }) => {
		await till.stock.level({ sku }).when(({ store }) => store >= quantity, { timeoutMs: patienceMs });
		const qty = Math.floor(quantity / parts);
		if (qty > 0) await till.stock.ensure({ sku, qty }, { timeoutMs: patienceMs });
	});
	await Promise.all(fetched);
}

/** Fetches all that is left of the shelf. */
export async function gather(till: Till, skus: readonly string[]): Promise<void> {
	const all = skus.map(async (sku) => {
		const { store } = till.stock.level({ sku }).get();
		if (store > 0) await till.stock.ensure({ sku, qty: store }, { timeoutMs: patienceMs });
	});
	await Promise.all(all);
}

/** What nobody bought is thrown away, from wherever it was brought together. */
export async function throwAway(till: Till, day: string, skus: readonly string[]): Promise<void> {
	const lines = skus
		.map((sku) => ({ sku, qty: till.stock.level({ sku }).get().sellable }))
		.filter(({ qty }) => qty > 0);
	if (lines.length === 0) return;
	const reason = closingOf + day;
	const wasted = await till.stock.waste({ reason, lines }, { idempotencyKey: `${till.shop.store} ${reason}` });
	if (!wasted.ok) throw new Error(`${reason}: ${wasted.message}`);
}

/** What was left on the shelf at closing and thrown away. */
export interface Waste {
	readonly outlet: string;
	readonly day: string;
	readonly product: string;
	readonly quantity: number;
}

export function readWaste(till: Till, skus: readonly string[]): Waste[] {
	return skus.flatMap((sku) =>
		till.stock
			.movements({ sku })
			.get()
			.filter(({ verb }) => verb === 'stock.waste')
			.map(({ reason = '', qty }) => {
				return { outlet: till.shop.store, day: reason.replace(closingOf, ''), product: sku, quantity: -qty };
			}),
	);
}
