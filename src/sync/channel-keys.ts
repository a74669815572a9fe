/**
 * What two offers and the secret that they share come to:
 *
 *   offer       = key:32 oldest:varuint newest:varuint        as in the frame `offer`, which begins with its kind
 *   transcript  = `tillmesh/channel/1`:text version:varuint offer:bytes offer:bytes     the lesser offer first
 *   root        = HKDF-Extract(salt: SHA-256(transcript), X25519)
 *   binding     = HKDF-Expand(root, `binding`)
 *   chain(0)    = HKDF-Expand(root, `chain` ‖ key of the sender)          one of each direction
 *   chain(n+1)  = HKDF-Expand(chain(n), `next`)
 *   sealing key = HKDF-Expand(chain(n), `frame`)                          for the frames n·2²⁰ up to (n+1)·2²⁰
 *   nonce       = 0:u32 counter:u64 big-endian
 */
import { writeVarUint } from 'lib0/encoding';
import { compareStrings, toHex } from '../base/bytes.js';
import { bytes, encoded, text } from '../base/codec.js';
import { expand, extract } from '../base/hkdf.js';
import type { Crypto } from '../ports/index.js';
import { encodeOffer, headOf, type Offer } from './channel-frames.js';
import { ReplayWindow } from './replay-window.js';

/** Frames of one direction under one key. Nothing but a habit of care: the cipher would allow far more. */
export const rekeyFrames = 2 ** 20;

export interface ChannelKeys {
	/** 32 bytes that both ends of this exchange have, and nobody can make come out the same at two exchanges. */
	readonly binding: Uint8Array;
	readonly out: Sealing;
	readonly in: Opening;
}

/** Each side's own offer is `mine`; both come to the same. */
export function deriveKeys(
	crypto: Crypto,
	version: number,
	mine: Offer,
	theirs: Offer,
	shared: Uint8Array,
	framesPerKey = rekeyFrames,
): ChannelKeys {
	const { sha256 } = crypto;
	const offers = [mine, theirs].map((offer) => encodeOffer({ ...offer, answers: new Uint8Array() }));
	offers.sort((a, b) => compareStrings(toHex(a), toHex(b)));
	const transcript = encoded((to) => {
		text.write(to, 'tillmesh/channel/1');
		writeVarUint(to, version);
		for (const offer of offers) bytes.write(to, offer);
	});
	const root = extract(sha256, sha256(transcript), shared);
	return {
		binding: expand(sha256, root, 'binding'),
		out: new Sealing(crypto, expand(sha256, root, 'chain', mine.key), framesPerKey),
		in: new Opening(crypto, expand(sha256, root, 'chain', theirs.key), framesPerKey),
	};
}

/** One key after the other, none of which leads back to the one before. */
class Chain {
	readonly #sha256: Crypto['sha256'];
	#link: Uint8Array;
	generation = 0;
	key: Uint8Array;

	constructor(sha256: Crypto['sha256'], first: Uint8Array) {
		this.#sha256 = sha256;
		this.#link = first;
		this.key = expand(sha256, first, 'frame');
	}

	/** The one after this one; this one stays as it is. */
	next(): Chain {
		const next = new Chain(this.#sha256, expand(this.#sha256, this.#link, 'next'));
		next.generation = this.generation + 1;
		return next;
	}
}

function nonceOf(counter: number): Uint8Array {
	const nonce = new Uint8Array(12);
	const view = new DataView(nonce.buffer);
	view.setUint32(4, Math.floor(counter / 2 ** 32));
	view.setUint32(8, counter >>> 0);
	return nonce;
}

/** One direction, as its sender has it. */
export class Sealing {
	readonly #crypto: Crypto;
	readonly #framesPerKey: number;
	#chain: Chain;
	#counter = 0;

	constructor(crypto: Crypto, first: Uint8Array, framesPerKey: number) {
		this.#crypto = crypto;
		this.#framesPerKey = framesPerKey;
		this.#chain = new Chain(crypto.sha256, first);
	}

	/** The frame `sealed`. */
	seal(frame: Uint8Array): Uint8Array {
		const counter = this.#counter++;
		if (Math.floor(counter / this.#framesPerKey) > this.#chain.generation) this.#chain = this.#chain.next();
		const head = headOf(counter);
		const sealed = this.#crypto.seal(this.#chain.key, nonceOf(counter), frame, head, head.length);
		sealed.set(head);
		return sealed;
	}
}

/** One direction, as its receiver has it: late frames may be of the key before, the first of the next brings that one in. */
export class Opening {
	readonly #crypto: Crypto;
	readonly #framesPerKey: number;
	readonly #window = new ReplayWindow();
	#before: Chain | undefined;
	#chain: Chain;

	constructor(crypto: Crypto, first: Uint8Array, framesPerKey: number) {
		this.#crypto = crypto;
		this.#framesPerKey = framesPerKey;
		this.#chain = new Chain(crypto.sha256, first);
	}

	/** What was sealed; undefined for what is not of this exchange, was changed, or has been opened before. */
	open(counter: number, head: Uint8Array, hidden: Uint8Array): Uint8Array | undefined {
		const chain = this.#window.admits(counter) ? this.#chainOf(counter) : undefined;
		const frame = chain && this.#crypto.open(chain.key, nonceOf(counter), hidden, head);
		if (!frame || !chain) return undefined;
		this.#window.mark(counter);
		if (chain.generation > this.#chain.generation) [this.#before, this.#chain] = [this.#chain, chain];
		return frame;
	}

	#chainOf(counter: number): Chain | undefined {
		const generation = Math.floor(counter / this.#framesPerKey);
		if (generation === this.#chain.generation + 1) return this.#chain.next();
		return [this.#chain, this.#before].find((chain) => chain?.generation === generation);
	}
}
