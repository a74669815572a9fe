/**
 * Encrypts and vouches for everything between the two ends of a link, whoever they are: X25519 keys that live as long as
 * the way does, ChaCha20-Poly1305 under keys of each direction. Who is at the other end the conversation above finds out:
 * its proofs sign the `binding` of this exchange, so that two exchanges with somebody in between prove nothing (handshake.ts).
 */
import { equalBytes } from '../base/bytes.js';
import type { Agreement, Link, LinkEnd, LinkEvents, Platform } from '../ports/index.js';
import {
	answerBytes,
	channelVersions,
	decodeOffer,
	encodeOffer,
	type Offer,
	readSealed,
	type SealedFrame,
} from './channel-frames.js';
import { type ChannelKeys, deriveKeys } from './channel-keys.js';

/** Offers that are not answered come again after this, then after twice the time, up to the most. */
const repeatMs = { least: 200, most: 5_000 };
/** Without an answer for so long the way leads nowhere: the link looks for another. */
const patienceMs = 15_000;
/** Exchanges over one way: the other end may begin anew without this one hearing of it, but not without end. */
const exchangesMax = 64;

export interface ChannelOptions {
	readonly platform: Platform;
	/** For tests: frames of one direction under one key. */
	readonly framesPerKey?: number;
}

/** The link as it is, where it is private; else its frames travel encrypted. */
export const secured = (link: Link, platform: Platform): Link =>
	link.private ? link : new Channel(link, { platform });

export class Channel implements Link {
	readonly private = true;
	readonly #link: Link;
	readonly #o: ChannelOptions;
	#way: Way | undefined;

	constructor(link: Link, options: ChannelOptions) {
		this.#link = link;
		this.#o = options;
	}

	get kind(): string {
		return this.#link.kind;
	}

	start(events: LinkEvents): void {
		this.#link.start({
			up: (end) => {
				this.#way?.leave();
				this.#way = new Way(end, events, this.#o);
				this.#way.offer();
			},
			frame: (bytes) => this.#way?.hear(bytes),
			down: () => {
				const way = this.#way;
				this.#way = undefined;
				way?.leave();
			},
		});
	}

	stop(): void {
		this.#link.stop();
	}
}

/** An exchange with one key of the other end. */
interface Exchange {
	readonly theirs: Uint8Array;
	readonly keys: ChannelKeys;
	/** Something has been opened: the other end has it too. */
	isMutual: boolean;
}

const nothing = new Uint8Array();

/** From the link's `up` to its `down`: one key of ours, and what came of it. */
class Way {
	readonly #end: LinkEnd;
	readonly #events: LinkEvents;
	readonly #o: ChannelOptions;
	readonly #agreement: Agreement;
	/** What the conversation goes over. */
	#current: Exchange | undefined;
	/** Another one that was offered: it takes over if anything comes that it opens. */
	#other: Exchange | undefined;
	#exchanges = 0;
	#gone = false;
	#cancelRepeat = () => {};

	constructor(end: LinkEnd, events: LinkEvents, options: ChannelOptions) {
		this.#end = end;
		this.#events = events;
		this.#o = options;
		this.#agreement = options.platform.crypto.createAgreement();
	}

	offer(waitMs = repeatMs.least, waitedMs = 0): void {
		if (waitedMs >= patienceMs) {
			this.leave();
			this.#end.close();
			return;
		}
		this.#sayOffer(nothing);
		this.#cancelRepeat = this.#o.platform.timers.after(
			waitMs,
			() => this.offer(Math.min(repeatMs.most, waitMs * 2), waitedMs + waitMs),
			true,
		);
	}

	/** Nothing goes over it any more, in either direction. */
	leave(): void {
		if (this.#gone) return;
		this.#gone = true;
		this.#cancelRepeat();
		if (this.#current) this.#events.down();
	}

	hear(frame: Uint8Array): void {
		if (this.#gone) return;
		const sealed = readSealed(frame);
		const offer = sealed ? undefined : decodeOffer(frame);
		const why = sealed ? this.#open(sealed) : offer ? this.#meet(offer) : 'it is not encrypted';
		if (why !== undefined) this.#events.unopened?.(why);
	}

	#sayOffer(answers: Uint8Array): void {
		this.#end.send(encodeOffer({ ...this.#mine, answers }));
	}

	get #mine(): Offer {
		return { ...channelVersions, key: this.#agreement.publicKey, answers: nothing };
	}

	/** Answers why the offer leads nowhere. */
	#meet(offer: Offer): string | undefined {
		const { key } = offer;
		if (equalBytes(key, this.#agreement.publicKey)) return 'it is our own voice';
		const isKnown = [this.#current, this.#other].some((each) => each && equalBytes(each.theirs, key));
		if (!isKnown) {
			const why = this.#begin(offer);
			if (why !== undefined) return why;
		}
		// It may have come up before our own offer went out, or instead of it.
		if (!equalBytes(offer.answers, this.#agreement.publicKey.subarray(0, answerBytes)))
			this.#sayOffer(key.subarray(0, answerBytes));
		return undefined;
	}

	#begin(offer: Offer): string | undefined {
		const { platform, framesPerKey } = this.#o;
		const version = Math.min(offer.newest, channelVersions.newest);
		if (version < Math.max(offer.oldest, channelVersions.oldest)) return 'it is of an unknown version';
		if (++this.#exchanges > exchangesMax) return 'it is one exchange too many';
		const shared = this.#agreement.agree(offer.key);
		if (!shared) return 'its key is none';
		const keys = deriveKeys(platform.crypto, version, this.#mine, offer, shared, framesPerKey);
		const exchange: Exchange = { theirs: offer.key, keys, isMutual: false };
		// Who only offers must not end what stands: an old offer may be on its way yet, or be played again.
		if (this.#current?.isMutual) this.#other = exchange;
		else this.#goOver(exchange);
		return undefined;
	}

	/** Answers why nothing was opened. */
	#open({ counter, head, hidden }: SealedFrame): string | undefined {
		for (const exchange of [this.#current, this.#other]) {
			const frame = exchange?.keys.in.open(counter, head, hidden);
			if (!exchange || !frame) continue;
			exchange.isMutual = true;
			if (exchange !== this.#current) this.#goOver(exchange);
			if (!this.#gone) this.#events.frame(frame);
			return undefined;
		}
		return 'it does not open';
	}

	/** The conversation begins anew, over this exchange. */
	#goOver(exchange: Exchange): void {
		this.#cancelRepeat();
		const before = this.#current;
		[this.#current, this.#other] = [exchange, before];
		if (before) this.#events.down();
		this.#events.up({
			binding: exchange.keys.binding,
			send: (frame) => !this.#gone && this.#current === exchange && this.#end.send(exchange.keys.out.seal(frame)),
			close: () => {
				if (this.#current === exchange) this.#end.close();
			},
		});
	}
}
