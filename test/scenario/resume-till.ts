/**
 * A till as a process of its own, to be killed while it catches up. Arguments: its file, the relay's URL or nothing, how
 * many orders it sells before it links. Says `linked`, and from then on a line of JSON whenever what it sees has changed.
 */
import { writeSync } from 'node:fs';
import { openReplica, type Replica } from 'tillmesh';
import { sqlite } from 'tillmesh/sqlite';
import { webSocket } from 'tillmesh/websocket';

export const resumeChain = 'chain';
export const resumeLedger = 'orders/sh-014';

/** What a till sees, and what of its own waits. */
export interface Seen {
	readonly orders: number;
	readonly totalMinor: number;
	readonly digest: string;
	readonly waiting: number;
}

const counters = (replica: Replica) => {
	const ledger = replica.ledger(resumeLedger);
	return { orders: ledger.counter('orders'), totalMinor: ledger.counter('totalMinor') };
};

/** So many orders, each an entry of its own, a few hundred to a sync. */
export async function sellMany(replica: Replica, orders: number, priceMinor: number): Promise<void> {
	const { orders: count, totalMinor } = counters(replica);
	for (let left = orders; left > 0; left -= 500) {
		const sales = Array.from({ length: Math.min(500, left) }, () =>
			replica.commit((tx) => {
				tx.add(count, 1);
				tx.add(totalMinor, priceMinor);
			}),
		);
		for (const done of await Promise.all(sales)) if (!done.ok) throw new Error(done.message);
	}
}

export function seenBy(replica: Replica): Seen {
	const { orders, totalMinor } = counters(replica);
	return {
		orders: orders.value.get(),
		totalMinor: totalMinor.value.get(),
		digest: replica.digest(resumeLedger),
		waiting: replica.sync.status.get().waiting.store.entries,
	};
}

async function run([file = '', url = '', orders = '0', priceMinor = '0']: string[]): Promise<void> {
	const storage = sqlite(file);
	const replica = await openReplica({ chain: resumeChain, name: 'away', storage, keeps: [resumeLedger] });
	await sellMany(replica, Number(orders), Number(priceMinor));
	if (url !== '') replica.addLink(webSocket(url));
	writeSync(1, 'linked\n');
	for (let said = ''; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
		const now = JSON.stringify(seenBy(replica));
		if (now !== said) writeSync(1, `${now}\n`);
		said = now;
	}
}

// Imported by its test for what it says.
if (/resume-till[^/]*\.m?[jt]s$/.test(process.argv[1] ?? '')) await run(process.argv.slice(2));
