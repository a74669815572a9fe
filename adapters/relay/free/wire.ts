/**
 * The messages of y-websocket 3, as y-protocols 1 lays them out:
 *
 *     message := 00 sync | 01 length awareness | 02 00 length reason | 03
 *     sync    := 00 length vector      what I have: answer with the rest
 *              | 01 length update      the rest
 *              | 02 length update      something new
 */
import { decoding, encoding } from 'lib0';
import { Malformed } from './update-reader.js';

export type FreeMessage =
	| { readonly kind: 'asks'; readonly vector: Uint8Array }
	| { readonly kind: 'update'; readonly update: Uint8Array }
	| { readonly kind: 'awareness'; readonly awareness: Uint8Array }
	| { readonly kind: 'asks awareness' };

/** Throws `Malformed`. */
export function readMessage(bytes: Uint8Array): FreeMessage {
	try {
		const decoder = decoding.createDecoder(bytes);
		const message = readKnown(decoder);
		if (message && !decoding.hasContent(decoder)) return message;
	} catch {
		// lib0 throws plain errors at an early end.
	}
	throw new Malformed('a message is of no known form');
}

function readKnown(decoder: decoding.Decoder): FreeMessage | undefined {
	const type = decoding.readVarUint(decoder);
	if (type === 1) return { kind: 'awareness', awareness: decoding.readVarUint8Array(decoder) };
	if (type === 3) return { kind: 'asks awareness' };
	if (type !== 0) return undefined;
	const step = decoding.readVarUint(decoder);
	if (step === 0) return { kind: 'asks', vector: decoding.readVarUint8Array(decoder) };
	if (step === 1 || step === 2) return { kind: 'update', update: decoding.readVarUint8Array(decoder) };
	return undefined;
}

function message(head: readonly number[], body: Uint8Array): Uint8Array {
	return encoding.encode((encoder) => {
		for (const byte of head) encoding.writeVarUint(encoder, byte);
		encoding.writeVarUint8Array(encoder, body);
	});
}

export const asking = (vector: Uint8Array): Uint8Array => message([0, 0], vector);
export const answering = (update: Uint8Array): Uint8Array => message([0, 1], update);
export const telling = (update: Uint8Array): Uint8Array => message([0, 2], update);
export const showing = (awareness: Uint8Array): Uint8Array => message([1], awareness);

/** A stock client writes the reason to its console. */
export const denying = (reason: string): Uint8Array =>
	encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, 2);
		encoding.writeVarUint(encoder, 0);
		encoding.writeVarString(encoder, reason);
	});

/**
 * Close codes. A stock client (y-websocket 3) comes back after any code but 4400 to 4499, which say that coming back as it
 * is cannot help.
 */
export const closeCodes = {
	malformed: 4400,
	forbidden: 4403,
	full: 4413,
	/** It may come back later. */
	busy: 4503,
	failed: 4500,
	goingAway: 1001,
} as const;

export type CloseReason = keyof typeof closeCodes;
