import { assert } from '../../src/base/assert.js';
import { BadArgument, TillmeshError } from '../../src/base/errors.js';
import type { LinkSource, Meeting } from '../../src/ports/link.js';
import { isMessage } from '../link-message-port/messages.js';
import { PostedLink } from '../link-message-port/posted-link.js';
import { Lobby, type Word } from './lobby.js';

export interface TabsOptions {
	/** From 0 up to, not including, 1: draws the ids of tabs. Default `Math.random`. */
	readonly random?: () => number;
	/** How often a tab says that it is here. Default 2,000. */
	readonly heartbeatMs?: number;
	/** What another tab may have before it in bytes, not worked off yet; beyond it `send` answers false. Default 4 MiB. */
	readonly unreadBytesMax?: number;
}

/** Heartbeats of this tab's own that another may be silent for, until it is asked, and until it is given up. */
const silence = { ask: 2, lost: 5 } as const;
/** Nobody opens so many; it bounds what a script gone wild can make of it. */
const peersMax = 64;

/**
 * Finds the other tabs, windows and workers of one origin by BroadcastChannel, and the threads of one Node process: those
 * that use the same `name` and chain. Each pair gets a link of its own over a channel of its own. A tab that closes says
 * so; one that vanishes is noticed after five heartbeats. A tab in the background has slow timers but answers at once when
 * asked, so it is not taken for gone.
 *
 * Throws `unavailable` where there is no BroadcastChannel.
 *
 * ```ts
 * const till = await openReplica({ ...options, links: [tabs('pos'), webSocket('wss://relay.example.com')] });
 * ```
 */
export function tabs(name: string, options: TabsOptions = {}): LinkSource {
	if (typeof name !== 'string' || name === '') throw new BadArgument('name', 'expected a non-empty string.');
	if (typeof globalThis.BroadcastChannel !== 'function')
		throw new TillmeshError('unavailable', 'BroadcastChannel is missing.', { missing: 'BroadcastChannel' });
	return new Tabs(name, options);
}

interface Peer {
	readonly link: PostedLink;
	readonly takeOff: () => void;
	/** Heartbeats since it was heard of. */
	silent: number;
}

class Tabs implements LinkSource {
	readonly kind = 'tabs';
	readonly #name: string;
	readonly #options: TabsOptions;
	readonly #id: string;
	readonly #peers = new Map<string, Peer>();
	#meeting: Meeting | undefined;
	#lobby: Lobby | undefined;
	#stopped = false;
	#cancelBeat = () => {};

	constructor(name: string, options: TabsOptions) {
		this.#name = name;
		this.#options = options;
		this.#id = `${this.#draw()}${this.#draw()}`;
	}

	discover(meeting: Meeting): void {
		assert(this.#meeting === undefined, 'Link', 'a source is started once');
		this.#meeting = meeting;
		if (this.#stopped) return;
		this.#lobby = new Lobby(this.#channelName(), this.#id, (word) => this.#heard(word));
		// Also said where the page is only put aside; it is back with the next heartbeat after it returns.
		globalThis.addEventListener?.('pagehide', this.#leave);
		this.#beat();
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#cancelBeat();
		globalThis.removeEventListener?.('pagehide', this.#leave);
		this.#leave();
		this.#lobby?.close();
	}

	#draw(): string {
		const { random = Math.random } = this.#options;
		return Math.floor(random() * 2 ** 48)
			.toString(16)
			.padStart(12, '0');
	}

	#channelName(...pair: readonly string[]): string {
		return ['tillmesh', this.#name, this.#meeting?.chain ?? '', ...pair].map(encodeURIComponent).join('/');
	}

	#beat(): void {
		this.#lobby?.say('here');
		for (const [id, peer] of this.#peers) {
			peer.silent++;
			if (peer.silent > silence.lost) this.#lose(id);
			else if (peer.silent > silence.ask) this.#lobby?.say('ask', id);
		}
		const { heartbeatMs = 2_000 } = this.#options;
		this.#cancelBeat = this.#meeting?.timers.after(heartbeatMs, () => this.#beat(), true) ?? (() => {});
	}

	#heard({ tab, from, to }: Word): void {
		const peer = this.#peers.get(from);
		if (tab === 'bye') {
			this.#lose(from);
			return;
		}
		if (peer) peer.silent = 0;
		else if (!this.#find(from)) return;
		// A newcomer knows nobody yet: what it said was for all.
		if (tab === 'ask' || (!peer && to === undefined)) this.#lobby?.say('here', from);
	}

	#find(id: string): boolean {
		const meeting = this.#meeting;
		if (!meeting || this.#peers.size >= peersMax) return false;
		const channel = new BroadcastChannel(this.#channelName(...[this.#id, id].sort()));
		const { random = Math.random, unreadBytesMax = 4 * 1024 * 1024 } = this.#options;
		const link = new PostedLink({
			kind: this.kind,
			isPrivate: true,
			timers: meeting.timers,
			random,
			unreadBytesMax,
			post: (message) => channel.postMessage(message),
			stopped: () => channel.close(),
		});
		channel.addEventListener('message', ({ data }) => {
			const peer = this.#peers.get(id);
			if (peer) peer.silent = 0;
			if (isMessage(data)) link.hear(data);
		});
		this.#peers.set(id, { link, takeOff: meeting.found(link), silent: 0 });
		return true;
	}

	#lose(id: string): void {
		const peer = this.#peers.get(id);
		this.#peers.delete(id);
		peer?.takeOff();
	}

	readonly #leave = (): void => {
		for (const id of [...this.#peers.keys()]) this.#lose(id);
		this.#lobby?.say('bye');
	};
}
