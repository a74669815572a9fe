/**
 * A relay and a till of a chain with a root key, in a process of their own, to see what attacks cost them. Argument: a folder.
 * Says `open {"url","thief","other"}`: keys of two who are enrolled as cashiers. Understands, a line each: `dial URL` (the till
 * opens a link there), `sell N`, `enrol KEY` (answered with a credential), `newcomer` (another till comes, and gets everything), and `status ID`, which is answered.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openReplica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { startRelay } from 'tillmesh/relay';
import { grantsOf, issue, type Role } from 'tillmesh/trust';
import { webSocket } from 'tillmesh/websocket';
import { nodePlatform } from '../../../adapters/platform-node/index.js';

/** What it answers to `status ID`. */
export interface StoreTold {
	readonly relay: {
		readonly entries: number;
		readonly rejected: number;
		readonly closed: number;
		readonly unproven: number;
		readonly codes: number;
	};
	readonly till: { readonly rejected: number; readonly sold: number; readonly health: string; readonly digest: string };
	/** Of a device that came when `newcomer` was said. */
	readonly newcomer: { readonly sold: number; readonly digest: string } | undefined;
	/** What is used after a collection. */
	readonly heapBytes: number;
}

const [folder = '', limit = '1'] = process.argv.slice(2);
const { crypto } = nodePlatform();
const [store, chain, ledger] = ['sh-1', 'chain', 'orders/sh-1'];
const life = { notBeforeMs: 0, notAfterMs: Date.UTC(2100, 0) };
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const sum = (counts: object): number => Object.values(counts as Record<string, number>).reduce((a, b) => a + b, 0);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function run(): Promise<void> {
	const root = await crypto.generateKeyPair();
	const give = (subject: Uint8Array, role: Role) =>
		issue(crypto, root, { subject, name: role, store, role, grants: grantsOf(role, store), ...life });
	const trust = (role: Role) => ({ root: root.publicKey, enrol: ({ key }: { key: Uint8Array }) => give(key, role) });
	// Raised by whoever wants to see how deep frames get, rather than how soon they are stopped.
	const times = Number(limit);
	const limits = {
		requestsPerSecond: 20 * times,
		messagesPerSecond: 500 * times,
		connectionsPerSecond: 100 * times,
		refusedPerSecond: 200 * times,
	};
	const relay = await startRelay({ data: folder, chain, free: false, homes: [], trust: trust('relay'), limits });
	const open = (name: string) =>
		openReplica({
			chain,
			name,
			storage: memory(),
			keeps: [ledger],
			links: [webSocket(relay.url)],
			trust: trust('cashier'),
		});
	const till = await open('till-1');
	let newcomer: typeof till | undefined;
	const ordersOf = (of: typeof till) => of.ledger(ledger).logs('order').at('1');
	const orders = ordersOf(till);
	const devices = await Promise.all([crypto.generateKeyPair(), crypto.generateKeyPair()]);
	const [thief, other] = await Promise.all(
		devices.map(async (pair) => ({
			secret: hex(pair.secret),
			publicKey: hex(pair.publicKey),
			credential: hex(await give(pair.publicKey, 'cashier')),
		})),
	);
	writeSync(1, `open ${JSON.stringify({ url: relay.url, root: hex(root.publicKey), thief, other })}\n`);
	const told = (): StoreTold => {
		collect();
		const { counters, ledgers } = relay.status();
		const { rejected, health } = till.status();
		return {
			relay: {
				entries: ledgers.entries,
				rejected: sum(counters.rejected),
				closed: sum(counters.limitCloses),
				unproven: counters.limitCloses.unproven ?? 0,
				codes: Object.keys(counters.rejected).length,
			},
			till: {
				rejected: rejected.count,
				sold: orders.all().get().length,
				health: health.state,
				digest: till.digest(ledger),
			},
			newcomer: newcomer && { sold: ordersOf(newcomer).all().get().length, digest: newcomer.digest(ledger) },
			heapBytes: process.memoryUsage().heapUsed,
		};
	};
	for await (const line of createInterface({ input: process.stdin })) {
		const [word, of = ''] = line.split(' ');
		if (word === 'dial') till.addLink(webSocket(of));
		else if (word === 'sell')
			for (let i = 0; i < Number(of); i++) await till.commit((tx) => tx.append(orders, { verb: 'order.settle', n: i }));
		else if (word === 'enrol')
			writeSync(1, `${line} ${hex(await give(new Uint8Array(Buffer.from(of, 'hex')), 'cashier'))}\n`);
		else if (word === 'newcomer') {
			await till.sync.flush({ tier: 'store', timeoutMs: 20_000 });
			newcomer = await open('till-2');
			for (let i = 0; i < 1_000 && newcomer.digest(ledger) !== till.digest(ledger); i++)
				await new Promise((resolve) => setTimeout(resolve, 10));
		} else writeSync(1, `${line} ${JSON.stringify(told())}\n`);
	}
}

// Imported by tests for what it says.
if (/attacked-store[^/]*\.m?[jt]s$/.test(process.argv[1] ?? '')) await run();
