import { MessageChannel } from 'node:worker_threads';
import { type OpenOptions, openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { attachReplica, shareReplica } from 'tillmesh/windows';

export const keeps = ['stock/1', 'cash/*'];

export const openTill = (options: Partial<OpenOptions> = {}): Promise<Replica> =>
	openReplica({ chain: 'c', name: 'till', keeps, storage: memory(), ...options });

/** A window of `till`, over a real message channel. */
export async function windowOf(till: Replica): Promise<{ window: Replica; unshare: () => void }> {
	const { port1, port2 } = new MessageChannel();
	const unshare = shareReplica(till, port1);
	return { window: await attachReplica(port2), unshare };
}
