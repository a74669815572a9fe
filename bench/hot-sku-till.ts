import { webSocket } from '../adapters/link-websocket/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openReplica, type Replica } from '../src/index.js';
import { type Said, serve } from './part.js';
import { customerMs, nowMs, type Trade } from './trade.js';

const ledger = 'stock/sh-014';

/** One till of ours in a process of its own, its file on disk: `hot-sku-till URL FILE NAME`. */
export async function hotSkuTill(
	_options: unknown,
	[url = '', file = '', name = '']: readonly string[],
): Promise<Said> {
	const replica = await openReplica({
		chain: 'bench',
		name,
		storage: sqlite(file),
		keeps: ['stock/*'],
		links: [webSocket(url)],
	});
	const pool = replica.ledger(ledger).pool('stock');
	return serve(
		{},
		{
			/** Takes a delivery. */
			async mint({ key, units }) {
				const outcome = await replica.commit((tx) => tx.mint(pool, String(key), Number(units), `delivery ${key}`));
				if (!outcome.ok) throw new Error(outcome.message);
				return {};
			},
			/** Waits until it sees the delivery. */
			async see({ key, units }) {
				await pool.total(String(key)).when(({ minted }) => minted === units, { timeoutMs: 10_000 });
				return {};
			},
			sell: async ({ key }) => ({ ...(await sellOut(replica, String(key))) }),
			/** What it sees once everything has come, and what its books say of it. */
			async settle({ key, spent }) {
				await pool.total(String(key)).when((total) => total.spent === spent, { timeoutMs: 10_000 });
				return { level: pool.total(String(key)).get().level, findings: replica.check().length };
			},
		},
	);
}

/** Sells to one customer after the other until it sees that all is sold. */
async function sellOut(replica: Replica, key: string): Promise<Trade> {
	const pool = replica.ledger(ledger).pool('stock');
	const total = pool.total(key);
	const [begun, sales, refusals]: [number[], number[], number[]] = [[], [], []];
	const sell = async () => (await replica.commit((tx) => tx.spend(pool, key, 1))).ok;
	for (;;) {
		let beganMs = nowMs();
		let sold = await sell();
		if (!sold && total.get().level > 0) {
			await pool.ensure(key, 1, { timeoutMs: customerMs });
			beganMs = nowMs();
			sold = await sell();
		}
		if (sold) {
			begun.push(beganMs);
			sales.push(nowMs());
		} else refusals.push(nowMs());
		if (!sold && total.get().level <= 0) return { begun, sales, refusals };
	}
}
