/** A till in a page. What a test calls from outside hangs on `tillPage`. */

import { webRtc } from '../../adapters/link-webrtc/index.js';
import { webSocket } from '../../adapters/link-websocket/index.js';
import { idb } from '../../adapters/storage-idb/index.js';
import { openReplica, type Replica } from '../../src/index.js';

const ledger = 'stock/1';
let till: Replica;
const cups = () => till.ledger(ledger).pool('cups');

const api = {
	async open(name: string, relay: string): Promise<void> {
		till = await openReplica({
			chain: 'chain',
			name,
			keeps: [ledger],
			storage: idb(name),
			links: [webSocket(relay), webRtc()],
		});
	},

	async mint(amount: number): Promise<void> {
		await till.commit((tx) => tx.mint(cups(), 'L', amount, 'PO-1'));
	},

	/** Fetches shares where it has too few; the refusal's code, or that it is done. */
	async sell(amount: number): Promise<string> {
		await cups().ensure('L', amount, { timeoutMs: 2_000 });
		const outcome = await till.commit((tx) => tx.spend(cups(), 'L', amount));
		return outcome.ok ? 'sold' : outcome.code;
	},

	digest: (): string => till.digest(ledger),
	total: (): number => cups().total('L').get().level,
	/** Who is linked, and by what: `till-2 by webrtc`. */
	peers: (): string[] =>
		till.sync.status
			.get()
			.peers.map(({ name, via }) => `${name} by ${via.split(' ')[0]}`)
			.sort(),
};

export type TillPageApi = typeof api;
declare global {
	var tillPage: TillPageApi;
}
// The name that the browser's driver waits for is the other page's.
Object.assign(globalThis, { tillPage: api, tillmesh: {} });
