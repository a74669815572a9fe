import { type Body, encodePacket, itemBytes, joinPackets, type Packet, partBytes } from './packets.js';

/** Packets that go into the document together. */
export interface Item {
	readonly bytes: Uint8Array;
	readonly to: ReadonlySet<number>;
	readonly saysRead: boolean;
}

/** Small packets share an item: Yjs has some 100 bytes and a place for each. */
export function itemsOf(packets: readonly Packet[]): Item[] {
	const items: Item[] = [];
	let encoded: Uint8Array[] = [];
	let bytes = 0;
	let to = new Set<number>();
	let saysRead = false;
	const end = (): void => {
		if (encoded.length > 0) items.push({ bytes: joinPackets(encoded), to, saysRead });
		encoded = [];
		bytes = 0;
		to = new Set();
		saysRead = false;
	};
	for (const packet of packets) {
		const each = encodePacket(packet);
		encoded.push(each);
		bytes += each.length;
		for (const { client } of packet.to) to.add(client);
		saysRead ||= packet.kind === 'read';
		if (bytes >= itemBytes) end();
	}
	end();
	return items;
}

/** A frame as the packets that bring it. */
export function partsOf(bytes: Uint8Array): Extract<Body, { kind: 'part' }>[] {
	const count = Math.max(1, Math.ceil(bytes.length / partBytes));
	return Array.from({ length: count }, (_, index) => ({
		kind: 'part',
		index,
		count,
		bytes: bytes.subarray(index * partBytes, (index + 1) * partBytes),
	}));
}
