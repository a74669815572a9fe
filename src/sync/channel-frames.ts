/**
 * Frames of the channel, below those of the conversation (frames.ts), whose kinds they go on after:
 *
 *   offer  (17) = oldest:varuint newest:varuint key:32 answers:bytes      0 or 8 bytes: how the key begins that it answers
 *   sealed (18) = counter:u64 big-endian hidden                           one frame, and 16 bytes that vouch for it
 *
 * `offer` begins with `oldest` and `newest` in every version to come.
 */
import { createDecoder, hasContent, readUint8 } from 'lib0/decoding';
import { writeUint8 } from 'lib0/encoding';
import { bytes, encoded, fixed, number, record } from '../base/codec.js';
import { limits } from '../base/limits.js';

/** Versions of the channel that are spoken here. */
export const channelVersions = { oldest: 1, newest: 1 } as const;

/** How much of a key names it in an answer. */
export const answerBytes = 8;
/** What a sealed frame is longer by. */
export const sealedBytes = 1 + 8 + 16;

const offerKind = 17;
const sealedKind = 18;
const headBytes = 9;
const offerBytesMax = 128;

/** One side's part of an exchange. */
export interface Offer {
	readonly oldest: number;
	readonly newest: number;
	/** X25519, fresh. */
	readonly key: Uint8Array;
	readonly answers: Uint8Array;
}

const offerField = record<Offer>({ oldest: number, newest: number, key: fixed(32), answers: bytes });

export function encodeOffer(offer: Offer): Uint8Array {
	return encoded((to) => {
		writeUint8(to, offerKind);
		offerField.write(to, offer);
	});
}

/** Undefined for anything else. */
export function decodeOffer(frame: Uint8Array): Offer | undefined {
	if (frame[0] !== offerKind || frame.length > offerBytesMax) return undefined;
	try {
		const from = createDecoder(frame);
		readUint8(from);
		const offer = offerField.read(from);
		return hasContent(from) ? undefined : offer;
	} catch {
		return undefined; // it ends early
	}
}

/** What stands before a sealed frame, vouched for with it. */
export function headOf(counter: number): Uint8Array {
	const head = new Uint8Array(headBytes);
	head[0] = sealedKind;
	const view = new DataView(head.buffer);
	view.setUint32(1, Math.floor(counter / 2 ** 32));
	view.setUint32(5, counter >>> 0);
	return head;
}

export interface SealedFrame {
	readonly counter: number;
	readonly head: Uint8Array;
	readonly hidden: Uint8Array;
}

/** Views on the frame; undefined for anything else. */
export function readSealed(frame: Uint8Array): SealedFrame | undefined {
	if (frame[0] !== sealedKind || frame.length < sealedBytes || frame.length > limits.frameBytes) return undefined;
	const view = new DataView(frame.buffer, frame.byteOffset);
	const counter = view.getUint32(1) * 2 ** 32 + view.getUint32(5);
	if (!Number.isSafeInteger(counter)) return undefined;
	return { counter, head: frame.subarray(0, headBytes), hidden: frame.subarray(headBytes) };
}
