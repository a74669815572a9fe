import * as Y from 'yjs';
import { equalBytes } from '../../src/base/bytes.js';
import type { Timers } from '../../src/ports/platform.js';
import type { Message } from '../link-message-port/messages.js';
import { type Item, itemsOf, partsOf } from './items.js';
import { type Address, addressesMax, type Packet, type Read } from './packets.js';

/** A document's list of what one Yjs client has to say. */
export const outboxName = (client: number): string => `tillmesh/${client.toString(36)}`;

/** Whose outbox that is; undefined for any other list. */
export function outboxClient(name: string): number | undefined {
	const client = name.startsWith('tillmesh/') ? Number.parseInt(name.slice('tillmesh/'.length), 36) : Number.NaN;
	return Number.isSafeInteger(client) && outboxName(client) === name ? client : undefined;
}

export interface OutboxParts {
	readonly doc: Y.Doc;
	readonly timers: Timers;
	readonly nowMs: () => number;
	/** What may be in it, not read yet by those it is for; beyond it no frame is taken. */
	readonly bytesMax: number;
	/** Whether that client is in the room: nobody else will say that it has read. */
	isHere(client: number): boolean;
	/** This client has read nothing for long; what was for it is taken out. */
	deaf(client: number): void;
}

/** Numbered when it is written. */
type Recipient = Omit<Address, 'sequence'>;

/** What waits for the next write, for as many peers as get the same. */
interface Waiting {
	readonly to: Recipient[];
	readonly body: { readonly kind: 'hello' | 'bye' } | { readonly kind: 'took'; readonly total: number } | Frame;
}

interface Frame {
	readonly kind: 'frame';
	readonly bytes: Uint8Array;
}

/** An item in the document. */
interface Written {
	readonly bytes: number;
	readonly atMs: number;
	/** Who has not read it yet. */
	readonly unread: Set<number>;
	/** Says how far we have read, to nobody in particular. */
	readonly saysRead: boolean;
	item: Y.Item | undefined;
}

/** The least time between two writes: a busy device says a hundred times a second what it has. */
const writeMs = 10;
/** What one write brings at most, for the sake of servers with small limits: 256 KiB and the deletions. */
const writeBytes = 256 * 1024;
/** Who has not read something for so long holds up the others. */
const unreadMs = 20_000;
/** What says how far we have read stays for those who were just coming. */
const readMs = 3_000;

/**
 * What this device says in the room. Its items stand in one list that nobody else writes in, and are deleted as soon as all they
 * are for have read them: their places melt into one piece of some 20 bytes, however many there were.
 */
export class Outbox {
	readonly #parts: OutboxParts;
	readonly #list: Y.Array<Uint8Array>;
	#waiting: Waiting[] = [];
	#waitingBytes = 0;
	#reads = new Map<number, number>();
	readonly #sequences = new Map<number, number>();
	readonly #written = new Set<Written>();
	#writtenBytes = 0;
	#fresh: Written[] = [];
	#lastMs = Number.NEGATIVE_INFINITY;
	#cancelWrite: (() => void) | undefined;
	#isSoon = false;
	#closed = false;

	constructor(parts: OutboxParts) {
		this.#parts = parts;
		this.#list = parts.doc.getArray(outboxName(parts.doc.clientID));
		this.#list.observe(this.#changed);
	}

	/** What waits or is unread, in bytes. */
	get bytes(): number {
		return this.#waitingBytes + this.#writtenBytes;
	}

	/** Throws where a frame does not fit. */
	post(client: number, message: Message): void {
		const address = { client, from: message.from, to: message.to };
		if (message.tillmesh === 'frame') this.#postFrame(address, message.bytes);
		else if (message.tillmesh === 'took')
			this.#waiting.push({ to: [address], body: { kind: 'took', total: message.total } });
		else this.#waiting.push({ to: [address], body: { kind: message.tillmesh } });
		this.#writeSoon();
	}

	#postFrame(address: Recipient, bytes: Uint8Array): void {
		const last = this.#waiting.at(-1);
		const isShared =
			last?.body.kind === 'frame' &&
			last.to.length < addressesMax &&
			last.to.every(({ client }) => client !== address.client) &&
			equalBytes(last.body.bytes, bytes);
		if (isShared) {
			last.to.push(address);
			return;
		}
		if (this.bytes + bytes.length > this.#parts.bytesMax) throw new RangeError('the outbox is full');
		this.#waitingBytes += bytes.length;
		this.#waiting.push({ to: [address], body: { kind: 'frame', bytes: bytes.slice() } });
	}

	/** Below `clock` we have read everything of `client`. */
	sayRead(client: number, clock: number): void {
		this.#reads.set(client, clock);
		this.#writeSoon();
	}

