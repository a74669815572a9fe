/** Runs in both pages: the one that owns the till, and the window that it opens. */

import { idb } from '../../adapters/storage-idb/index.js';
import { attachReplica, shareReplica } from '../../adapters/windows/index.js';
import { openReplica, type Replica } from '../../src/index.js';

let replica: Replica | undefined;

const pool = () => {
	if (!replica) throw new Error('no replica yet');
	return replica.ledger('stock/1').pool('cups');
};

const api = {
	async own(name: string): Promise<void> {
		replica = await openReplica({ chain: 'c', name: 'till', keeps: ['stock/1'], storage: idb(name) });
		const till = replica;
		await till.commit((tx) => tx.mint(pool(), 'L', 10, 'PO-1'));
		// A window that this page opened says that it is ready, and is given a port.
		addEventListener('message', ({ data, source }) => {
			if (data !== 'ready') return;
			const { port1, port2 } = new MessageChannel();
			shareReplica(till, port1);
			(source as Window).postMessage('till', '*', [port2]);
		});
	},

	attach(): Promise<void> {
		return new Promise((resolve, reject) => {
			addEventListener('message', ({ data, ports: [port] }) => {
				if (data !== 'till' || !port) return;
				attachReplica(port).then((attached) => {
					replica = attached;
					resolve();
				}, reject);
			});
			opener.postMessage('ready', '*');
		});
	},

	/** The commit, the refusal's code, or the failure's. */
	async sell(amount: number, key?: string): Promise<string> {
		try {
			const options = key === undefined ? {} : { idempotencyKey: key };
			const outcome = await replica?.commit((tx) => tx.spend(pool(), 'L', amount), options);
			if (!outcome) return 'nothing';
			return outcome.ok ? outcome.commit : outcome.code;
		} catch (error) {
			return String((error as { code?: unknown }).code ?? error);
		}
	},

	/** Waits for what will not come; the code of the failure that ends it, or that it took ten seconds. */
	never: (): Promise<string> =>
		Promise.race([
			new Promise<string>((resolve) => setTimeout(() => resolve('nothing said'), 10_000)),
			replica?.sync.flush({ tier: 'hq' }).then(
				() => 'reached',
				(error) => String((error as { code?: unknown }).code),
			) ?? Promise.resolve('no replica'),
		]),

	seen: (): { mine: number; digest: string; device: string } => ({
		mine: pool().mine('L'),
		digest: replica?.digest('stock/1') ?? '',
		device: replica?.device ?? '',
	}),

	async leave(): Promise<void> {
		await replica?.shutdown();
	},
};

export type WindowPageApi = typeof api;
declare global {
	var windowPage: WindowPageApi;
}
// The name that the browser's driver waits for is the other page's.
Object.assign(globalThis, { windowPage: api, tillmesh: {} });
