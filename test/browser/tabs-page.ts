/** A till in a tab. What a test calls from outside hangs on `tabPage`. */

import { tabs } from '../../adapters/link-broadcast-channel/index.js';
import { webSocket } from '../../adapters/link-websocket/index.js';
import { idb } from '../../adapters/storage-idb/index.js';
import { openReplica, type Replica } from '../../src/index.js';

const ledger = 'orders/1';
let till: Replica;

/** What a tab sees: how many sales, the digest, who is linked and by what, and how many of its own are not at the store. */
export interface TabView {
	readonly sold: number;
	readonly digest: string;
	readonly peers: readonly string[];
	readonly waiting: number;
}

const api = {
	async open(name: string, relay: string): Promise<void> {
		const links = [webSocket(relay), tabs('tills', { heartbeatMs: 200 })];
		till = await openReplica({ chain: 'chain', name, keeps: [ledger], storage: idb(name), links });
	},

	async sell(): Promise<boolean> {
		return (await till.commit((tx) => tx.add(till.ledger(ledger).counter('sold'), 1))).ok;
	},

	look(): TabView {
		const { peers, waiting } = till.sync.status.get();
		return {
			sold: till.ledger(ledger).counter('sold').value.get(),
			digest: till.digest(ledger),
			peers: peers
				.filter(({ inSync }) => inSync)
				.map(({ name, via }) => `${name} by ${via.split(' ')[0]}`)
				.sort(),
			waiting: waiting.store.entries,
		};
	},
};

export type TabPageApi = typeof api;
declare global {
	var tabPage: TabPageApi;
}
// The name that the browser's driver waits for is the other page's.
Object.assign(globalThis, { tabPage: api, tillmesh: {} });
