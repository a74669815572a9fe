import type { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Meeting } from '../../src/ports/link.js';
import { PostedLink } from '../link-message-port/posted-link.js';
import { Inbox } from './inbox.js';
import { Leftovers } from './leftovers.js';
import { Outbox } from './outbox.js';
import { documentBytes } from './size.js';

export type ProviderClass = typeof WebsocketProvider;

export interface RoomParts {
	readonly meeting: Meeting;
	/** Makes a provider for the document; nothing else of it is changed. */
	connect(doc: Y.Doc): WebsocketProvider;
	readonly random: () => number;
	readonly nowMs: () => number;
	readonly kind: string;
	readonly unreadBytesMax: number;
	readonly outboxBytesMax: number;
	readonly documentBytesMax: number;
	/** The last stay ended because the document was too large: what others have left in it goes first. */
	readonly isCrowded: boolean;
	/** How long a device may be away before what it has left is taken out. */
	readonly absentMs: number;
	/** It cannot go on as it is; a fresh one is needed after a while. */
	broken(why: string): void;
	problem(problem: Error): void;
}

interface Peer {
	readonly link: PostedLink;
	readonly inbox: Inbox;
	takeOff: () => void;
	/** Below it all is read here, and how far we have said so. */
	seen: number;
	said: number;
}

/** More devices than a room is good for; it bounds what somebody can make of it who announces thousands. */
const peersMax = 256;
const tidyMs = 1_000;
/** How long who is there may take to be known, before what others have left is taken out. */
const crowdedMs = 500;
/** How long somebody who reads nothing is left alone. */
const shunnedMs = 60_000;
/** How long a read packet may wait for others, before its author is told; and how many bytes do not wait. */
const sayReadMs = 200;
const sayReadBytes = 256 * 1024;
/** What came in since the document was measured. */
const measureBytes = 4 * 1024 * 1024;

/** One stay in a room of a y-websocket server: presence by awareness, one outbox a device, one link a peer. */
export class Room {
	readonly #parts: RoomParts;
	readonly #doc = new Y.Doc();
	readonly #client = this.#doc.clientID;
	readonly #provider: WebsocketProvider;
	readonly #outbox: Outbox;
	readonly #peers = new Map<number, Peer>();
	readonly #shunned = new Map<number, number>();
	readonly #leftovers = new Leftovers(this.#doc);
	#isCrowded: boolean;
	#cancelAnnounce = () => {};
	#announced: string | undefined;
	#unsaidBytes = 0;
	#cancelSay: (() => void) | undefined;
	#cancelTidy = () => {};
	#unmeasuredBytes = 0;
	#closed = false;

