import type { Till } from 'tillmesh';
import type { Delivery } from './input.js';
import { patienceMs, until } from './patience.js';

const askAgainMs = 1000;
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

/**
 * Fetches all that is left of these products: what is on its way to somewhere else comes when it is asked for again. Whoever
 * needs it takes it at once, as what lies still goes home.
 */
export async function gather(till: Till, skus: readonly string[]): Promise<void> {
	const away = () => {
		const levels = skus.map((sku) => ({ sku, ...till.stock.level({ sku }).get() }));
		return levels.filter(({ sellable, store }) => sellable < store);
	};
	const come = async () => {
		const wanted = away().map(({ sku, store: qty }) => till.stock.ensure({ sku, qty }, { timeoutMs: askAgainMs }));
		await Promise.all(wanted);
		return away().length === 0;
	};
	if (!(await until(come))) throw new Error(`Not all of ${skus.join(', ')} can be brought together.`);
}

/** What nobody bought is thrown away, from wherever it is. */
export async function throwAway(till: Till, day: string, skus: readonly string[]): Promise<void> {
	const reason = closingOf + day;
	const throwOne = async (sku: string) => {
		if (till.stock.level({ sku }).get().store === 0) return;
		const idempotencyKey = `${till.shop.store} ${sku} ${reason}`;
		const wasted = await till.stock.clearOut({ reason, of: [{ sku }] }, { idempotencyKey, timeoutMs: patienceMs });
		if (!wasted.ok) throw new Error(`${reason}: ${wasted.message}`);
	};
	await Promise.all(skus.map(throwOne));
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
