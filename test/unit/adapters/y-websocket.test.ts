import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { startRelay } from 'tillmesh/relay';
import { yWebSocket } from 'tillmesh/y-websocket';
import { afterEach, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Message } from '../../../adapters/link-message-port/messages.js';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { Inbox } from '../../../adapters/y-websocket/inbox.js';
import { Leftovers } from '../../../adapters/y-websocket/leftovers.js';
import { Outbox, outboxName } from '../../../adapters/y-websocket/outbox.js';
import { encodePacket, joinPackets, type Packet, readItem } from '../../../adapters/y-websocket/packets.js';
import { documentBytes } from '../../../adapters/y-websocket/size.js';
import type { YWebSocketOptions } from '../../../adapters/y-websocket/y-websocket.js';
import type { LinkEnd, LinkSource } from '../../../src/ports/link.js';
import { pause, seeded, until } from '../../contract/check.js';
import { sourceAsLink } from '../../contract/source-as-link.js';
import { freeServer, stockServer, type YServer } from './y-websocket-servers.js';

const { timers } = nodePlatform();
const item = (...packets: Packet[]): Uint8Array => joinPackets(packets.map(encodePacket));
const ends: (() => unknown)[] = [];
let rooms = 0;

afterEach(async () => {
	vi.restoreAllMocks();
	for (const end of ends.splice(0).reverse()) await end();
});

async function serving(start: () => Promise<YServer>): Promise<{ server: YServer; room: string }> {
	const server = await start();
	ends.push(() => server.stop());
	return { server, room: `room-${rooms++}` };
}

async function replica(name: string, source: LinkSource, isHome = false): Promise<Replica> {
	const opened = await openReplica({
		chain: 'tea',
		name,
		keeps: ['stock/s'],
		home: isHome ? ['stock/s'] : [],
		storage: memory(),
		links: [source],
	});
	ends.push(() => opened.shutdown());
	return opened;
}

const equal = (replicas: readonly Replica[]): boolean =>
	new Set(replicas.map((each) => each.digest('stock/s'))).size === 1;
const cups = (each: Replica) => each.ledger('stock/s').pool('stock');

/** Somebody who may write into the room, and does so by hand. */
async function intruder(server: YServer, room: string): Promise<{ doc: Y.Doc; provider: WebsocketProvider }> {
	const doc = new Y.Doc();
	const provider = new WebsocketProvider(server.url, room, doc, {
		WebSocketPolyfill: WebSocket as never,
		disableBc: true,
	});
	const { clientID } = doc;
	ends.push(() => {
		// The provider says goodbye under the id that awareness knows, and throws under another.
		doc.clientID = clientID;
		provider.destroy();
		doc.destroy();
	});
	await until(() => provider.synced, 'the intruder is in');
	return { doc, provider };
}

/** One end of a link of the pipe, with what it got. */
class End {
	readonly frames: Uint8Array[] = [];
	end: LinkEnd | undefined;
	ups = 0;

	constructor(options: YWebSocketOptions, device: string) {
		const link = sourceAsLink(yWebSocket(options), device, timers);
		link.start({
			up: (end) => {
				this.ups++;
				this.end = end;
			},
			frame: (frame) => void this.frames.push(frame),
			down: () => {
				this.end = undefined;
			},
		});
		ends.push(() => link.stop());
	}

	async send(frame: Uint8Array): Promise<void> {
		await until(() => this.end?.send(frame) === true, 'the frame is taken');
	}
}

