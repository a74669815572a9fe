import { assert } from '../../src/base/assert.js';
import { Backoff } from '../../src/base/backoff.js';
import type { DeviceId } from '../../src/base/ids.js';
import type { Link, LinkSource, Meeting } from '../../src/ports/link.js';
import { type Listening, listenWebSocket } from '../link-websocket/listen.js';
import { checkUrls } from '../link-websocket/websocket.js';
import type { Discovery, Sighting } from './discovery.js';
import { answerHeaders, chainHint, readHints } from './hints.js';
import { mdns } from './mdns.js';
import { loadDialLan, Neighbours } from './neighbours.js';

export interface LanOptions {
	/** The address to listen on. Default `0.0.0.0`: every network that this machine is in. */
	readonly host?: string;
	/** Default 0: a free one, which `announce` makes known. */
	readonly port?: number;
	/** Addresses to dial besides, such as `ws://10.0.0.7:7443`: for networks without multicast. May name this device too. */
	readonly peers?: readonly string[];
	/** False: no mDNS, neither announcing nor looking; `peers` is all there is. */
	readonly announce?: boolean;
	/** Another way than mDNS to find devices. */
	readonly discovery?: Discovery;
	/** Pages of these origins may connect, such as `https://pos.example.com`. */
	readonly origins?: readonly string[];
	/** Devices that may have dialled this one at a time. Default 64. */
	readonly maxConnections?: number;
	/** From 0 up to, not including, 1: spreads the attempts of many. Default `Math.random`. */
	readonly random?: () => number;
	/** Hears of what fails: a port that is taken, a package that is missing, attempts to connect. Must not throw. */
	readonly onProblem?: (problem: Error) => void;
}

export interface LanSource extends LinkSource {
	/** Where it listens; undefined before it does. */
	readonly port: number | undefined;
}

/** How often it looks whether this device goes by another name now. */
const renameMs = 30_000;

/**
 * Tills on one network find each other with no box between them: each listens for WebSockets, announces itself by mDNS
 * (service `_tillmesh._tcp`), and of each pair the one with the smaller device id dials, and keeps trying. So any till
 * carries the others when the relay is gone. For Node and Electron, with the optional packages ws and bonjour-service; what
 * is missing is said to `onProblem` with code `unavailable`. Throws `BadArgument` for `peers` that are no WebSocket URLs.
 *
 * What devices say of themselves here is a hint; who they are is proved in the session. Frames are not encrypted.
 *
 * ```ts
 * const till = await openReplica({ ...options, links: [webSocket('ws://relay:7443'), lan()] });
 * ```
 */
export function lan(options: LanOptions = {}): LanSource {
	checkUrls('peers', options.peers ?? []);
	return new Lan(options);
}

class Lan implements LanSource {
	readonly kind = 'lan';
	readonly #options: LanOptions;
	readonly #random: () => number;
	readonly #backoff: Backoff;
	readonly #onProblem: (problem: Error) => void;
	/** How to take off each link that was brought and still counts. */
	readonly #takeOffs = new Set<() => void>();
	/** Those of accepted connections, which never come up again. */
	readonly #accepted = new WeakMap<Link, () => void>();
	#meeting: Meeting | undefined;
	#neighbours: Neighbours | undefined;
	#listening: Listening | undefined;
	#stopped = false;
	#forget = () => {};
	#cancelTimer = () => {};

	constructor(options: LanOptions) {
		this.#options = options;
		this.#random = options.random ?? Math.random;
		this.#backoff = new Backoff({ random: this.#random });
		this.#onProblem = options.onProblem ?? (() => {});
	}

	get port(): number | undefined {
		return this.#listening?.port;
	}

	discover(meeting: Meeting): void {
		assert(this.#meeting === undefined, 'Link', 'a source is started once');
		this.#meeting = meeting;
		void this.#begin(meeting);
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#cancelTimer();
		this.#forget();
		for (const takeOff of [...this.#takeOffs]) takeOff();
		void this.#listening?.close();
	}

	async #begin(meeting: Meeting): Promise<void> {
		const chain = chainHint(meeting.chain);
		try {
			const dial = await loadDialLan();
			if (this.#stopped) return;
			const bring = (link: Link): (() => void) => this.#bring(meeting, link);
			const parts = { meeting, chain, random: this.#random, dial, onProblem: this.#onProblem, bring };
			this.#neighbours = new Neighbours(parts);
		} catch (error) {
			this.#onProblem(error as Error);
			return;
		}
		for (const url of this.#options.peers ?? []) this.#neighbours.name(url);
		await this.#listen(meeting, chain);
	}

	#bring(meeting: Meeting, link: Link): () => void {
		const off = meeting.found(link);
		const takeOff = (): void => {
			if (this.#takeOffs.delete(takeOff)) off();
		};
		this.#takeOffs.add(takeOff);
		return takeOff;
	}

	async #listen(meeting: Meeting, chain: string): Promise<void> {
		if (this.#stopped) return;
		const { host = '0.0.0.0', port = 0, origins = [], maxConnections = 64 } = this.#options;
		let listening: Listening;
		try {
			listening = await listenWebSocket({
				host,
				port,
				origins,
				maxConnections,
				headers: () => answerHeaders(meeting.device),
				admit: ({ url }) => this.#refusal(meeting, chain, url),
				accept: (link) => this.#accept(meeting, link),
				gone: (link) => this.#accepted.get(link)?.(),
			});
		} catch (error) {
			this.#onProblem(error as Error);
			const again = (): void => void this.#listen(meeting, chain);
			if (!this.#stopped) this.#cancelTimer = meeting.timers.after(this.#backoff.nextMs(), again, true);
			return;
		}
		if (this.#stopped) {
			void listening.close();
			return;
		}
		this.#listening = listening;
		if (this.#options.announce !== false) this.#announce(meeting, chain, listening.port, mdnsOr(this.#options, host));
	}

	#announce(meeting: Meeting, chain: string, port: number, discovery: Discovery): void {
		const { device, timers } = meeting;
		const seen = (sighting: Sighting): void => {
			if (sighting.chain === chain && meeting.device < sighting.device) this.#neighbours?.see(sighting);
		};
		const events = { seen, problem: this.#onProblem };
		this.#forget = discovery.start({ chain, device, port }, events, timers);
		const look = (): void => {
			if (meeting.device !== device) {
				this.#forget();
				this.#announce(meeting, chain, port, discovery);
			} else this.#cancelTimer = timers.after(renameMs, look, true);
		};
		this.#cancelTimer = timers.after(renameMs, look, true);
	}

	/** Who says nothing of itself may be a page or another till's `webSocket`. */
	#refusal(meeting: Meeting, chain: string, path: string | undefined): number | undefined {
		const hints = readHints(path);
		if (hints.chain !== undefined && hints.chain !== chain) return 403;
		if (hints.device !== undefined && (hints.device === meeting.device || this.#isReached(hints.device))) return 409;
		return undefined;
	}

	#isReached(device: DeviceId): boolean {
		return this.#neighbours?.reaches(device) ?? false;
	}

	#accept(meeting: Meeting, link: Link): void {
		if (this.#stopped) link.stop();
		else this.#accepted.set(link, this.#bring(meeting, link));
	}
}

function mdnsOr({ discovery, random = Math.random }: LanOptions, host: string): Discovery {
	return discovery ?? mdns(host, random);
}
