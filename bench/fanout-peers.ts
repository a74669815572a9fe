/** What clients say to each server, and how many entries a message brings. Bytes are written and read by hand: no client library is measured. */
import { createDecoder, readVarUint } from 'lib0/decoding';
import { encode, writeUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import * as Y from 'yjs';

export interface Conversation {
	/** Said as soon as the connection stands. */
	readonly first: readonly Uint8Array[];
	/** Answers how many entries, not counted before, the message brings in order; throws where one is missing or comes twice. */
	hear(message: Uint8Array, say: (message: Uint8Array) => void): number;
	/** What the server reads in place of a message: where the line is encrypted. */
	sealed?(message: Uint8Array): Uint8Array;
	/** All that comes before the entries has been said. */
	readonly ready: boolean;
}

export interface Load {
	/** Of each entry. */
	readonly bytes: number;
	/** Entries that the sender hands over in one message. */
	readonly each: number;
}

export interface Dialect {
	/** A message does not say how many entries it brings: `hear` counts messages. */
	readonly countsMessages?: true;
	/** What the WebSocket is asked to carry. */
	readonly subprotocol?: string;
	path(room: string): string;
	converse(room: string, sends: boolean): Conversation | Promise<Conversation>;
	/** The sender's messages, made before the clock runs. */
	messages(room: string, count: number, load: Load): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
}

export const filled = (bytes: number, i: number) => new Uint8Array(bytes).fill(i & 0xff);

/** Entries end to end in one message; a message says nothing of itself. */
export const bare: Dialect = {
	countsMessages: true,
	path: () => '/',
	converse: () => ({ first: [], ready: true, hear: () => 1 }),
	messages: (_room, count, { bytes, each }) => Array.from({ length: count / each }, (_, i) => filled(bytes * each, i)),
};

/** Of a Yjs update: the items and the clock of its first group. */
export function firstGroup(update: Uint8Array) {
	const from = createDecoder(update);
	const groups = readVarUint(from);
	if (groups === 0) return { groups, items: 0, client: 0, clock: 0 };
	return { groups, items: readVarUint(from), client: readVarUint(from), clock: readVarUint(from) };
}

/** A sender is the only client of its document. */
function countItems(expected: number, update: Uint8Array): number {
	const { groups, items, clock } = firstGroup(update);
	if (groups > 0 && clock !== expected) throw new Error(`entry ${clock} came where ${expected} was next.`);
	return items;
}

const sync = 0;
const [step1, step2, update] = [0, 1, 2];

const nothing = Uint8Array.of(0);
const emptyUpdate = Uint8Array.of(0, 0);

/** The sync protocol of y-protocols behind a head of bytes: none at y-websocket, the document's name at Hocuspocus. */
function yjs(head: Uint8Array, greeting: readonly Uint8Array[]): Conversation {
	const message = (kind: number, body: Uint8Array) =>
		encode((to) => {
			writeUint8Array(to, head);
			writeVarUint(to, sync);
			writeVarUint(to, kind);
			writeVarUint8Array(to, body);
		});
	let ready = false;
	let next = 0;
	return {
		first: [...greeting, message(step1, nothing)],
		get ready() {
			return ready;
		},
		hear(payload, say) {
			const at = head.length;
			if (payload[at] !== sync) return 0;
			const kind = payload[at + 1];
			if (kind === step1) say(message(step2, emptyUpdate));
			if (kind === step2) ready = true;
			if (kind !== update) return 0;
			const from = createDecoder(payload.subarray(at + 2));
			const count = countItems(next, payload.subarray(at + 2 + varintBytes(readVarUint(from))));
			next += count;
			return count;
		},
	};
}

const varintBytes = (n: number) => (n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x200000 ? 3 : 4);

/** Entries as binary items of one Y.Array, each message one transaction. */
function yjsMessages(head: Uint8Array, count: number, { bytes, each }: Load): Uint8Array[] {
	const doc = new Y.Doc();
	const messages: Uint8Array[] = [];
	doc.on('update', (body: Uint8Array) =>
		messages.push(
			encode((to) => {
				writeUint8Array(to, head);
				writeVarUint(to, sync);
				writeVarUint(to, update);
				writeVarUint8Array(to, body);
			}),
		),
	);
	const entries = doc.getArray<Uint8Array>('entries');
	for (let i = 0; i < count; i += each)
		doc.transact(() => {
			for (let j = i; j < i + each; j++) entries.push([filled(bytes, j)]);
		});
	doc.destroy();
	return messages;
}

const noHead = new Uint8Array(0);

export const yWebsocket: Dialect = {
	path: (room) => `/${room}`,
	converse: () => yjs(noHead, []),
	messages: (_room, count, load) => yjsMessages(noHead, count, load),
};

const nameHead = (room: string) => encode((to) => writeVarString(to, room));
const auth = 2;
const token = 0;

export const hocuspocus: Dialect = {
	path: () => '/',
	converse: (room) =>
		yjs(nameHead(room), [
			encode((to) => {
				writeVarString(to, room);
				writeVarUint(to, auth);
				writeVarUint(to, token);
				writeVarString(to, '');
			}),
		]),
	messages: (room, count, load) => yjsMessages(nameHead(room), count, load),
};