describe.each([
	['@y/websocket-server', stockServer],
	["the relay's documents free/", freeServer],
])('Ledgers over %s', (_, start) => {
	test('SYN5 replicas that meet in a room become equal, hand each other shares, and take a late one in', async () => {
		const { server, room } = await serving(start);
		const source = () => yWebSocket({ url: server.url, room });
		const home = await replica('home', source(), true);
		const till = await replica('till', source());
		await home.commit((tx) => tx.mint(cups(home), 'CUP-L', 100, 'delivery-1'));
		await cups(till)
			.total('CUP-L')
			.when(({ minted }) => minted === 100, { timeoutMs: 5_000 });
		expect(await cups(till).ensure('CUP-L', 5, { timeoutMs: 5_000 })).toBeGreaterThanOrEqual(5);
		const sold = await till.commit((tx) => tx.spend(cups(till), 'CUP-L', 5));
		expect(sold.ok).toBe(true);
		const late = await replica('late', source());
		await until(() => equal([home, till, late]), 'equal');
		expect(cups(late).total('CUP-L').get()).toMatchObject({ minted: 100, spent: 5 });
		expect(late.check()).toEqual([]);
	});

	test('SYN4 the server goes and comes back: what was sold meanwhile arrives', async () => {
		const { server, room } = await serving(start);
		const source = () => yWebSocket({ url: server.url, room, maxBackoffMs: 200 });
		const [a, b] = [await replica('a', source()), await replica('b', source())];
		await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 7, 'd1'));
		await until(() => equal([a, b]), 'equal');
		server.cut();
		await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 8, 'd2'));
		await b.commit((tx) => tx.mint(cups(b), 'CUP-M', 9, 'd3'));
		await pause(50);
		server.heal();
		await until(() => equal([a, b]), 'equal again', 9_000);
		expect(cups(b).total('CUP-L').get().minted).toBe(15);
	}, 20_000);

	test('what was said does not stay: 20 MB leave some 100 bytes, and every opening 60', async () => {
		const { server, room } = await serving(start);
		const options = { url: server.url, room };
		const [a, b] = [new End(options, 'device-a'), new End(options, 'device-b')];
		await until(() => a.end !== undefined && b.end !== undefined, 'up');
		const frame = new Uint8Array(200_000).fill(7);
		for (let i = 0; i < 100; i++) await a.send(frame);
		for (let i = 0; i < 500; i++) await b.send(Uint8Array.of(i));
		await until(() => b.frames.length === 100 && a.frames.length === 500, 'all frames', 9_000);
		const { doc } = await intruder(server, room);
		// Read within 200 ms, deleted within a second or two, and the last packets of reading after three.
		await until(() => documentBytes(doc) < 10_000 && Y.encodeStateAsUpdate(doc).length < 300, 'deleted', 9_000);
		const before = Y.encodeStateAsUpdate(doc).length;
		const openings = 20;
		for (let i = 0; i < openings; i++) {
			const source = yWebSocket(options);
			let ups = 0;
			const link = sourceAsLink(source, 'device-c', timers);
			link.start({ up: () => ups++, frame: () => {}, down: () => {} });
			await until(() => ups > 0, 'up');
			link.stop();
		}
		await pause(200);
		await until(() => (Y.encodeStateAsUpdate(doc).length - before) / openings <= 60, 'an opening leaves little');
	}, 40_000);
});

test('one relay on one port: its page, notes of a stock client, and the pipe for a till that speaks nothing else', async () => {
	const data = mkdtempSync(join(tmpdir(), 'relay-free-'));
	const relay = await startRelay({ data, chain: 'tea', listen: '127.0.0.1:0' });
	ends.push(async () => {
		await relay.close();
		rmSync(data, { recursive: true });
	});
	const source = () => yWebSocket({ url: `${relay.url}/free`, room: 'pipe' });
	const [a, b] = [await replica('a', source()), await replica('b', source())];
	await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 7, 'd1'));
	await until(() => equal([a, b]) && cups(b).total('CUP-L').get().minted === 7, 'equal');
	const line = { url: `${relay.url}/free` } as YServer;
	const [writer, reader] = [await intruder(line, 'notes'), await intruder(line, 'notes')];
	writer.doc.getText('t').insert(0, 'buy milk');
	await until(() => reader.doc.getText('t').toString() === 'buy milk', 'the note');
	await until(() => relay.status().free?.documents === 2, 'both on disk');
	expect(relay.status().free).toMatchObject({ connections: 4, refused: {} });
	expect(await (await fetch(relay.url.replace('ws', 'http'))).text()).toContain('4 connections');
});

