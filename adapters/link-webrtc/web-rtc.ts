import { assert } from '../../src/base/assert.js';
import { BadArgument, type TillmeshError } from '../../src/base/errors.js';
import type { DeviceId } from '../../src/base/ids.js';
import type { LinkSource, Meeting } from '../../src/ports/link.js';
import {
	globalPeerConnection,
	type IceServer,
	loadPeerConnection,
	type OpenPeer,
	openWith,
	type PeerConnectionClass,
} from './driver.js';
import { PeerLink } from './peer-link.js';
import { decodeSignal, encodeSignal, type Signal, signalBytesMax } from './signal.js';

export interface WebRtcOptions {
	/** STUN and TURN servers. Default none: devices of one LAN find each other by their own addresses. */
	readonly iceServers?: readonly IceServer[];
	/** Peers that are connected or tried at once; others are passed over. Default 64. */
	readonly peersMax?: number;
	/** How long one attempt to connect may take. Default 15,000. */
	readonly connectTimeoutMs?: number;
	/** From 0 up to, not including, 1: spreads the attempts of many. Default `Math.random`. */
	readonly random?: () => number;
	/** The standard's class, where it is no global and the package node-datachannel is not to be used. */
	readonly PeerConnection?: PeerConnectionClass;
	/** Hears of every attempt that failed and every connection that was lost. Must not throw. */
	readonly onProblem?: (problem: Error) => void;
}

export interface WebRtcSource extends LinkSource {
	/** Why it finds nobody: code `unavailable` where Node has no node-datachannel. */
	readonly problem: TillmeshError | undefined;
	/** Messages of peers that were no signals of this version. They are passed over. */
	readonly badSignals: number;
}

/**
 * Connects directly to every device that signals reach, in browsers and in Node, over WebRTC data channels. Peers of both
 * sides pass the signals on (a relay first of all); once a connection is up it needs them no more, and it outlives the
 * relay. One that is lost is found again, with jittered exponential backoff, as soon as signals pass (SYN4).
 *
 * Uses the global RTCPeerConnection of browsers, in Node the optional package `node-datachannel`. Where that is missing it
 * finds nobody, and says so in `problem` and to `onProblem`. No server of anybody else is asked for anything.
 *
 * ```ts
 * const till = await openReplica({ ...options, links: [webSocket('ws://relay:7443'), webRtc()] });
 * ```
 */
export function webRtc(options: WebRtcOptions = {}): WebRtcSource {
	for (const name of ['peersMax', 'connectTimeoutMs'] as const) {
		const value = options[name] ?? 1;
		if (!(value >= 1)) throw new BadArgument(`options.${name}`, `expected a number from 1, got ${value}.`);
	}
	return new Source(options);
}

interface Found {
	readonly link: PeerLink;
	off: () => void;
}

class Source implements WebRtcSource {
	readonly kind = 'webrtc';
	readonly #options: WebRtcOptions;
	readonly #random: () => number;
	readonly #run: string;
	readonly #links = new Map<DeviceId, Found>();
	#meeting: Meeting | undefined;
	#open: OpenPeer | undefined;
	#quiet: (() => void)[] = [];
	#stopped = false;
	#problem: TillmeshError | undefined;
	#badSignals = 0;
	/** Over all peers: a peer that was forgotten and found again still knows an old attempt from a new one. */
	#attempts = 0;

	constructor(options: WebRtcOptions) {
		this.#options = options;
		this.#random = options.random ?? Math.random;
		this.#run = Math.floor(this.#random() * 2 ** 53).toString(36);
	}

	get problem(): TillmeshError | undefined {
		return this.#problem;
	}

	get badSignals(): number {
		return this.#badSignals;
	}

	discover(meeting: Meeting): void {
		assert(this.#meeting === undefined, 'LinkSource', 'a source discovers once');
		this.#meeting = meeting;
		const PeerConnection = this.#options.PeerConnection ?? globalPeerConnection();
		if (PeerConnection) {
			this.#begin(meeting, PeerConnection);
			return;
		}
		loadPeerConnection().then(
			(loaded) => this.#begin(meeting, loaded),
			// No later attempt would fare better.
			(error: TillmeshError) => {
				this.#problem = error;
				this.#report(error);
			},
		);
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		for (const quiet of this.#quiet.splice(0)) quiet();
		const found = [...this.#links.values()];
		this.#links.clear();
		for (const { off } of found) off();
	}

	#begin(meeting: Meeting, PeerConnection: PeerConnectionClass): void {
		if (this.#stopped) return;
		this.#open = openWith(PeerConnection, this.#options.iceServers ?? []);
		const { signals } = meeting;
		this.#quiet = [
			signals.listen((from, message) => this.#heard(meeting, from, message)),
			signals.watch(() => this.#refresh(meeting)),
		];
		this.#refresh(meeting);
	}

	#refresh(meeting: Meeting): void {
		for (const peer of meeting.signals.peers()) if (!this.#links.has(peer)) this.#find(meeting, peer);
	}

	/** `early` is what the peer signalled before it was found. */
	#find(meeting: Meeting, peer: DeviceId, early?: Signal): void {
		const { peersMax = 64, connectTimeoutMs = 15_000 } = this.#options;
		const open = this.#open;
		if (!open || this.#stopped || peer === meeting.device || this.#links.size >= peersMax) return;
		const { signals, timers } = meeting;
		const link = new PeerLink({
			peer,
			self: () => meeting.device,
			reachable: () => signals.peers().includes(peer),
			send: (signal) => this.#send(meeting, peer, signal),
			open,
			run: this.#run,
			nextAttempt: () => ++this.#attempts,
			timers,
			random: this.#random,
			connectTimeoutMs,
			problem: (problem) => this.#report(problem),
			idle: () => this.#forget(peer, entry),
			stopped: () => this.#remove(peer, entry),
		});
		const entry: Found = { link, off: () => {} };
		this.#links.set(peer, entry);
		if (early) link.heard(early);
		entry.off = meeting.found(link);
		// Found to be idle as soon as it started.
		if (this.#links.get(peer) !== entry) entry.off();
	}

	#send(meeting: Meeting, peer: DeviceId, signal: Signal): void {
		const message = encodeSignal(signal);
		if (message.length <= signalBytesMax) meeting.signals.send(peer, message);
		else this.#report(new Error(`webrtc ${peer}: a signal of ${message.length} bytes cannot be sent`));
	}

	#heard(meeting: Meeting, from: DeviceId, message: Uint8Array): void {
		if (this.#stopped) return;
		const signal = decodeSignal(message);
		if (!signal) {
			this.#badSignals++;
			return;
		}
		const link = this.#links.get(from)?.link;
		if (link) link.heard(signal);
		else if (signal.kind === 'offer' || signal.kind === 'call') this.#find(meeting, from, signal);
	}

	#forget(peer: DeviceId, entry: Found): void {
		this.#remove(peer, entry);
		entry.off();
	}

	#remove(peer: DeviceId, entry: Found): void {
		if (this.#links.get(peer) === entry) this.#links.delete(peer);
	}

	#report(problem: Error): void {
		if (!this.#stopped) this.#options.onProblem?.(problem);
	}
}
