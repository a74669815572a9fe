/**
 * What devices write into the document: items of bytes, each with some packets. Numbers are of variable length (lib0).
 *
 *     item    := 01 (length packet)*
 *     packet  := kind to body
 *     to      := count (client from to sequence)*   Yjs client of the device, the numbers of its connection, and which
 *                                           packet for it this is: what is missing shows at once
 *     kind    := 0 hello | 1 bye            body := nothing
 *              | 2 part                     body := index count bytes   of a frame
 *              | 3 took                     body := total               worked off of this connection
 *              | 4 read                     body := count (client clock)*   how far outboxes are read here; to nobody
 */
import { decoding, encoding } from 'lib0';
import { limits } from '../../src/base/limits.js';

export interface Address {
	readonly client: number;
	readonly from: number;
	readonly to: number;
	readonly sequence: number;
}

export interface Read {
	readonly client: number;
	/** Below it everything is read. */
	readonly clock: number;
}

export type Body =
	| { readonly kind: 'hello' | 'bye' }
	| { readonly kind: 'part'; readonly index: number; readonly count: number; readonly bytes: Uint8Array }
	| { readonly kind: 'took'; readonly total: number }
	| { readonly kind: 'read'; readonly read: readonly Read[] };

export type Packet = Body & { readonly to: readonly Address[] };

const version = 1;
const kinds = ['hello', 'bye', 'part', 'took', 'read'] as const;

/** Of a frame, so that a message of a server with small limits takes one. */
export const partBytes = 128 * 1024;
/** More parts than a frame of the largest size has. */
const partsMax = Math.ceil(limits.frameBytes / partBytes);
/** A room has no more devices than that. */
export const addressesMax = 256;
/** Small packets share an item until it is so large. */
export const itemBytes = 64 * 1024;
/** Nobody writes a larger item: what is larger is passed over without being read. */
export const itemBytesMax = itemBytes + partBytes + addressesMax * 32 + 64;

export function encodePacket(packet: Packet): Uint8Array {
	return encoding.encode((encoder) => {
		const count = (...numbers: readonly number[]): void => {
			for (const number of numbers) encoding.writeVarUint(encoder, number);
		};
		count(kinds.indexOf(packet.kind), packet.to.length);
		for (const { client, from, to, sequence } of packet.to) count(client, from, to, sequence);
		if (packet.kind === 'part') {
			count(packet.index, packet.count);
			encoding.writeUint8Array(encoder, packet.bytes);
		} else if (packet.kind === 'took') count(packet.total);
		else if (packet.kind === 'read') {
			count(packet.read.length);
			for (const { client, clock } of packet.read) count(client, clock);
		}
	});
}

export function joinPackets(encoded: readonly Uint8Array[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, version);
		for (const packet of encoded) encoding.writeVarUint8Array(encoder, packet);
	});
}

/** Nothing of what is none: anybody may write anything into the document. Bytes in packets are copies. */
export function readItem(bytes: Uint8Array): Packet[] {
	const packets: Packet[] = [];
	if (bytes.length > itemBytesMax) return packets;
	try {
		const decoder = decoding.createDecoder(bytes);
		if (decoding.readVarUint(decoder) !== version) return packets;
		while (decoding.hasContent(decoder)) {
			const packet = readPacket(decoding.readVarUint8Array(decoder));
			if (packet) packets.push(packet);
		}
	} catch {
		// It ends too early, or a number is too large: what came before holds.
	}
	return packets;
}

function readPacket(bytes: Uint8Array): Packet | undefined {
	const decoder = decoding.createDecoder(bytes);
	const count = (): number => decoding.readVarUint(decoder);
	const kind = kinds[count()];
	const to = readList(count(), () => ({ client: count(), from: count(), to: count(), sequence: count() }));
	const body = readBody(kind, decoder, count);
	return body && !decoding.hasContent(decoder) ? { ...body, to } : undefined;
}

function readBody(
	kind: (typeof kinds)[number] | undefined,
	decoder: decoding.Decoder,
	count: () => number,
): Body | undefined {
	switch (kind) {
		case undefined:
			return undefined;
		case 'took':
			return { kind, total: count() };
		case 'read':
			return { kind, read: readList(count(), () => ({ client: count(), clock: count() })) };
		case 'part': {
			const part = { kind, index: count(), count: count() };
			if (part.count > partsMax || part.index >= part.count) return undefined;
			return { ...part, bytes: decoding.readTailAsUint8Array(decoder).slice() };
		}
		default:
			return { kind };
	}
}

function readList<T>(length: number, read: () => T): T[] {
	if (length > addressesMax) throw new RangeError('a list is too long');
	return Array.from({ length }, read);
}
