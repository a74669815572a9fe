import { webSocket } from '../adapters/link-websocket/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openReplica, type Replica } from '../src/index.js';
import { type Said, serve } from './part.js';
import { nowMs } from './trade.js';

const skus = Array.from({ length: 500 }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
const stockEach = 1_000_000_000;

/** When what happened to each sale of a run, in milliseconds of the machine's clock. */
export interface Sold {
	readonly committed: readonly number[];
	/** On this till's own disk. */
	readonly device: readonly number[];
	/** Acknowledged by the relay. */
	readonly store: readonly number[];
}

/** A till in a process of its own, its file on disk: `latency-till URL FILE NAME`. */
export async function latencyTill(
	_options: unknown,
	[url = '', file = '', name = '']: readonly string[],
): Promise<Said> {
	const replica = await openReplica({
		chain: 'bench',
		name,
		storage: sqlite(file),
		keeps: ['stock/*', 'orders/*'],
		links: [webSocket(url)],
	});
	const seen: number[] = [];
	replica
		.ledger('orders/sh-014')
		.counter('sales')
		.value.on((sales) => {
			while (seen.length < sales) seen.push(nowMs());
		});
	return serve(
		{},
		{
			stock: () => stock(replica),
			sell: async ({ perSecond, seconds }) => ({ ...(await sell(replica, Number(perSecond), Number(seconds))) }),
			/** When each sale from the `from`th to the `to`th was visible here. */
			async seen({ from, to }) {
				await replica
					.ledger('orders/sh-014')
					.counter('sales')
					.value.when((sales) => sales >= Number(to), { timeoutMs: 30_000 });
				return { at: seen.slice(Number(from), Number(to)) };
			},
		},
	);
}

async function stock(replica: Replica): Promise<Said> {
	const pool = replica.ledger('stock/sh-014').pool('stock');
	for (let at = 0; at < skus.length; at += 100) {
		const outcome = await replica.commit((tx) => {
			for (const sku of skus.slice(at, at + 100)) tx.mint(pool, sku, stockEach, 'delivery-1');
		});
		if (!outcome.ok) throw new Error(outcome.message);
		await outcome.reached('store', { timeoutMs: 10_000 });
	}
	return {};
}

/** Sales come when they come, whether the last one is through or not. */
async function sell(replica: Replica, perSecond: number, seconds: number): Promise<Sold> {
	const pool = replica.ledger('stock/sh-014').pool('stock');
	const orders = replica.ledger('orders/sh-014');
	const tickets = orders.log<{ sku: string; minor: number }>('tickets');
	const sales = orders.counter('sales');
	const count = perSecond * seconds;
	const sold = { committed: [] as number[], device: [] as number[], store: [] as number[] };
	const waiting: Promise<void>[] = [];
	const one = async (i: number) => {
		const sku = skus[(i * 131) % skus.length] as string; // less than its length
		sold.committed[i] = nowMs();
		const outcome = await replica.commit((tx) => {
			tx.spend(pool, sku, 1);
			tx.append(tickets, { sku, minor: 1_850 });
			tx.add(sales, 1);
		});
		sold.device[i] = nowMs();
		if (!outcome.ok) throw new Error(outcome.message);
		await outcome.reached('store', { timeoutMs: 30_000 });
		sold.store[i] = nowMs();
	};
	const startMs = performance.now();
	for (let i = 0; i < count; ) {
		const due = Math.min(count, Math.floor(((performance.now() - startMs) * perSecond) / 1000) + 1);
		while (i < due) waiting.push(one(i++));
		const nextMs = startMs + (i * 1000) / perSecond - performance.now();
		await new Promise((resolve) => (nextMs > 1 ? setTimeout(resolve, nextMs) : setImmediate(resolve)));
	}
	await Promise.all(waiting);
	return sold;
}