	/** `client` has read everything of ours below `clock`. */
	hearRead(client: number, clock: number): void {
		let isFree = false;
		for (const written of this.#written) {
			if (written.item && written.item.id.clock < clock && written.unread.delete(client))
				isFree ||= written.unread.size === 0;
		}
		// Their places are free with the next write, or with the next look around.
		if (isFree && this.#writtenBytes > this.#parts.bytesMax / 2) this.#writeSoon();
	}

	/** It left, and will read nothing any more. */
	forget(client: number): void {
		for (const { unread } of this.#written) unread.delete(client);
	}

	/** Once a second or so: takes out what is read, or has been waited for long enough. */
	tidy(): void {
		const nowMs = this.#parts.nowMs();
		const late = new Set<number>();
		for (const { atMs, unread } of this.#written)
			if (nowMs - atMs > unreadMs) for (const client of unread) late.add(client);
		for (const client of late) {
			this.forget(client);
			this.#parts.deaf(client);
		}
		if (this.#done(nowMs).length > 0) this.#write();
	}

	#done(nowMs: number): Written[] {
		return [...this.#written].filter(
			({ unread, saysRead, atMs }) => unread.size === 0 && (!saysRead || nowMs - atMs > readMs),
		);
	}

	/** At the end of the turn, so that what goes to many is written once; when it is busy, a little later. */
	#writeSoon(): void {
		if (this.#isSoon || this.#cancelWrite || this.#closed) return;
		const waitMs = this.#lastMs + writeMs - this.#parts.nowMs();
		// A clock that jumped must not hold us up.
		if (waitMs > 0 && waitMs <= writeMs) {
			this.#cancelWrite = this.#parts.timers.after(waitMs, () => this.#write());
			return;
		}
		this.#isSoon = true;
		queueMicrotask(() => {
			this.#isSoon = false;
			if (!this.#closed) this.#write();
		});
	}

	#write(): void {
		this.#cancelWrite?.();
		this.#cancelWrite = undefined;
		this.#lastMs = this.#parts.nowMs();
		const packets = this.#takePackets();
		let done = this.#done(this.#lastMs);
		const items = itemsOf(packets);
		for (let at = 0; at < items.length || done.length > 0; ) {
			const batch: Item[] = [];
			for (let bytes = 0; at < items.length && bytes < writeBytes; at++) {
				const item = items[at];
				if (!item) break;
				bytes += item.bytes.length;
				batch.push(item);
			}
			this.#transact(batch, done);
			done = [];
		}
	}

	#takePackets(): Packet[] {
		const packets: Packet[] = [];
		for (const { to, body } of this.#waiting) {
			if (body.kind !== 'frame') packets.push({ ...body, to: this.#number(to) });
			else for (const part of partsOf(body.bytes)) packets.push({ ...part, to: this.#number(to) });
		}
		this.#waiting = [];
		this.#waitingBytes = 0;
		const read: Read[] = [...this.#reads].map(([client, clock]) => ({ client, clock }));
		this.#reads = new Map();
		for (let at = 0; at < read.length; at += addressesMax)
			packets.push({ kind: 'read', to: [], read: read.slice(at, at + addressesMax) });
		return packets;
	}

	#number(to: readonly Recipient[]): Address[] {
		return to.map((recipient) => {
			const sequence = (this.#sequences.get(recipient.client) ?? 0) + 1;
			this.#sequences.set(recipient.client, sequence);
			return { ...recipient, sequence };
		});
	}

	#transact(batch: readonly Item[], done: readonly Written[]): void {
		const atMs = this.#parts.nowMs();
		this.#fresh = batch.map(({ bytes, to, saysRead }) => ({
			bytes: bytes.length,
			atMs,
			unread: new Set([...to].filter(this.#parts.isHere)),
			saysRead,
			item: undefined,
		}));
		this.#parts.doc.transact((transaction) => {
			for (const written of done) {
				this.#written.delete(written);
				this.#writtenBytes -= written.bytes;
				written.item?.delete(transaction);
			}
			if (batch.length > 0) this.#list.push(batch.map(({ bytes }) => bytes));
		}, this);
	}

	readonly #changed = (event: Y.YArrayEvent<Uint8Array>, { origin }: Y.Transaction): void => {
		if (origin === this) {
			const items = [...event.changes.added].sort((a, b) => a.id.clock - b.id.clock);
			for (const [i, written] of this.#fresh.entries()) {
				written.item = items[i] instanceof Y.Item ? items[i] : undefined;
				this.#written.add(written);
				this.#writtenBytes += written.bytes;
			}
			this.#fresh = [];
			return;
		}
		// Somebody else takes out what is ours: whoever has not got it by now sees that it is missing.
		for (const written of this.#written) {
			if (!written.item?.deleted) continue;
			this.#written.delete(written);
			this.#writtenBytes -= written.bytes;
		}
	};

	/** Says what waits, and leaves nothing behind. */
	close(): void {
		if (this.#closed) return;
		this.#write();
		this.#closed = true;
		this.#cancelWrite?.();
		this.#transact([], [...this.#written]);
		this.#list.unobserve(this.#changed);
	}
}
