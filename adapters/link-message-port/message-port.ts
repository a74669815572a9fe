import { BadArgument } from '../../src/base/errors.js';
import type { Link } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { hostTimers } from '../platform-web/timers.js';
import { isMessage } from './messages.js';
import { type AnyPort, listen } from './ports.js';
import { PostedLink } from './posted-link.js';

export interface MessagePortOptions {
	/** Default: the runtime's. */
	readonly timers?: Timers;
	/** From 0 up to, not including, 1: draws the numbers of connections. Default `Math.random`. */
	readonly random?: () => number;
	/** What the other side may have before it in bytes, not worked off yet; beyond it `send` answers false. Default 4 MiB. */
	readonly unreadBytesMax?: number;
}

/**
 * A link over a message port: to a worker, an iframe, another window, or an Electron process. Both sides make one, each with
 * its end of the channel. It takes the port over: `stop` closes it. Frames go as copies. It is up once both sides have said
 * hello, and down when the other side stops, closes or ends, as far as the runtime tells; a process that hangs is found
 * out by the session's heartbeat. Messages that are none of ours are left alone.
 *
 * ```ts
 * const { port1, port2 } = new MessageChannel();
 * worker.postMessage(port2, [port2]);           // there: connect(messagePort(port2))
 * const till = await openReplica({ ...options, links: [messagePort(port1)] });
 * ```
 */
export function messagePort(port: AnyPort, options: MessagePortOptions = {}): Link {
	if (typeof port?.postMessage !== 'function' || !('addEventListener' in port || 'on' in port))
		throw new BadArgument('port', 'expected a MessagePort, a Worker, or an Electron MessagePortMain.');
	let ignore = () => {};
	const link = new PostedLink({
		kind: 'port',
		isPrivate: true,
		timers: options.timers ?? hostTimers,
		random: options.random ?? Math.random,
		unreadBytesMax: options.unreadBytesMax ?? 4 * 1024 * 1024,
		post: (message) => port.postMessage(message),
		stopped() {
			ignore();
			port.close?.();
		},
	});
	return {
		kind: link.kind,
		private: link.private,
		start(events) {
			ignore = listen(
				port,
				(value) => isMessage(value) && link.hear(value),
				() => link.lost(),
			);
			port.start?.();
			link.start(events);
		},
		stop: () => link.stop(),
	};
}