describe('The pipe', () => {
	test('a frame for many is written once', async () => {
		const { server, room } = await serving(stockServer);
		const ends = Array.from({ length: 3 }, (_, i) => new Many({ url: server.url, room }, `device-${i}`));
		await until(() => ends.every(({ ends: up }) => up.size === 2), 'everybody is up');
		const { doc } = await intruder(server, room);
		let largest = 0;
		let count = 0;
		doc.on('update', (update: Uint8Array) => {
			largest = Math.max(largest, update.length);
			if (update.length > 50_000) count++;
		});
		const frame = new Uint8Array(100_000).fill(3);
		for (const end of ends[0]?.ends ?? []) end.send(frame);
		await until(() => ends[1]?.frames === 1 && ends[2]?.frames === 1, 'at both');
		expect(count).toBe(1);
		expect(largest).toBeLessThan(101_000);
	});

	test('SYN4 a peer that reads nothing holds up to its bound, then send says no; others are served', async () => {
		const { server, room } = await serving(stockServer);
		const one = new Many({ url: server.url, room }, 'device-0');
		const two = new Many({ url: server.url, room }, 'device-1');
		await until(() => one.ends.size === 1 && two.ends.size === 1, 'up');
		// It is there and has said hello, but has stopped to read.
		const { doc, provider } = await intruder(server, room);
		provider.awareness.setLocalState({ tillmesh: 'chain', device: 'deaf' });
		const mine = doc.getArray<Uint8Array>(outboxName(doc.clientID));
		const greeted = new Set<number>();
		doc.on('update', () => {
			for (const [name, type] of doc.share) {
				const client = Number.parseInt(name.slice('tillmesh/'.length), 36);
				if (client === doc.clientID || !name.startsWith('tillmesh/')) continue;
				const items = (type as Y.Array<Uint8Array>).toArray?.() ?? [];
				for (const packet of items.flatMap((each) => (each instanceof Uint8Array ? readItem(each) : []))) {
					const address = packet.to.find((each) => each.client === doc.clientID);
					if (packet.kind !== 'hello' || !address || greeted.has(address.from)) continue;
					greeted.add(address.from);
					queueMicrotask(() =>
						mine.push([item({ kind: 'hello', to: [{ client, from: 77, to: address.from, sequence: 2 }] })]),
					);
				}
			}
		});
		for (const client of provider.awareness.getStates().keys()) doc.getArray(outboxName(client));
		for (const client of provider.awareness.getStates().keys())
			if (client !== doc.clientID) mine.push([item({ kind: 'hello', to: [{ client, from: 77, to: 0, sequence: 1 }] })]);
		await until(() => one.ends.size === 2, 'up with the deaf one');
		let taken = 0;
		const frame = new Uint8Array(100_000);
		const deaf = [...one.ends].at(-1);
		for (let i = 0; i < 200; i++) if (deaf?.send(frame)) taken++;
		expect(taken).toBeGreaterThan(5);
		expect(taken).toBeLessThan(40);
		const [toTwo] = one.ends;
		expect(toTwo?.send(Uint8Array.of(1))).toBe(true);
		await until(() => two.frames > 0, 'the other is served');
	});

	test('packets that are none are passed over, those before them hold', () => {
		const random = seeded(5);
		const part: Packet = {
			kind: 'part',
			to: [{ client: 1, from: 2, to: 3, sequence: 4 }],
			index: 0,
			count: 1,
			bytes: Uint8Array.of(9),
		};
		const whole = item(part, { kind: 'took', to: part.to, total: 5 });
		expect(readItem(whole)).toEqual([part, { kind: 'took', to: part.to, total: 5 }]);
		expect(readItem(whole.subarray(0, -1))).toEqual([part]);
		for (let i = 0; i < 5_000; i++) {
			const mutant = whole.slice(0, 1 + Math.floor(random() * whole.length));
			mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256);
			readItem(mutant);
		}
		const none = [[], [9, 0], [0, 255, 255, 255, 255, 15], [2, 0, 5, 2], [2, 0, 0, 9], [3, 0], [0, 0, 0], [4, 0, 1, 1]];
		for (const bytes of none) expect(readItem(joinPackets([Uint8Array.from(bytes)])), bytes.join()).toEqual([]);
		for (const bytes of [[], [2], [2, 2, 0, 0], [1, 200]]) expect(readItem(Uint8Array.from(bytes))).toEqual([]);
	});

	test('says what does not fit', () => {
		expect(() => yWebSocket({ url: 'http://x' })).toThrow('url: expected');
		expect(() => yWebSocket({ url: 'ws://x?token=1' })).toThrow('without a query');
		expect(() => yWebSocket({ url: 'ws://x', room: '' })).toThrow('room: expected');
		expect(() => yWebSocket({ url: 'ws://x', unreadBytesMax: 5 })).toThrow('unreadBytesMax');
	});

	test('says that nobody answers', async () => {
		const problems: Error[] = [];
		const { server } = await serving(stockServer);
		server.cut();
		new End({ url: server.url, onProblem: (problem) => void problems.push(problem) }, 'device-a');
		await until(() => problems.length > 0, 'a problem');
	});
});

