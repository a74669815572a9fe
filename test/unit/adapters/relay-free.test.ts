import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { createFreeDocuments, type FreeOptions } from '../../../adapters/relay/free/index.js';
import { showing, telling } from '../../../adapters/relay/free/wire.js';
import { pause, until } from '../../contract/check.js';
import { fromHex } from './free-samples.js';
import { FreeServer, memoryDatabase } from './relay-free-server.js';

const poison = '01024d0008010170017e844d000000';

const stops: (() => Promise<void>)[] = [];

async function start(options: Partial<FreeOptions> = {}): Promise<FreeServer> {
	const server = await FreeServer.start({ database: await memoryDatabase(), ...options });
	stops.push(() => server.stop());
	return server;
}

afterEach(async () => {
	vi.restoreAllMocks();
	for (const stop of stops.splice(0).reverse()) await stop();
});

const textOf = (doc: Y.Doc): string => doc.getText('t').toString();
const write = (doc: Y.Doc, text: string): void => doc.getText('t').insert(doc.getText('t').length, text);

describe('Documents free/ with the unmodified WebsocketProvider', () => {
	test('two clients write one document; another document is another', async () => {
		const server = await start();
		const a = await server.synced('notes/today');
		const b = await server.synced('notes/today');
		const other = await server.synced('notes/菜单 1');
		write(a.doc, 'milk ');
		await until(() => textOf(b.doc) === 'milk ', 'at b');
		write(b.doc, 'tea');
		write(other.doc, '珍珠');
		await until(() => textOf(a.doc) === 'milk tea', 'at a');
		expect(textOf(other.doc)).toBe('珍珠');
		await until(() => server.free.status().documents === 2, 'both on disk');
		expect(server.free.status()).toMatchObject({ documents: 2, loaded: 2, connections: 3, refused: {} });
	});

	test('what was written is there after a restart', async () => {
		const database = await memoryDatabase();
		const first = await FreeServer.start({ database });
		const { doc } = await first.synced('notes');
		write(doc, 'kept');
		await pause(30);
		await first.stop();
		const second = await start({ database });
		expect(textOf((await second.synced('notes')).doc)).toBe('kept');
		expect(second.free.status().documents).toBe(1);
	});

	test('a client that wrote while the relay was away brings it, also what it had heard from another tab', async () => {
		const server = await start();
		const a = await server.synced('notes');
		a.provider.disconnect();
		write(a.doc, 'offline');
		const b = await server.synced('notes');
		a.provider.connect();
		await until(() => textOf(b.doc) === 'offline', 'at b');
		// b writes after something of a tab that the relay does not know yet: it is asked for all that lacks.
		b.provider.disconnect();
		const tab = new Y.Doc();
		Y.applyUpdate(tab, Y.encodeStateAsUpdate(b.doc));
		write(tab, ', tab');
		Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(tab));
		write(b.doc, ', b');
		b.provider.connect();
		await until(() => textOf(a.doc) === 'offline, tab, b', 'at a');
	});

	test('an update that comes before what it names is asked for again, and nobody is closed', async () => {
		const server = await start();
		const a = await server.synced('notes');
		const b = await server.synced('notes');
		const tab = new Y.Doc();
		write(tab, 'from a tab');
		// As BroadcastChannel would: the provider itself does not send on what comes with its own origin.
		Y.applyUpdate(a.doc, Y.encodeStateAsUpdate(tab), a.provider);
		write(a.doc, ', then mine');
		await until(() => textOf(b.doc) === 'from a tab, then mine', 'at b');
		expect(server.free.status().refused).toEqual({});
	});

	test('awareness goes round, and whoever leaves is gone', async () => {
		const server = await start();
		const a = await server.synced('notes');
		const b = await server.synced('notes');
		a.provider.awareness.setLocalState({ name: 'Mei', cursor: 3 });
		await until(() => b.provider.awareness.getStates().get(a.doc.clientID)?.name === 'Mei', 'Mei at b');
		const late = await server.synced('notes');
		await until(() => late.provider.awareness.getStates().has(a.doc.clientID), 'Mei at a late client');
		a.provider.disconnect();
		await until(() => !b.provider.awareness.getStates().has(a.doc.clientID), 'Mei is gone');
	});

	test('a reader reads and cannot write; nobody else comes in, and a stock client does not come back', async () => {
		const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
		const asked: string[] = [];
		const server = await start({
			authorize: async ({ document, request }) => {
				asked.push(document);
				const as = new URL(request.url ?? '', 'http://x').pathname;
				if (as.endsWith('broken')) throw new Error('no directory today');
				return as.endsWith('secret') ? 'none' : asked.length === 1 ? 'write' : 'read';
			},
		});
		const writer = await server.synced('layout');
		const reader = await server.synced('layout');
		write(writer.doc, 'ours');
		await until(() => textOf(reader.doc) === 'ours', 'at the reader');
		write(reader.doc, ' or mine');
		await pause(50);
		expect(textOf(writer.doc)).toBe('ours');
		expect(warn.mock.calls.join()).toContain('read only');
		for (const name of ['secret', 'broken']) {
			const { provider } = server.client(name);
			const closed = await new Promise<{ code: number }>((resolve) => provider.on('closed', resolve));
			expect([closed.code, provider.shouldConnect]).toEqual([4403, false]);
		}
		expect(server.free.status().refused).toEqual({ forbidden: 2 });
	});

	test('a document leaves memory when nobody has it open, and comes back', async () => {
		const server = await start({ limits: { idleMs: 1 } });
		const a = await server.synced('notes');
		write(a.doc, 'kept');
		await pause(20);
		a.provider.disconnect();
		await until(() => server.free.status().loaded === 0, 'unloaded');
		expect(textOf((await server.synced('notes')).doc)).toBe('kept');
	});
});

