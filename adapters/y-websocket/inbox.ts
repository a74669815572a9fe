import * as Y from 'yjs';
import { limits } from '../../src/base/limits.js';
import type { Message } from '../link-message-port/messages.js';
import { outboxName } from './outbox.js';
import { type Address, type Packet, type Read, readItem } from './packets.js';

export interface InboxParts {
	readonly doc: Y.Doc;
	/** Whose outbox it reads. */
	readonly peer: number;
	heard(message: Message): void;
	/** The peer has read so far in other outboxes. */
	read(read: Read): void;
	/** Below `clock` all is read here; `bytes` of it were for us. */
	seen(clock: number, bytes: number): void;
	/** Packets for us were taken out before they came here. */
	lost(): void;
}

/** Reads what one peer writes, from now on. What anybody else has put into its outbox is passed over. */
export class Inbox {
	readonly #parts: InboxParts;
	readonly #list: Y.Array<unknown>;
	/** Of a frame whose parts come one after the other. */
	#assembling: { readonly count: number; readonly parts: Uint8Array[]; bytes: number } | undefined;

	/** Of the next packet for us; undefined before the first. */
	#sequence: number | undefined;
	#isLost = false;

	constructor(parts: InboxParts) {
		this.#parts = parts;
		this.#list = parts.doc.getArray(outboxName(parts.peer));
		this.#list.observe(this.#changed);
	}

	close(): void {
		this.#list.unobserve(this.#changed);
	}

	readonly #changed = (event: Y.YArrayEvent<unknown>): void => {
		const { peer } = this.#parts;
		const items = [...event.changes.added].filter((item) => item.id.client === peer);
		items.sort((a, b) => a.id.clock - b.id.clock);
		let clock = 0;
		let bytes = 0;
		for (const item of items) {
			clock = item.id.clock + item.length;
			if (!(item instanceof Y.Item) || !(item.content instanceof Y.ContentBinary)) continue;
			const packets = readItem(item.content.content);
			// Every one of them is taken, whether or not the one before it was for us.
			if (packets.filter((packet) => this.#take(packet)).length > 0) bytes += item.content.content.length;
		}
		if (bytes > 0) this.#parts.seen(clock, bytes);
	};

	/** False where it is not for us. */
	#take(packet: Packet): boolean {
		const { doc, peer } = this.#parts;
		if (packet.kind === 'read') {
			for (const read of packet.read) if (read.client === doc.clientID) this.#parts.read({ ...read, client: peer });
			return false;
		}
		const address = packet.to.find(({ client }) => client === doc.clientID);
		if (!address || !this.#isNext(address.sequence)) return false;
		if (packet.kind === 'part') this.#assemble(packet, address);
		else if (packet.kind === 'took') this.#hear({ tillmesh: 'took', ...between(address), total: packet.total });
		else this.#hear({ tillmesh: packet.kind, ...between(address) });
		return true;
	}

	#isNext(sequence: number): boolean {
		if (this.#isLost) return false;
		const expected = this.#sequence ?? sequence;
		if (sequence < expected) return false;
		this.#sequence = sequence + 1;
		if (sequence === expected) return true;
		this.#isLost = true;
		this.#parts.lost();
		return false;
	}

	#assemble({ index, count, bytes }: Extract<Packet, { kind: 'part' }>, address: Address): void {
		if (index === 0) this.#assembling = { count, parts: [], bytes: 0 };
		const frame = this.#assembling;
		if (!frame || frame.count !== count || frame.parts.length !== index) {
			this.#assembling = undefined;
			return;
		}
		frame.parts.push(bytes);
		frame.bytes += bytes.length;
		if (frame.bytes > limits.frameBytes) this.#assembling = undefined;
		else if (frame.parts.length === count) {
			this.#assembling = undefined;
			this.#hear({ tillmesh: 'frame', ...between(address), bytes: joined(frame.parts, frame.bytes) });
		}
	}

	#hear(message: Message): void {
		this.#parts.heard(message);
	}
}

const between = ({ from, to }: Address): { from: number; to: number } => ({ from, to });

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
	const [only] = parts;
	if (parts.length === 1 && only) return only;
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}