/** A device with links to all others of its room. */
class Many {
	readonly ends = new Set<LinkEnd>();
	frames = 0;

	constructor(options: YWebSocketOptions, device: string) {
		const source = yWebSocket(options);
		source.discover({
			chain: 'chain',
			device,
			name: device,
			timers,
			signals: { peers: () => [], watch: () => () => {}, send: () => {}, listen: () => () => {} },
			found: (link) => {
				let mine: LinkEnd | undefined;
				link.start({
					up: (end) => {
						mine = end;
						this.ends.add(end);
					},
					frame: () => this.frames++,
					down: () => mine && this.ends.delete(mine),
				});
				return () => link.stop();
			},
		});
		ends.push(() => source.stop());
	}
}

describe('The inbox', () => {
	/** The reader's document, and two writers whose every change reaches it. */
	function room() {
		const docs = [1, 2, 3].map((id) => Object.assign(new Y.Doc(), { clientID: id })) as [Y.Doc, Y.Doc, Y.Doc];
		const [reader, peer, other] = docs;
		for (const doc of [peer, other]) doc.on('update', (update: Uint8Array) => Y.applyUpdate(reader, update));
		const heard: Message[] = [];
		const reads: unknown[] = [];
		let lost = 0;
		const inbox = new Inbox({
			doc: reader,
			peer: 2,
			heard: (message) => void heard.push(message),
			read: (read) => void reads.push(read),
			seen: () => {},
			lost: () => lost++,
		});
		const write = (doc: Y.Doc, ...items: unknown[]): void => doc.getArray(outboxName(2)).push(items);
		const hello = (sequence: number) => item({ kind: 'hello', to: [{ client: 1, from: sequence, to: 0, sequence }] });
		return { reader, peer, other, heard, reads, lost: () => lost, inbox, write, hello };
	}

	test('takes what the peer itself has written, for us, each once and in order', () => {
		const { peer, other, heard, lost, inbox, write, hello } = room();
		write(peer, hello(5), hello(6));
		write(other, item({ kind: 'bye', to: [{ client: 1, from: 6, to: 0, sequence: 7 }] }));
		write(peer, hello(6), 'text', { an: 'object' }, new Uint8Array(300_000), new Uint8Array(2));
		write(peer, item({ kind: 'hello', to: [{ client: 9, from: 1, to: 1, sequence: 99 }] }), hello(7));
		inbox.close();
		write(peer, hello(8));
		expect(heard.map(({ tillmesh, from }) => `${tillmesh} ${from}`)).toEqual(['hello 5', 'hello 6', 'hello 7']);
		expect(lost()).toBe(0);
	});

	test('notices what was taken out before it came, once, and hears nothing more', () => {
		const { peer, heard, lost, write, hello } = room();
		write(peer, hello(1));
		peer.transact(() => {
			write(peer, hello(2), hello(3));
			peer.getArray(outboxName(2)).delete(1, 1);
		});
		write(peer, hello(4));
		expect(heard.map(({ from }) => from)).toEqual([1]);
		expect(lost()).toBe(1);
	});

	test('puts frames together, and drops what does not fit together', () => {
		const { peer, heard, write } = room();
		let sequence = 0;
		const part = (index: number, count: number, ...bytes: number[]): Uint8Array =>
			item({
				kind: 'part',
				to: [{ client: 1, from: 7, to: 8, sequence: ++sequence }],
				index,
				count,
				bytes: Uint8Array.from(bytes),
			});
		write(
			peer,
			part(0, 2, 1, 2),
			part(1, 2, 3),
			part(1, 2, 4),
			part(0, 2, 5),
			part(0, 1),
			part(0, 3, 6),
			part(2, 3, 7),
		);
		expect(heard).toEqual([
			{ tillmesh: 'frame', from: 7, to: 8, bytes: Uint8Array.of(1, 2, 3) },
			{ tillmesh: 'frame', from: 7, to: 8, bytes: Uint8Array.of() },
		]);
	});

	test('lets a peer say of itself alone how far it has read', () => {
		const { peer, reads, write } = room();
		const read = [
			{ client: 1, clock: 40 },
			{ client: 3, clock: 50 },
		];
		write(peer, item({ kind: 'read', to: [], read }));
		expect(reads).toEqual([{ client: 2, clock: 40 }]);
	});

	test('the bytes of packets are these', () => {
		const hex = (packet: Packet): string => Buffer.from(encodePacket(packet)).toString('hex');
		const to = [
			{ client: 300, from: 1, to: 2, sequence: 3 },
			{ client: 4, from: 5, to: 0, sequence: 6 },
		];
		expect(hex({ kind: 'hello', to })).toBe('0002ac0201020304050006');
		expect(hex({ kind: 'bye', to: [] })).toBe('0100');
		expect(Buffer.from(item({ kind: 'bye', to: [] }, { kind: 'bye', to: [] })).toString('hex')).toBe('01020100020100');
		expect(hex({ kind: 'part', to: [], index: 1, count: 2, bytes: Uint8Array.of(9, 8) })).toBe('020001020908');
		expect(hex({ kind: 'took', to: [], total: 131_072 })).toBe('0300808008');
		expect(hex({ kind: 'read', to: [], read: [{ client: 7, clock: 200 }] })).toBe('04000107c801');
	});
});