describe('Hostile clients of documents free/', () => {
	test.each([
		['the 15 bytes that spoil a document for newcomers', telling(fromHex(poison)), 4400],
		['an update that ends too early', telling(Uint8Array.of(1, 1)), 4400],
		['no message', Uint8Array.of(), 4400],
		['a message of no known form', Uint8Array.of(9, 9, 9), 4400],
		['a state vector that cannot be read', Uint8Array.of(0, 0, 2, 9, 1), 4400],
		['awareness that is no JSON', showing(fromHex('01070101' + '7b')), 4400],
		['text', 'hello', 4400],
		['a message over the limit', new Uint8Array(1024 * 1024 + 1), 1009],
	])('are closed for %s, and the others go on', async (_, message, code) => {
		const server = await start();
		const honest = await server.synced('notes');
		write(honest.doc, 'ours');
		const socket = await server.socket('/free/notes');
		socket.send(message);
		expect(await socket.closed).toBe(code);
		write(honest.doc, ', still');
		const joined = await server.synced('notes');
		await until(() => textOf(joined.doc) === 'ours, still', 'at a newcomer');
		expect(honest.provider.wsUnsuccessfulReconnects).toBe(0);
		expect(server.free.status().connections).toBe(2);
	});

	test('other paths and names get no document', async () => {
		const server = await start();
		for (const path of ['/', '/free/', '/free', '/notes', '/free/%00', '/free/%zz', `/free/${'x'.repeat(300)}`])
			await expect(server.socket(path), path).rejects.toThrow('404');
	});

	test('a page of another origin gets none', async () => {
		const server = await start({ origins: ['https://till.example.com'] });
		const { host } = new URL(server.url);
		const from = (origin: string) => server.socket('/free/notes', { origin });
		for (const origin of ['https://evil.example.com', 'null', `http://${host}.evil.example.com`])
			await expect(from(origin), origin).rejects.toThrow('403');
		for (const origin of ['https://till.example.com', `http://${host}`]) (await from(origin)).close();
		expect(server.free.status().refused).toEqual({ origin: 3 });
	});

	test('nobody can speak for a client that another connection speaks for', async () => {
		const server = await start();
		const a = await server.synced('notes');
		const b = await server.synced('notes');
		a.provider.awareness.setLocalState({ name: 'Mei' });
		const named = () => b.provider.awareness.getStates().get(a.doc.clientID)?.name;
		await until(() => named() === 'Mei', 'Mei at b');
		const socket = await server.socket('/free/notes');
		const impostor = new Y.Doc();
		impostor.clientID = a.doc.clientID;
		const { Awareness, encodeAwarenessUpdate } = await import('y-protocols/awareness');
		const awareness = new Awareness(impostor);
		for (let i = 0; i < 20; i++) awareness.setLocalState({ name: 'Mallory' });
		socket.send(showing(encodeAwarenessUpdate(awareness, [impostor.clientID])));
		awareness.setLocalState(null);
		socket.send(showing(encodeAwarenessUpdate(awareness, [impostor.clientID], new Map())));
		awareness.destroy();
		socket.close();
		await socket.closed;
		await pause(30);
		expect(named()).toBe('Mei');
	});

	test('one connection speaks for a bounded number of clients, with bounded states', async () => {
		const server = await start({ limits: { awarenessClients: 2, awarenessBytes: 20 } });
		const honest = await server.synced('notes');
		const socket = await server.socket('/free/notes');
		const state = (client: number, text: string, clock = 1): Uint8Array =>
			showing(Uint8Array.of(1, client, clock, text.length, ...new TextEncoder().encode(text)));
		for (const client of [1, 2, 3, 4]) socket.send(state(client, '{}'));
		socket.send(state(1, `{"long":"${'x'.repeat(40)}"}`, 2));
		await until(() => honest.provider.awareness.getStates().size >= 3, 'two more');
		await pause(30);
		expect([...honest.provider.awareness.getStates().keys()].filter((id) => id < 10)).toEqual([1, 2]);
		expect(honest.provider.awareness.getStates().get(1)).toEqual({});
	});

	test('a flood of messages is slowed down, and the others are served', async () => {
		const server = await start({ limits: { messagesPerSecond: 50 } });
		const honest = await server.synced('notes');
		const socket = await server.socket('/free/notes');
		let answered = 0;
		socket.on('message', () => answered++);
		for (let i = 0; i < 5_000; i++) socket.send(Uint8Array.of(0, 0, 1, 0));
		await pause(300);
		write(honest.doc, 'on time');
		const joined = await server.synced('notes');
		await until(() => textOf(joined.doc) === 'on time', 'at a newcomer', 1_000);
		expect(answered).toBeLessThan(400);
	});

	test('SYN4 a reader that does not read is bounded in memory and gets one difference when it reads again', async () => {
		const server = await start({ limits: { bufferedBytes: 100_000, messagesPerSecond: 100_000 } });
		const writer = await server.synced('notes');
		const slow = await server.synced('notes');
		const socket = slow.provider.ws as unknown as { pause(): void; resume(): void };
		socket.pause();
		for (let i = 0; i < 60; i++) {
			writer.doc.getMap('m').set('blob', new Uint8Array(200_000).fill(i));
			await pause(1);
		}
		const watcher = await server.synced('notes');
		await until(() => watcher.doc.getMap<Uint8Array>('m').get('blob')?.[0] === 59, 'all at the relay');
		let received = 0;
		socket.resume();
		slow.doc.on('update', (update: Uint8Array) => {
			received += update.length;
		});
		await until(() => slow.doc.getMap<Uint8Array>('m').get('blob')?.[0] === 59, 'current again');
		// What the kernel's buffers had taken, and then one difference instead of 60 updates.
		expect(received).toBeLessThan(60 * 200_000);
	});

	test('limits of connections and documents', async () => {
		const server = await start({ limits: { documentConnections: 2, connections: 3, documents: 1, idleMs: 1 } });
		const first = await server.synced('a');
		await server.synced('a');
		write(first.doc, 'x');
		expect(await (await server.socket('/free/a')).closed).toBe(4503);
		await until(() => server.free.status().bytes >= 0 && server.free.status().connections === 2, 'two');
		await pause(300);
		expect(await (await server.socket('/free/b')).closed).toBe(4413);
		expect(server.free.status().refused).toMatchObject({ busy: 1, full: 1 });
	});

	test('JRN5 a disk that refuses ends it: everybody is closed, nobody comes in, and clients keep what they have', async () => {
		const database = await memoryDatabase();
		const server = await start({ database, limits: { saveMs: 5 } });
		const a = await server.synced('notes');
		database.exec('DROP TABLE free_update');
		write(a.doc, 'unsaved');
		await until(() => !a.provider.wsconnected, 'closed');
		expect(await (await server.socket('/free/notes')).closed).toBe(4503);
		expect(server.free.status().refused.disk).toBe(1);
		expect(textOf(a.doc)).toBe('unsaved');
	});

	test('who is closed over and over has to wait; who is there stays', async () => {
		const server = await start();
		const honest = await server.synced('notes');
		const codes: number[] = [];
		for (let i = 0; i < 30; i++) {
			const socket = await server.socket('/free/notes');
			socket.send(telling(fromHex(poison)));
			codes.push(await socket.closed);
		}
		expect(codes.slice(0, 20)).toEqual(Array(20).fill(4400));
		expect(codes.at(-1)).toBe(4503);
		expect(honest.provider.wsconnected).toBe(true);
	});

	test('permissions that are still looked up count as connections', async () => {
		const letIn: (() => void)[] = [];
		const server = await start({
			limits: { connections: 2 },
			authorize: () => new Promise((resolve) => letIn.push(() => resolve('write'))),
		});
		const asking = [server.socket('/free/a'), server.socket('/free/b')];
		await until(() => letIn.length === 2, 'both ask');
		expect(await (await server.socket('/free/c')).closed).toBe(4503);
		for (const each of letIn) each();
		await Promise.all(asking);
		await until(() => server.free.status().connections === 2, 'both are in');
	});

	test('an upgrade that breaks off in the middle leaves nothing behind', async () => {
		let letIn: (() => void) | undefined;
		const server = await start({
			authorize: () =>
				new Promise((resolve) => {
					letIn = () => resolve('write');
				}),
		});
		const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
		socket.on('error', () => {});
		socket.write(
			'GET /free/notes HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
		);
		await until(() => letIn !== undefined, 'asked');
		socket.destroy();
		await pause(20);
		letIn?.();
		await pause(20);
		expect(server.free.status().connections).toBe(0);
	});
});

test('createFreeDocuments closes twice without complaint', async () => {
	const free = createFreeDocuments({ database: await memoryDatabase() });
	await Promise.all([free.close(), free.close()]);
});