	constructor(parts: RoomParts) {
		this.#parts = parts;
		this.#isCrowded = parts.isCrowded;
		this.#outbox = new Outbox({
			doc: this.#doc,
			timers: parts.meeting.timers,
			nowMs: parts.nowMs,
			bytesMax: parts.outboxBytesMax,
			isHere: (client) => this.#peers.has(client),
			deaf: (client) => this.#shun(client),
		});
		this.#provider = parts.connect(this.#doc);
		this.#provider.awareness.setLocalState(null);
		this.#provider.awareness.on('change', this.#meet);
		this.#provider.on('sync', (isSynced: boolean) => isSynced && this.#synced());
		this.#provider.on('connection-error', (event) => {
			// Browsers say nothing of the reason, ws does.
			const { message = 'no connection', error }: { message?: unknown; error?: unknown } = event as object;
			parts.problem(new Error(String(message), { cause: error }));
		});
		this.#provider.on('closed', ({ code, reason }: { code: number; reason: string }) =>
			queueMicrotask(() => this.#break(`the server closed the room with ${code} ${reason}`)),
		);
		this.#doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin === this.#provider) this.#unmeasuredBytes += update.length;
		});
		this.#tidy();
	}

	#synced(): void {
		if (!this.#isCrowded) {
			this.#announce();
			return;
		}
		this.#cancelAnnounce = this.#parts.meeting.timers.after(crowdedMs, () => {
			this.#isCrowded = false;
			this.#clear(0);
			this.#announce();
		});
	}

	#clear(absentMs: number): void {
		const present = new Set([...this.#provider.awareness.getStates().keys(), this.#client]);
		this.#leftovers.clear(present, this.#parts.nowMs(), absentMs);
	}

	/** After every connection: a state with the clock of an earlier one would be passed over by those who saw it go. */
	#announce(): void {
		const { chain, device } = this.#parts.meeting;
		this.#announced = device;
		this.#provider.awareness.setLocalState({ tillmesh: chain, device });
	}

	/** It is there and reads nothing, and would hold up what is for the others: it is left alone for a while. */
	#shun(client: number): void {
		this.#shunned.set(client, this.#parts.nowMs() + shunnedMs);
		this.#meet();
	}

	readonly #meet = (): void => {
		if (this.#closed) return;
		const present = this.#present();
		const nowMs = this.#parts.nowMs();
		// Who comes back over another line is another matter.
		for (const [client, untilMs] of this.#shunned)
			if (nowMs >= untilMs || !present.has(client)) this.#shunned.delete(client);
			else present.delete(client);
		for (const client of [...this.#peers.keys()]) if (!present.has(client)) this.#lose(client);
		for (const client of present) if (!this.#peers.has(client) && this.#peers.size < peersMax) this.#find(client);
	};

	#present(): Set<number> {
		const { chain, device } = this.#parts.meeting;
		const present = new Set<number>();
		// Anybody may say anything about itself.
		for (const [client, state] of this.#provider.awareness.getStates() as Map<number, unknown>) {
			if (client === this.#client || typeof state !== 'object' || state === null) continue;
			const { tillmesh, device: other }: Record<string, unknown> = { ...state };
			if (tillmesh === chain && typeof other === 'string' && other !== device) present.add(client);
		}
		return present;
	}

	#find(client: number): void {
		const { kind, random, unreadBytesMax, meeting } = this.#parts;
		const link = new PostedLink({
			kind,
			isPrivate: false,
			timers: meeting.timers,
			random,
			unreadBytesMax,
			post: (message) => this.#outbox.post(client, message),
			stopped: () => {},
		});
		const inbox = new Inbox({
			doc: this.#doc,
			peer: client,
			heard: (message) => link.hear(message),
			read: (read) => this.#outbox.hearRead(read.client, read.clock),
			seen: (clock, bytes) => this.#saw(client, clock, bytes),
			// Not inside of Yjs' own turn.
			lost: () => queueMicrotask(() => this.#peers.get(client)?.inbox === inbox && this.#renew(client)),
		});
		const peer: Peer = { link, inbox, takeOff: () => {}, seen: 0, said: 0 };
		this.#peers.set(client, peer);
		peer.takeOff = meeting.found(link);
	}

	#lose(client: number): void {
		const peer = this.#peers.get(client);
		if (!peer) return;
		this.#peers.delete(client);
		peer.inbox.close();
		peer.takeOff();
		this.#outbox.forget(client);
	}

	/** Frames were lost: what counts them on both sides begins anew. */
	#renew(client: number): void {
		if (this.#closed) return;
		this.#lose(client);
		this.#meet();
	}

	#saw(client: number, clock: number, bytes: number): void {
		const peer = this.#peers.get(client);
		if (!peer) return;
		peer.seen = Math.max(peer.seen, clock);
		this.#unsaidBytes += bytes;
		if (this.#unsaidBytes >= sayReadBytes) this.#sayRead();
		else this.#cancelSay ??= this.#parts.meeting.timers.after(sayReadMs, () => this.#sayRead());
	}

	#sayRead(): void {
		this.#cancelSay?.();
		this.#cancelSay = undefined;
		this.#unsaidBytes = 0;
		for (const [client, peer] of this.#peers) {
			if (peer.said >= peer.seen) continue;
			peer.said = peer.seen;
			this.#outbox.sayRead(client, peer.seen);
		}
	}

	#tidy(): void {
		this.#cancelTidy = this.#parts.meeting.timers.after(tidyMs, () => this.#tidy(), true);
		if (this.#announced !== undefined && this.#announced !== this.#parts.meeting.device) this.#announce();
		this.#meet();
		this.#outbox.tidy();
		// Away from the server everybody is absent.
		if (this.#provider.synced) this.#clear(this.#parts.absentMs);
		this.#measure();
		// Yjs takes another id where somebody writes under ours; our peers look for us under the old one.
		if (this.#doc.clientID !== this.#client) this.#break('somebody else writes under our id');
	}

	#measure(): void {
		if (this.#unmeasuredBytes < Math.min(measureBytes, this.#parts.documentBytesMax / 2)) return;
		this.#unmeasuredBytes = 0;
		const bytes = documentBytes(this.#doc);
		if (bytes > this.#parts.documentBytesMax) this.#break(`the room's document has grown to ${bytes} bytes`);
	}

	#break(why: string): void {
		if (!this.#closed) this.#parts.broken(why);
	}

	/** Leaves nothing of ours in the document but the place where it was. */
	close(): void {
		if (this.#closed) return;
		for (const client of [...this.#peers.keys()]) this.#lose(client);
		this.#closed = true;
		this.#cancelSay?.();
		this.#cancelTidy();
		this.#cancelAnnounce();
		this.#outbox.close();
		const { awareness } = this.#provider;
		awareness.off('change', this.#meet);
		awareness.setLocalState(null);
		// Yjs may have taken another; the provider says goodbye under this one, and throws where awareness does not know it.
		this.#doc.clientID = this.#client;
		this.#provider.destroy();
		this.#doc.destroy();
	}
}
