import type { Doc } from 'yjs';
import { assert } from '../../src/base/assert.js';
import { Backoff } from '../../src/base/backoff.js';
import { BadArgument, TillmeshError } from '../../src/base/errors.js';
import type { LinkSource, Meeting } from '../../src/ports/link.js';
import { loadWs } from '../link-websocket/socket.js';
import { type ProviderClass, Room } from './room.js';

export interface YWebSocketOptions {
	/** The server: `wss://y.example.com`. */
	readonly url: string;
	/** The document that the devices meet in; the pipe's alone. Default: `tillmesh-<chain>`. */
	readonly room?: string;
	/** Added to the URL, for servers that ask for a token. */
	readonly params?: Readonly<Record<string, string>>;
	readonly protocols?: readonly string[];
	/** The standard's class. Default: the global one, else that of the optional package ws. */
	readonly WebSocket?: unknown;
	/** The longest pause between two attempts to connect. Default 2,500. */
	readonly maxBackoffMs?: number;
	/** What one peer may have before it, not worked off; beyond it `send` answers false. Default 2 MiB. */
	readonly unreadBytesMax?: number;
	/** What all peers together may not have read yet. Default 4 MiB. */
	readonly outboxBytesMax?: number;
	/** A document that grows beyond this in memory is left for a while. Default 64 MiB. */
	readonly documentBytesMax?: number;
	/** From 0 up to, not including, 1. Default `Math.random`. */
	readonly random?: () => number;
	/** Default `Date.now`. */
	readonly nowMs?: () => number;
	/** Hears of attempts that failed and rooms that were left. Must not throw. */
	readonly onProblem?: (problem: Error) => void;
}

/** Room for one frame of 1 MiB beside what is told late as worked off. */
const unreadBytesMin = 1280 * 1024;

/**
 * Runs over any stock y-websocket server, unchanged, through the provider of the package `y-websocket`: the server is a pipe
 * between the devices of one room that are connected at the same time. It keeps nothing for devices that are away, so a
 * chain needs one that is mostly there (a home, an archive). Each device has an outbox in the room's document; a packet is
 * deleted once those it is for have read it. Sessions run above, and the gate at every receiver: the server and whoever
 * else writes into the room can keep devices apart, and can forge nothing.
 *
 * Limits. Whatever is said in a room goes to everybody in it, so a room is for some 50 devices; one room a store. Of each
 * opening of a device some 40 bytes stay in the document for ever: name another room after some 100,000 openings. Whoever
 * may write into the room can fill it: a document beyond `documentBytesMax` is left, and tried again later. A server that
 * limits messages must take 512 KiB, and one that limits documents 4 MiB for each device that has much to send.
 *
 * Throws `BadArgument`. Where a package is missing it finds nobody, and `onProblem` hears `unavailable`.
 *
 * ```ts
 * const till = await openReplica({ ...options, links: [yWebSocket({ url: 'wss://y.example.com', room: 'sh-014' })] });
 * ```
 */