describe('The outbox', () => {
	test('SYN4 who reads nothing is given up, and what was for it makes room', () => {
		const doc = new Y.Doc();
		let nowMs = 1_000_000;
		const deaf: number[] = [];
		const outbox = new Outbox({
			doc,
			timers,
			nowMs: () => nowMs,
			bytesMax: 1_000,
			isHere: () => true,
			deaf: (client) => void deaf.push(client),
		});
		const frame = (length: number) => ({ tillmesh: 'frame' as const, from: 1, to: 2, bytes: new Uint8Array(length) });
		outbox.post(8, frame(400));
		outbox.post(9, frame(500));
		expect(() => outbox.post(8, frame(400))).toThrow('full');
		nowMs += 100;
		outbox.sayRead(8, 1);
		outbox.tidy();
		return Promise.resolve().then(() => {
			expect(doc.getArray(outboxName(doc.clientID)).length).toBe(1);
			outbox.hearRead(8, 1);
			nowMs += 25_000;
			outbox.tidy();
			expect(deaf).toEqual([9]);
			expect(outbox.bytes).toBe(0);
			expect(doc.getArray(outboxName(doc.clientID)).length).toBe(0);
			outbox.close();
		});
	});
});

describe('What devices leave that end without a word', () => {
	test('is taken out after a while by whoever is there; what is not ours stays', () => {
		const doc = new Y.Doc();
		const list = (name: string) => doc.getArray(name);
		for (const name of [outboxName(5), outboxName(6), 'tillmesh/UPPER', 'notes']) list(name).push([new Uint8Array(9)]);
		const leftovers = new Leftovers(doc);
		const lengths = () => [outboxName(5), outboxName(6), 'tillmesh/UPPER', 'notes'].map((name) => list(name).length);
		leftovers.clear(new Set([5]), 1_000, 100);
		leftovers.clear(new Set([5]), 1_099, 100);
		expect(lengths()).toEqual([1, 1, 1, 1]);
		leftovers.clear(new Set([5, 6]), 1_100, 100);
		leftovers.clear(new Set([5]), 1_200, 100);
		expect(lengths()).toEqual([1, 1, 1, 1]);
		leftovers.clear(new Set([5]), 1_300, 100);
		expect(lengths()).toEqual([1, 0, 1, 1]);
	});

	test('SYN4 a document that they have filled is cleared, and used again', async () => {
		const { server, room } = await serving(() => freeServer({ limits: { documentBytes: 400_000, idleMs: 1 } }));
		const dead = await intruder(server, room);
		for (let i = 0; i < 4; i++) dead.doc.getArray(outboxName(dead.doc.clientID)).push([new Uint8Array(99_000)]);
		const isClosed = () => !dead.provider.wsconnected;
		for (let i = 0; i < 200 && !isClosed(); i++) {
			dead.doc.getArray(outboxName(dead.doc.clientID)).push([new Uint8Array(60)]);
			await pause(2);
		}
		expect(isClosed()).toBe(true);
		dead.provider.disconnect();
		const problems: Error[] = [];
		const source = () => yWebSocket({ url: server.url, room, onProblem: (problem) => void problems.push(problem) });
		const [a, b] = [await replica('a', source()), await replica('b', source())];
		await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 10, 'x'.repeat(200)));
		await until(() => equal([a, b]) && cups(b).total('CUP-L').get().minted === 10, 'equal', 20_000);
		expect(problems.map(({ message }) => message).join()).toContain('closed the room with 4413');
	}, 30_000);
});

