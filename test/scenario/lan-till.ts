/**
 * A till as a process of its own, for tests that cut networks. Arguments: name, address to listen on, URL of a relay or
 * nothing. A line `sell` writes one sale, `look` answers what it sees; the answers are JSON, a line each.
 */
import { createInterface } from 'node:readline';
import { openReplica } from 'tillmesh';
import { lan } from 'tillmesh/lan';
import { memory } from 'tillmesh/memory';
import { webSocket } from 'tillmesh/websocket';

export const ledgerName = 'orders/1';

/** What a till answers to `look`. */
export interface View {
	readonly sold: number;
	readonly digest: string;
	/** Names of those it is in sync with. */
	readonly peers: readonly string[];
}

async function run([name = '', host = '', relay = '']: string[]): Promise<void> {
	const links = [lan({ host }), ...(relay === '' ? [] : [webSocket(relay)])];
	const replica = await openReplica({ chain: 'lan', name, storage: memory(), keeps: [ledgerName], links });
	const sales = replica.ledger(ledgerName).counter('sales');
	const answer = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
	answer('open');
	for await (const line of createInterface({ input: process.stdin })) {
		if (line === 'sell') answer((await replica.commit((tx) => tx.add(sales, 1))).ok);
		if (line !== 'look') continue;
		const peers = replica.sync.status.get().peers.filter(({ inSync }) => inSync);
		const view: View = {
			sold: sales.value.get(),
			digest: replica.digest(ledgerName),
			peers: [...new Set(peers.map((peer) => peer.name))].sort(),
		};
		answer(view);
	}
	process.exit();
}

// Imported by its test for what it says.
if (process.argv[1]?.endsWith('lan-till.ts')) await run(process.argv.slice(2));
