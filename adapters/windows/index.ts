import type { Replica } from '../../src/index.js';
import type { Platform } from '../../src/ports/platform.js';
import { attachReplica as attach, shareReplica as share } from '../../src/windows.js';
import type { AnyPort } from '../link-message-port/index.js';
import { webPlatform } from '../platform-web/index.js';
import { wireOf } from './wire.js';

export type { AnyPort, EmitterPort, EventPort } from '../link-message-port/index.js';

/**
 * Shares an open replica with a window at the other end of `port`: Electron's main process with a renderer, a page with an
 * iframe or another window that it opened, Node with a worker. The window reads what this replica's view shows and commits
 * through it, so that the device has one writer (JRN1). Each window gets a port of its own.
 *
 * Answers how to end it, upon which the window's replica is closed; shutting the replica down does the same. The port
 * is closed then. Throws `BadArgument` for what is no port, and for a replica that is a window itself.
 *
 * ```ts
 * const { port1, port2 } = new MessageChannel();
 * shareReplica(till, port1);
 * display.postMessage('till', '*', [port2]);
 * ```
 */
export function shareReplica(till: Replica, port: AnyPort): () => void {
	return share(till, wireOf(port));
}

export interface AttachReplicaOptions {
	/** How long the owner may take to show itself, in milliseconds. Default 10,000. */
	readonly timeoutMs?: number;
	/** Default: WebCrypto, setTimeout and the like, which every runtime has. */
	readonly platform?: Pick<Platform, 'timers' | 'crypto' | 'random'>;
}

/**
 * The replica that is shared at the other end of `port`, with the same API. Reads are synchronous, from what this window has
 * been told: always what the owner's view showed at some moment, and whatever this window has committed. `commit` runs its
 * work here: it refuses at once what this view refuses, and otherwise has the owner do the same verbs. Beside an idempotency
 * key the owner always has the last word. Names of new holds are the owner's: in what the work returned, and in what
 * it appended or set, they are put in.
 *
 * `ensure`, `claim`, `reached`, `flush`, `tend` and `fence` are the owner's. `shutdown` leaves the owner and closes the
 * port. Once the owner has shut down or the port is closed, everything rejects with `Closed`.
 *
 * Rejects with `Closed` where the owner is gone, and with `not_reached` where nobody shares a replica there in time.
 *
 * ```ts
 * const till = await attachReplica(port2);
 * const sale = await till.commit((tx) => tx.spend(till.ledger('stock/sh-014').pool('stock'), 'CUP-L', 1));
 * ```
 */
export function attachReplica(port: AnyPort, options: AttachReplicaOptions = {}): Promise<Replica> {
	const { platform = webPlatform(), timeoutMs } = options;
	return attach(wireOf(port), { platform, timeoutMs });
}