describe('Somebody hostile in the room', () => {
	async function pair(options: Partial<YWebSocketOptions> = {}, start = stockServer) {
		const { server, room } = await serving(start);
		const problems: Error[] = [];
		const onProblem = (problem: Error): void => void problems.push(problem);
		const source = () => yWebSocket({ url: server.url, room, onProblem, ...options });
		const [a, b] = [await replica('a', source()), await replica('b', source())];
		await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 10, 'd0'));
		await until(() => equal([a, b]), 'equal');
		let deliveries = 0;
		const goesOn = async (withinMs = 5_000) => {
			await a.commit((tx) => tx.mint(cups(a), 'CUP-L', 1, `more-${++deliveries}`));
			await until(() => equal([a, b]), 'equal', withinMs);
			expect(cups(b).total('CUP-L').get().minted).toBe(10 + deliveries);
			expect([...a.check(), ...b.check()]).toEqual([]);
		};
		return { server, room, problems, goesOn, intruder: await intruder(server, room) };
	}

	test('writes anything into its own outbox and those of others: the others go on', async () => {
		const { intruder: own, goesOn } = await pair();
		const { doc, provider } = own;
		const random = seeded(3);
		const clients = [...provider.awareness.getStates().keys()].filter((client) => client !== doc.clientID);
		provider.awareness.setLocalState({ tillmesh: 'tea', device: 'mallory' });
		for (let i = 0; i < 300; i++) {
			const client = clients[i % 2] ?? 0;
			const name = outboxName(i % 3 === 0 ? client : doc.clientID);
			const junk = Uint8Array.from({ length: 40 }, () => Math.floor(random() * 256));
			const packet = item({
				kind: 'part',
				to: [{ client, from: 5, to: Math.floor(random() * 9), sequence: Math.floor(random() * 400) }],
				index: i % 3,
				count: 3,
				bytes: junk,
			});
			doc.getArray<unknown>(name).push([i % 5 === 0 ? { an: 'object' } : i % 2 === 0 ? junk : packet]);
			if (i % 50 === 0) {
				const other = new Y.Doc();
				other.getMap(name).set('key', 'value');
				Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
			}
			if (i % 7 === 0)
				doc.getArray<unknown>(name).push([item({ kind: 'hello', to: [{ client, from: i + 1, to: 0, sequence: i }] })]);
			if (i % 100 === 0) await goesOn();
		}
		await goesOn();
	}, 20_000);

	test('takes out what others have written: the others go on', async () => {
		const { intruder: own, goesOn } = await pair();
		const rob = (): void => {
			for (const name of own.doc.share.keys()) {
				const list = own.doc.getArray(name);
				if (list.length > 0) list.delete(0, list.length);
			}
		};
		own.doc.on('update', () => setTimeout(rob, 1));
		for (const name of [...own.provider.awareness.getStates().keys()].map(outboxName)) own.doc.getArray(name);
		for (let i = 0; i < 5; i++) await goesOn(9_000);
	}, 60_000);

	test('announces thousands of devices, and nonsense: the others go on', async () => {
		const { intruder: own, goesOn } = await pair();
		const { encoding } = await import('lib0');
		const states = [null, 5, 'text', [], {}, { tillmesh: 'tea' }, { tillmesh: 'tea', device: 7 }];
		const message = encoding.encode((encoder) => {
			encoding.writeVarUint(encoder, 1);
			const body = encoding.encode((inner) => {
				encoding.writeVarUint(inner, 3_000);
				for (let i = 0; i < 3_000; i++) {
					encoding.writeVarUint(inner, 1_000 + i);
					encoding.writeVarUint(inner, 1);
					encoding.writeVarString(inner, JSON.stringify(states[i] ?? { tillmesh: 'tea', device: `ghost-${i}` }));
				}
			});
			encoding.writeVarUint8Array(encoder, body);
		});
		(own.provider.ws as unknown as WebSocket).send(message);
		await pause(100);
		await goesOn();
	}, 20_000);

	test('writes under the id of another: that one comes back under a new one', async () => {
		const { intruder: own, goesOn, problems } = await pair();
		const [victim] = [...own.provider.awareness.getStates().keys()].filter((client) => client !== own.doc.clientID);
		const isNoticed = () => problems.some(({ message }) => message.includes('under our id'));
		// Where the victim has just written itself, the server passes the forgery over.
		for (let i = 0; i < 100 && !isNoticed(); i++) {
			own.doc.clientID = victim ?? 0;
			own.doc.getMap('x').set('y', i);
			await pause(100);
		}
		expect(isNoticed()).toBe(true);
		await goesOn(15_000);
	}, 30_000);

	test('fills the document: it is left, which frees its memory, and the till sells on', async () => {
		const { intruder: own, problems } = await pair({ documentBytesMax: 3_000_000 });
		for (let i = 0; i < 50; i++) {
			own.doc.getArray<Uint8Array>('flood').push([new Uint8Array(100_000).fill(i)]);
			await pause(1);
		}
		await until(() => problems.some(({ message }) => /has grown to \d{7} bytes/.test(message)), 'left');
		const alone = await openReplica({ chain: 'tea', name: 'x', keeps: ['stock/s'], storage: memory() });
		ends.push(() => alone.shutdown());
		expect((await alone.commit((tx) => tx.mint(cups(alone), 'CUP-L', 1, 'd9'))).ok).toBe(true);
	}, 20_000);
});

test('y-websocket missing: it finds nobody and says `unavailable`', async () => {
	vi.resetModules();
	vi.doMock('y-websocket', () => {
		throw new Error('Cannot find package');
	});
	const { yWebSocket: without } = await import('../../../adapters/y-websocket/index.js');
	const problems: unknown[] = [];
	const link = sourceAsLink(
		without({ url: 'ws://127.0.0.1:1', onProblem: (problem) => void problems.push(problem) }),
		'd',
		timers,
	);
	link.start({ up: () => {}, frame: () => {}, down: () => {} });
	await until(() => problems.length > 0, 'a problem');
	vi.doUnmock('y-websocket');
	vi.resetModules();
	expect(problems).toMatchObject([{ code: 'unavailable' }]);
	link.stop();
});
