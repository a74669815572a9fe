/** What a client says to our relay: the handshake and acknowledgements of docs/PROTOCOL.md, and no replica behind it. */
import { createDecoder, readUint8, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { subprotocol } from '../adapters/link-websocket/socket.js';
import { nodePlatform } from '../adapters/platform-node/index.js';
import type { EpochId, LedgerName } from '../src/base/ids.js';
import { type Entry, encodeEntry } from '../src/journal/entry.js';
import { type EpochName, epochIdOf } from '../src/journal/epoch.js';
import { gateUpdate } from '../src/journal/gate.js';
import type { Leg } from '../src/journal/leg.js';
import { chainNext, chainStart, deviceIdOf, seal } from '../src/journal/seal.js';
import { encodeUpdate } from '../src/journal/update.js';
import type { KeyPair, LinkEnd, LinkEvents } from '../src/ports/index.js';
import { Channel } from '../src/sync/channel.js';
import { decodeFrame, encodeFrame, type Hello } from '../src/sync/frames.js';
import { createHello, nonceBytes, statement } from '../src/sync/handshake.js';
import { type Conversation, type Dialect, firstGroup, type Load } from './fanout-peers.js';

const { crypto, random } = nodePlatform();
const chain = 'bench';

const ledgerOf = (room: string): LedgerName => `stock/${room}`;

/** As sessions do: news is acknowledged this much later, part of a backlog at once. */
const ackDelayMs = 50;
const promptBytes = 16 * 1024;
const updateKind = 8;

/** Who writes in a room: known to everybody in this process. */
interface Author {
	readonly pair: KeyPair;
	readonly name: EpochName;
	readonly epoch: EpochId;
}

const authors = new Map<string, Promise<Author>>();

function authorOf(room: string): Promise<Author> {
	const known = authors.get(room) ?? createAuthor(room);
	authors.set(room, known);
	return known;
}

async function createAuthor(room: string): Promise<Author> {
	const pair = await crypto.generateKeyPair();
	const device = deviceIdOf(pair.publicKey, crypto.sha256);
	const name = { ledger: ledgerOf(room), segment: 0, device, nonce: '2gosa7pa2gv' };
	return { pair, name, epoch: epochIdOf(name, crypto.sha256) };
}

class Talk implements Conversation {
	readonly #room: string;
	readonly #pair: KeyPair;
	readonly #epoch: EpochId;
	readonly #mine: Hello;
	#theirs: Hello | undefined;
	/** Rows of each epoch that came. */
	readonly #held = new Map<EpochId, number>();
	#ackTimer: NodeJS.Timeout | undefined;
	ready = false;
	/** What the channel says: kept until somebody can say it. */
	#say: (message: Uint8Array) => void = (message) => this.#early.push(message);
	readonly #early: Uint8Array[] = [];
	readonly #events: LinkEvents;
	#end: LinkEnd | undefined;
	/** Frames that the message opened to. */
	readonly #opened: Uint8Array[] = [];

	constructor(room: string, pair: KeyPair, epoch: EpochId) {
		this.#room = room;
		this.#pair = pair;
		this.#epoch = epoch;
		const device = deviceIdOf(pair.publicKey, crypto.sha256);
		this.#mine = createHello(
			{ chain, device, name: 'till', key: pair.publicKey, role: 'device', archive: false, keeps: [ledgerOf(room)] },
			random.bytes(nonceBytes),
		);
		this.#events = this.#connect();
	}

	#connect(): LinkEvents {
		const found: LinkEvents[] = [];
		const link = { kind: 'bench', start: (events: LinkEvents) => void found.push(events), stop() {} };
		new Channel(link, { platform: nodePlatform() }).start({
			up: (end) => {
				this.#end = end;
				end.send(encodeFrame(this.#mine));
			},
			frame: (bytes) => this.#opened.push(bytes),
			down() {},
		});
		const [events] = found;
		if (!events) throw new Error('a channel starts its link.');
		events.up({
			send: (message) => {
				this.#say(message);
				return true;
			},
			close() {},
		});
		return events;
	}

	get first(): readonly Uint8Array[] {
		return this.#early.splice(0);
	}

	sealed(message: Uint8Array): Uint8Array {
		let sealed = message;
		const say = this.#say;
		this.#say = (hidden) => {
			sealed = hidden;
		};
		this.#end?.send(message);
		this.#say = say;
		return sealed;
	}

	hear(message: Uint8Array, say: (message: Uint8Array) => void): number {
		this.#say = say;
		// The channel keeps parts of what it reads; the buffer is the socket's.
		this.#events.frame(message.slice());
		let brought = 0;
		for (const frame of this.#opened.splice(0)) brought += this.#read(frame, (bytes) => this.#end?.send(bytes));
		return brought;
	}

	#read(message: Uint8Array, say: (message: Uint8Array) => void): number {
		if (message[0] === updateKind) return this.#take(message, say);
		const frame = decodeFrame(message);
		if (!frame) throw new Error('a frame that cannot be read came.');
		if (frame.kind === 'hello') {
			this.#theirs = frame;
			say(encodeFrame({ ...this.#mine, answers: frame.nonce }));
		} else if (frame.kind === 'proof') void this.#prove(say);
		else if (frame.kind === 'digests') {
			if (frame.answer) say(encodeFrame({ kind: 'digests', answer: false, ledgers: [] }));
			this.ready = true;
		} else if (frame.kind === 'ping') say(encodeFrame({ ...frame, kind: 'pong' }));
		else if (frame.kind === 'point') {
			const { ledger, id, from, piece } = frame;
			say(encodeFrame({ kind: 'took', ledger, id, bytes: from + piece.length }));
		} else if (frame.kind === 'bye') throw new Error(`the relay hung up: ${frame.reason}.`);
		return 0;
	}

	async #prove(say: (message: Uint8Array) => void): Promise<void> {
		if (!this.#theirs) return;
		const signature = await crypto.sign(this.#pair, statement(this.#mine, this.#theirs, this.#end?.binding));
		say(encodeFrame({ kind: 'proof', signature }));
		say(encodeFrame({ kind: 'digests', answer: true, ledgers: [] }));
	}

	#take(message: Uint8Array, say: (message: Uint8Array) => void): number {
		const from = createDecoder(message);
		readUint8(from);
		const ledger = readVarString(from);
		if (ledger !== ledgerOf(this.#room)) return 0;
		readVarUint(from); // the segment
		const update = readVarUint8Array(from);
		const { groups, items, client, clock } = firstGroup(update);
		let brought = 0;
		if (groups === 1) brought = this.#hold(client, clock, items);
		else
			for (const { epoch, from: first, entries } of gated(update)) brought += this.#hold(epoch, first, entries.length);
		if (message.length >= promptBytes) this.#acknowledge(say);
		else this.#ackTimer ??= setTimeout(() => this.#acknowledge(say), ackDelayMs);
		return brought;
	}

	/** The relay's home may write in the ledger too: it is acknowledged, but only the sender's entries count. */
	#hold(epoch: EpochId, from: number, count: number): number {
		const held = this.#held.get(epoch) ?? 0;
		if (from > held) throw new Error(`entry ${from} came where ${held} was next.`);
		// What is not acknowledged in time comes again, and is not counted again.
		if (from + count <= held) return 0;
		this.#held.set(epoch, from + count);
		if (epoch !== this.#epoch) return 0;
		return from + count - Math.max(1, held); // the first row opens the epoch
	}

	#acknowledge(say: (message: Uint8Array) => void): void {
		clearTimeout(this.#ackTimer);
		this.#ackTimer = undefined;
		const positions = [...this.#held].map(([epoch, count]) => ({ epoch, count }));
		say(encodeFrame({ kind: 'ack', ledger: ledgerOf(this.#room), positions }));
	}
}

function gated(update: Uint8Array) {
	const verdict = gateUpdate(update);
	if (!verdict.ok) throw new Error(`an update came that the gate refuses: ${verdict.code}`);
	return verdict.runs;
}

const time = { ms: Date.UTC(2026, 0, 1), counter: 0 };
const entryOf = (leg: Leg, counter = 0): Entry => ({
	time: { ...time, counter },
	parts: [],
	relies: [],
	key: undefined,
	legs: [leg],
});

/** A line of a log, as long as it takes to make its entry this long. */
function filler(bytes: number, counter: number): Uint8Array {
	const json = (length: number) => new TextEncoder().encode(`"${'x'.repeat(length)}"`);
	const of = (length: number) => encodeEntry(entryOf({ kind: 'append', log: 'l', value: json(length) }, counter));
	let length = bytes - of(0).length;
	while (of(length).length > bytes) length--;
	const entry = of(length);
	if (entry.length !== bytes) throw new Error(`no entry of ${bytes} bytes, only of ${entry.length}.`);
	return entry;
}

/** Each message an update under a seal of its own, as a till's outbox sends what was committed in one turn. */
async function messages(room: string, count: number, { bytes, each }: Load): Promise<Uint8Array[]> {
	const { pair, name, epoch } = await authorOf(room);
	let hash = chainStart(name, crypto.sha256);
	let from = 0;
	const made: Uint8Array[] = [];
	const add = async (entries: readonly Uint8Array[]) => {
		for (const entry of entries) hash = chainNext(hash, entry, crypto.sha256);
		const update = encodeUpdate([{ epoch, name, from, entries }]);
		from += entries.length;
		const seals = [await seal(crypto, pair, epoch, from, hash)];
		made.push(encodeFrame({ kind: 'update', ledger: name.ledger, segment: 0, update, seals }));
	};
	const open = encodeEntry(entryOf({ kind: 'open', prev: null, key: pair.publicKey, name: 'till', home: false }));
	// Entries differ, as the counter of their time does, but are as long as each other.
	for (let i = 0; i < count; i += each) {
		const entries = Array.from({ length: each }, (_, j) => filler(bytes, 128 + ((i + j) % 16_000)));
		await add(i === 0 ? [open, ...entries] : entries);
	}
	return made;
}

export const tillmesh: Dialect = {
	subprotocol,
	path: () => '/',
	async converse(room, sends) {
		const { pair, epoch } = await authorOf(room);
		return new Talk(room, sends ? pair : await crypto.generateKeyPair(), epoch);
	},
	messages,
};
