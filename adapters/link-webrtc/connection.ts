import { limits } from '../../src/base/limits.js';
import type { LinkEnd } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { piecesOf, Reassembly } from './pieces.js';

export interface ConnectionEvents {
	/** To be brought to the other side. */
	described(kind: 'offer' | 'answer', sdp: string): void;
	candidate(candidate: string, mid: string): void;
	opened(): void;
	frame(bytes: Uint8Array): void;
	/** Once; nothing comes after it. `why` is missing where this side closed. */
	ended(why?: string): void;
}

const channelLabel = 'tillmesh';
/** What the runtime may still have to send, in bytes. */
const bufferedBytesMax = 4 * 1024 * 1024;
/** Candidates and descriptions of the other side that wait for their turn. */
const waitingMax = 64;
/** How long a closed channel may take to say so to the other side. */
const lingerMs = 1_000;
/** A channel that is closed lets go of the process in its own time. */
const settleMs = 50;

/** One RTCPeerConnection with one ordered, reliable channel: an attempt, and the way that comes of it. */
export class Connection implements LinkEnd {
	readonly #peer: RTCPeerConnection;
	readonly #timers: Timers;
	readonly #events: ConnectionEvents;
	readonly #reassembly = new Reassembly();
	#state: 'opening' | 'open' | 'ended' = 'opening';
	#channel: RTCDataChannel | undefined;
	/** What the other side signalled is done one after the other: a candidate counts only after its description. */
	#turn: Promise<void> = Promise.resolve();
	#waiting = 0;
	#answered = false;

	constructor(peer: RTCPeerConnection, timers: Timers, events: ConnectionEvents) {
		this.#peer = peer;
		this.#timers = timers;
		this.#events = events;
		peer.addEventListener('icecandidate', ({ candidate }) => {
			// The last one has no text: it says that there are no more.
			if (this.#state === 'ended' || !candidate?.candidate) return;
			events.candidate(candidate.candidate, candidate.sdpMid ?? '0');
		});
		peer.addEventListener('connectionstatechange', () => {
			const { connectionState } = peer;
			if (connectionState === 'failed' || connectionState === 'closed') this.#end(`the connection ${connectionState}`);
		});
		peer.addEventListener('datachannel', ({ channel }) => this.#take(channel));
	}

	get isOpen(): boolean {
		return this.#state === 'open';
	}

	offer(): void {
		this.#use(this.#peer.createDataChannel(channelLabel));
		this.#do(async () => {
			const offer = await this.#peer.createOffer();
			await this.#peer.setLocalDescription(offer);
			this.#described('offer', offer.sdp);
		});
	}

	answer(offerSdp: string): void {
		this.#do(async () => {
			await this.#peer.setRemoteDescription({ type: 'offer', sdp: offerSdp });
			const answer = await this.#peer.createAnswer();
			await this.#peer.setLocalDescription(answer);
			this.#described('answer', answer.sdp);
		});
	}

	/** Signals may come twice; a second answer would end what the first one made. */
	answered(sdp: string): void {
		if (this.#answered) return;
		this.#answered = true;
		this.#do(() => this.#peer.setRemoteDescription({ type: 'answer', sdp }));
	}

	addCandidate(candidate: string, mid: string): void {
		// One that this runtime does not understand leaves the others.
		this.#do(() => this.#peer.addIceCandidate({ candidate, sdpMid: mid }).catch(() => {}));
	}

	send(frame: Uint8Array): boolean {
		const channel = this.#channel;
		if (this.#state !== 'open' || channel?.readyState !== 'open' || frame.length > limits.frameBytes) return false;
		if (channel.bufferedAmount + frame.length > bufferedBytesMax) return false;
		try {
			for (const piece of piecesOf(frame)) channel.send(piece);
			return true;
		} catch (error) {
			// The other side may have a part of it: no frame can follow.
			this.#end(`sending failed: ${error instanceof Error ? error.message : error}`);
			return false;
		}
	}

	close(): void {
		this.#end(undefined);
	}

	/** Gives it up, saying why. */
	abandon(why: string): void {
		this.#end(why);
	}

	/** One step of the negotiation; one that fails ends the attempt. */
	#do(step: () => Promise<void>): void {
		if (this.#state === 'ended') return;
		if (this.#waiting >= waitingMax) {
			this.#end('too many signals at once');
			return;
		}
		this.#waiting++;
		this.#turn = this.#turn.then(async () => {
			this.#waiting--;
			if (this.#state === 'ended') return;
			try {
				await step();
			} catch (error) {
				this.#end(`the negotiation failed: ${error instanceof Error ? error.message : error}`);
			}
		});
	}

	#described(kind: 'offer' | 'answer', sdp: string | undefined): void {
		if (this.#state !== 'ended' && sdp !== undefined) this.#events.described(kind, sdp);
	}

	/** The channel that the other side made: the one of its name that keeps order and loses nothing. */
	#take(channel: RTCDataChannel): void {
		if (this.#state === 'ended') return;
		const { label, ordered, maxRetransmits, maxPacketLifeTime } = channel;
		const fits = label === channelLabel && ordered && maxRetransmits === null && maxPacketLifeTime === null;
		if (fits && !this.#channel) this.#use(channel);
		else this.#end('the peer opened a channel out of place');
	}

	#use(channel: RTCDataChannel): void {
		this.#channel = channel;
		channel.binaryType = 'arraybuffer';
		channel.addEventListener('open', () => this.#opened());
		channel.addEventListener('message', ({ data }) => this.#received(data));
		channel.addEventListener('close', () => this.#end('the channel closed'));
		// One that the other side made may be open already, and then says nothing more of it.
		if (channel.readyState === 'open') this.#opened();
	}

	#opened(): void {
		if (this.#state !== 'opening') return;
		this.#state = 'open';
		this.#events.opened();
	}

	#received(data: unknown): void {
		if (this.#state === 'ended') return;
		// A message may overtake the word that the channel is open.
		this.#opened();
		const frame = this.#put(data);
		if (frame && this.isOpen) this.#events.frame(frame);
	}

	/** The frame that a message completes, if it does. */
	#put(data: unknown): Uint8Array | undefined {
		try {
			if (!(data instanceof ArrayBuffer)) throw new RangeError('text');
			return this.#reassembly.take(new Uint8Array(data));
		} catch (error) {
			this.#end(`the peer sent ${error instanceof Error ? error.message : error}`);
			return undefined;
		}
	}

	#end(why: string | undefined): void {
		if (this.#state === 'ended') return;
		this.#state = 'ended';
		this.#hangUp();
		this.#events.ended(why);
	}

	/** The channel first, for that tells the other side at once; a connection alone may take half a minute to be missed. */
	#hangUp(): void {
		const channel = this.#channel;
		const close = (): void => this.#peer.close();
		if (channel?.readyState !== 'open') {
			// In Node a channel that the other side closed keeps the process unless it is closed here too, before its connection.
			channel?.close();
			this.#timers.after(settleMs, close);
			return;
		}
		const cancel = this.#timers.after(lingerMs, close, true);
		channel.addEventListener('close', () => {
			cancel();
			close();
		});
		channel.close();
	}
}