export function yWebSocket(options: YWebSocketOptions): LinkSource {
	const { url, room, unreadBytesMax = unreadBytesMin } = options;
	if (typeof url !== 'string' || !/^wss?:\/\/[^?#]+$/.test(url))
		throw new BadArgument('url', `expected a ws: or wss: URL without a query, got "${String(url)}".`);
	if (room !== undefined && (typeof room !== 'string' || room === ''))
		throw new BadArgument('room', 'expected a non-empty string.');
	if (!(unreadBytesMax >= unreadBytesMin))
		throw new BadArgument('unreadBytesMax', `expected at least ${unreadBytesMin}.`);
	return new YWebSocketSource(options);
}

/** How long a room is left alone that had to be left. */
const returnMs = { first: 2_000, max: 10 * 60_000 };
/** A room that held for so long begins again with the shortest wait. */
const livedMs = 10 * 60_000;
/** A device that was cut off comes back sooner, or begins with another outbox. */
const absentMs = 60_000;

class YWebSocketSource implements LinkSource {
	readonly kind = 'y-websocket';
	readonly #options: YWebSocketOptions;
	readonly #backoff: Backoff;
	readonly #nowMs: () => number;
	#meeting: Meeting | undefined;
	#room: Room | undefined;
	#enteredMs = 0;
	/** The room had to be left: perhaps it is full of what others have left there. */
	#isCrowded = false;
	#cancelReturn = () => {};
	#stopped = false;

	constructor(options: YWebSocketOptions) {
		this.#options = options;
		this.#nowMs = options.nowMs ?? Date.now;
		this.#backoff = new Backoff({
			random: options.random ?? Math.random,
			firstMs: returnMs.first,
			maxMs: returnMs.max,
			floorMs: 500,
		});
	}

	discover(meeting: Meeting): void {
		assert(this.#meeting === undefined, 'Link', 'a source is started once');
		this.#meeting = meeting;
		if (!this.#stopped) void this.#enter(meeting);
	}

	stop(): void {
		this.#stopped = true;
		this.#cancelReturn();
		this.#room?.close();
		this.#room = undefined;
	}

	async #enter(meeting: Meeting): Promise<void> {
		let connect: (doc: Doc) => InstanceType<ProviderClass>;
		try {
			connect = await this.#connector(meeting.chain);
		} catch (error) {
			this.#options.onProblem?.(error instanceof Error ? error : new Error(String(error)));
			return;
		}
		if (this.#stopped) return;
		this.#enteredMs = this.#nowMs();
		this.#room = new Room({
			meeting,
			connect,
			random: this.#options.random ?? Math.random,
			nowMs: this.#nowMs,
			kind: this.kind,
			unreadBytesMax: this.#options.unreadBytesMax ?? 2 * 1024 * 1024,
			outboxBytesMax: this.#options.outboxBytesMax ?? 4 * 1024 * 1024,
			documentBytesMax: this.#options.documentBytesMax ?? 64 * 1024 * 1024,
			isCrowded: this.#isCrowded,
			// Not all at once.
			absentMs: absentMs * (1 + (this.#options.random ?? Math.random)()),
			broken: (why) => this.#leave(meeting, why),
			problem: (problem) => this.#options.onProblem?.(problem),
		});
	}

	async #connector(chain: string): Promise<(doc: Doc) => InstanceType<ProviderClass>> {
		const { url, room = `tillmesh-${chain}`, params, protocols, maxBackoffMs } = this.#options;
		const Provider = await loadProvider();
		const polyfill = this.#options.WebSocket ?? globalThis.WebSocket ?? (await loadWs()).WebSocket;
		const path = room.split('/').map(encodeURIComponent).join('/');
		return (doc) =>
			new Provider(url, path, doc, {
				// Tabs of one browser have links of their own; what they say to each other here would not be counted.
				disableBc: true,
				WebSocketPolyfill: polyfill as typeof WebSocket, // the provider uses what all of them have
				...(params && { params: { ...params } }),
				...(protocols && { protocols: [...protocols] }),
				...(maxBackoffMs !== undefined && { maxBackoffTime: maxBackoffMs }),
			});
	}

	#leave(meeting: Meeting, why: string): void {
		if (this.#stopped) return;
		this.#room?.close();
		this.#room = undefined;
		this.#isCrowded = true;
		this.#options.onProblem?.(new TillmeshError('not_reached', `The room was left: ${why}.`));
		if (this.#nowMs() - this.#enteredMs > livedMs) this.#backoff.reset();
		this.#cancelReturn = meeting.timers.after(this.#backoff.nextMs(), () => void this.#enter(meeting));
	}
}

async function loadProvider(): Promise<ProviderClass> {
	try {
		return (await import('y-websocket')).WebsocketProvider;
	} catch (cause) {
		throw new TillmeshError(
			'unavailable',
			'No y-websocket here: npm install y-websocket.',
			{ missing: 'y-websocket' },
			cause,
		);
	}
}
