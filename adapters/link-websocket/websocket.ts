import { BadArgument } from '../../src/base/errors.js';
import type { Link } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { hostTimers } from '../platform-web/timers.js';
import { WebSocketClient } from './client.js';
import { type Dial, dialWith, type WebSocketClass } from './socket.js';

export interface WebSocketOptions {
	/** Default: the runtime's. */
	readonly timers?: Timers;
	/** From 0 up to, not including, 1: spreads the attempts of many. Default `Math.random`. */
	readonly random?: () => number;
	/** How long a server may take to answer. Default 10,000. */
	readonly connectTimeoutMs?: number;
	/** What may wait to be sent, in bytes; beyond it `send` answers false. Default 4 MiB. */
	readonly bufferedBytesMax?: number;
	/** The standard's class, where it is no global and the package ws is not to be used. */
	readonly WebSocket?: WebSocketClass;
	/** Hears of every attempt that failed and every connection that was lost. Must not throw. */
	readonly onProblem?: (problem: Error) => void;
}

export interface WebSocketLink extends Link {
	/** Why there is no connection now, as far as the runtime tells: code `unavailable` where Node has no WebSocket and no ws. */
	readonly problem: Error | undefined;
}

function checkUrl(path: string, url: unknown): void {
	try {
		if (/^wss?:$/.test(new URL(String(url)).protocol)) return;
	} catch {
		// Not of the form of a URL: said below, by the name of the argument.
	}
	throw new BadArgument(path, `expected a ws: or wss: URL, got "${String(url)}".`);
}

export function checkUrls(path: string, urls: readonly string[]): void {
	for (const [i, url] of urls.entries()) checkUrl(`${path}[${i}]`, url);
}

/**
 * A link to a relay, or to a till that listens (`tillmesh/lan`), over WebSocket. Of several URLs it tries one after the
 * other, from the first again after a connection that lived. It keeps trying until `stop`, at once through the list and
 * then with jittered exponential backoff up to 30 s (SYN4).
 *
 * Uses the global WebSocket of browsers and of Node from 22 on; below that the optional package `ws`. Where that is missing
 * the link never comes up, and says so in `problem` and to `onProblem`. Throws `BadArgument` for what is no URL.
 *
 * ```ts
 * const till = await openReplica({ ...options, links: [webSocket(['ws://relay:7443', 'wss://hq.example.com'])] });
 * ```
 */
export function webSocket(url: string | readonly string[], options: WebSocketOptions = {}): WebSocketLink {
	if (Array.isArray(url)) checkUrls('url', url);
	else checkUrl('url', url);
	const urls: readonly string[] = typeof url === 'string' ? [url] : [...url];
	if (urls.length === 0) throw new BadArgument('url', 'expected at least one.');
	return clientOf(() => urls, options, options.WebSocket && dialWith(options.WebSocket));
}

/** The same, for URLs that change while it runs, and for other ways to dial. */
export function clientOf(urls: () => readonly string[], options: WebSocketOptions, dial?: Dial): WebSocketClient {
	return new WebSocketClient({
		urls,
		timers: options.timers ?? hostTimers,
		random: options.random ?? Math.random,
		dial,
		connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
		bufferedBytesMax: options.bufferedBytesMax ?? 4 * 1024 * 1024,
		onProblem: options.onProblem ?? (() => {}),
	});
}
