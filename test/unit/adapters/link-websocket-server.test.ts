import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { framedLength, writeFramed } from '../../../adapters/link-websocket/framing.js';
import { type Listening, type ListenOptions, listenWebSocket } from '../../../adapters/link-websocket/listen.js';
import { TurnWriter } from '../../../adapters/link-websocket/turn.js';
import type { Link, LinkEnd } from '../../../src/ports/link.js';
import { pause, until } from '../../contract/check.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).reverse()) await step();
});

interface Server extends Listening {
	readonly links: Link[];
	readonly said: string[];
	readonly ends: LinkEnd[];
	readonly refused: number[];
}

async function serve(options: Partial<ListenOptions> = {}): Promise<Server> {
	const links: Link[] = [];
	const said: string[] = [];
	const ends: LinkEnd[] = [];
	const refused: number[] = [];
	const listening = await listenWebSocket({
		accept(link) {
			links.push(link);
			link.start({
				up: (end) => {
					ends.push(end);
					said.push('up');
				},
				frame: (bytes) => said.push(bytes.length < 10 ? bytes.join(' ') : `${bytes.length} bytes`),
				down: () => said.push('down'),
			});
		},
		refused: (status) => refused.push(status),
		...options,
	});
	undo.push(() => listening.close());
	return Object.assign(listening, { links, said, ends, refused });
}

interface Client {
	readonly socket: WebSocket;
	/** `open`, or the status that it was refused with. */
	readonly met: Promise<string>;
	/** The code that it was closed with. */
	readonly closed: Promise<number>;
}

function dial(url: string, options: { origin?: string; protocol?: string } = {}): Client {
	const { protocol = 'tillmesh.2', origin } = options;
	const socket = new WebSocket(url, protocol ? [protocol] : [], {
		perMessageDeflate: true,
		...(origin !== undefined && { origin }),
	});
	undo.push(() => socket.terminate());
	const met = new Promise<string>((resolve) => {
		socket.on('open', () => resolve('open'));
		socket.on('unexpected-response', (_, { statusCode }) => resolve(String(statusCode)));
		socket.on('error', ({ message }) => resolve(message));
	});
	const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
	return { socket, met, closed };
}

/** A socket that has shaken hands and then does what a test writes into it. */
async function rawClient(port: number): Promise<Socket> {
	const socket = connect(port, '127.0.0.1');
	undo.push(() => socket.destroy());
	socket.on('error', () => {});
	const lines = ['GET / HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
	const request = [
		...lines,
		'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
		'Sec-WebSocket-Protocol: tillmesh.2',
		'',
		'',
	];
	socket.write(request.join('\r\n'));
	await new Promise((resolve) => socket.once('data', resolve));
	return socket;
}

/** A client's frame, its mask all zeros. */
const piece = (first: number, payload: Uint8Array): Buffer =>
	Buffer.concat([Uint8Array.of(first, 0x80 | payload.length, 0, 0, 0, 0), payload]);

test('frames are laid out as RFC 6455 says, for lengths of every form', () => {
	const framed = (frame: Uint8Array): Buffer => {
		const bytes = Buffer.alloc(framedLength(frame.length) + 1, 0xee);
		writeFramed(bytes, 1, frame);
		expect(bytes[0]).toBe(0xee);
		return bytes.subarray(1);
	};
	expect([...framed(Uint8Array.of(1, 2, 3))]).toEqual([0x82, 3, 1, 2, 3]);
	const header = (length: number, bytes: number): number[] => [...framed(new Uint8Array(length)).subarray(0, bytes)];
	expect(header(0, 2)).toEqual([0x82, 0]);
	expect(header(125, 2)).toEqual([0x82, 125]);
	expect(header(126, 4)).toEqual([0x82, 126, 0, 126]);
	expect(header(65_535, 4)).toEqual([0x82, 126, 255, 255]);
	expect(header(65_536, 10)).toEqual([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
	expect(header(1024 * 1024, 10)).toEqual([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]);
});

test('what one gets in a turn is written at its end, together or in pieces', async () => {
	const wires = Array.from({ length: 2 }, () => new PassThrough());
	const written = wires.map((wire) => {
		const chunks: Buffer[] = [];
		wire.on('data', (chunk: Buffer) => chunks.push(chunk));
		return chunks;
	});
	const [a, b] = wires.map((wire) => new TurnWriter(wire));
	const large = new Uint8Array(10_000).fill(7);
	a?.write(Uint8Array.of(1));
	a?.write(Uint8Array.of(2, 2));
	b?.write(Uint8Array.of(1));
	b?.write(large);
	expect([a?.waitingBytes, b?.waitingBytes]).toEqual([7, 10_007]);
	expect(written).toEqual([[], []]);
	await new Promise((resolve) => setImmediate(resolve));
	expect(written[0]?.map((chunk) => [...chunk])).toEqual([[0x82, 1, 1, 0x82, 2, 2, 2]]);
	expect(Buffer.concat(written[1] ?? [])).toEqual(Buffer.from([0x82, 1, 1, 0x82, 126, 0x27, 0x10, ...large]));
	a?.write(Uint8Array.of(1));
	await new Promise((resolve) => setImmediate(resolve));
	expect([...(written[0]?.[1] ?? [])]).toEqual([0x82, 1, 1]);
});

test('what was sent just before close arrives before it', async () => {
	const server = await serve();
	const { socket, closed } = dial(server.url);
	const got: number[] = [];
	socket.on('message', (data: Buffer) => got.push(...data));
	await until(() => server.ends.length === 1, 'up');
	server.ends[0]?.send(Uint8Array.of(1));
	server.ends[0]?.send(Uint8Array.of(2));
	server.ends[0]?.close();
	expect([await closed, got]).toEqual([1000, [1, 2]]);
});

test('frames to many arrive whole at each, in order', async () => {
	const server = await serve();
	const clients = Array.from({ length: 5 }, () => dial(server.url));
	await until(() => server.ends.length === 5, 'five links');
	const got = clients.map(({ socket }) => {
		const frames: Buffer[] = [];
		socket.on('message', (data: Buffer) => frames.push(data));
		return frames;
	});
	const frames = [0, 1, 125, 126, 5_000, 70_000].map((length) => new Uint8Array(length).fill(length));
	for (const frame of frames) for (const end of server.ends) expect(end.send(frame)).toBe(true);
	await until(() => got.every(({ length }) => length === frames.length), 'frames');
	for (const received of got) expect(received.every((data, i) => data.equals(frames[i] ?? Buffer.of()))).toBe(true);
});

test('a page of a foreign origin is refused; of the same host, of a listed origin, and none are let in', async () => {
	const server = await serve({ origins: ['https://pos.example.com'] });
	const meet = (origin?: string): Promise<string> => dial(server.url, origin === undefined ? {} : { origin }).met;
	expect(await meet('https://evil.example')).toBe('403');
	expect(await meet('null')).toBe('403');
	expect(await meet('https://pos.example.com.evil.example')).toBe('403');
	expect(await meet()).toBe('open');
	expect(await meet(`http://127.0.0.1:${server.port}`)).toBe('open');
	expect(await meet('https://pos.example.com')).toBe('open');
	expect(server.refused).toEqual([403, 403, 403]);
});

test('who does not speak the subprotocol, another path, what is no WebSocket, and who is not admitted are refused', async () => {
	const server = await serve({ path: '/sync', admit: ({ url }) => (url?.endsWith('?who=me') ? undefined : 409) });
	const base = `ws://127.0.0.1:${server.port}`;
	expect(server.url).toBe(`${base}/sync`);
	expect(await dial(`${base}/sync?who=me`, { protocol: 'chat' }).met).toBe('400');
	expect(await dial(`${base}/sync?who=me`, { protocol: '' }).met).toBe('400');
	expect(await dial(`${base}/other?who=me`).met).toBe('404');
	expect(await dial(`${base}/sync?who=you`).met).toBe('409');
	expect(await dial(`${base}/sync?who=me`).met).toBe('open');
	expect((await fetch(`http://127.0.0.1:${server.port}/sync`)).status).toBe(426);
});

test('SYN4 beyond maxConnections nobody is let in until one has gone', async () => {
	const server = await serve({ maxConnections: 2 });
	const [first] = [dial(server.url), dial(server.url)];
	await until(() => server.connections === 2, 'two links');
	expect(await dial(server.url).met).toBe('503');
	first?.socket.close();
	await until(() => server.connections === 1, 'one gone');
	expect(await dial(server.url).met).toBe('open');
});

test('no compression is agreed on, whatever a client offers', async () => {
	const { socket, met } = dial((await serve()).url);
	await met;
	expect(socket.extensions).toBe('');
});

test('text, a frame over 1 MiB, and a flood of fragments end the connection, each with its code', async () => {
	const server = await serve();
	const offend = async (bad: (client: Client) => void): Promise<number> => {
		const client = dial(server.url);
		await client.met;
		bad(client);
		return client.closed;
	};
	expect(await offend(({ socket }) => socket.send('text'))).toBe(1003);
	expect(await offend(({ socket }) => socket.send(new Uint8Array(1024 * 1024 + 1)))).toBe(1009);
	const flood = ({ socket }: Client): void => {
		for (let i = 0; i < 1_000; i++) socket.send(Uint8Array.of(1), { fin: false });
	};
	expect(await offend(flood)).toBe(1008);
	await until(() => server.connections === 0, 'all gone');
	expect(server.said).toEqual(['up', 'down', 'up', 'down', 'up', 'down']);
});

test('a frame in pieces is one frame; pieces without content and half a frame leave no trace', async () => {
	const server = await serve();
	const client = await rawClient(server.port);
	client.write(
		Buffer.concat([piece(0x02, Uint8Array.of(1)), piece(0x00, Uint8Array.of()), piece(0x80, Uint8Array.of(2))]),
	);
	await until(() => server.said.includes('1 2'), 'the frame');
	for (let i = 0; i < 1_000; i++) client.write(piece(i === 0 ? 0x02 : 0x00, Uint8Array.of()));
	await until(() => server.said.includes('down'), 'the flood is refused');
	const half = await rawClient(server.port);
	half.end(piece(0x82, Uint8Array.of(1, 2, 3)).subarray(0, 7));
	await until(() => server.said.length === 5, 'the second is down');
	expect(server.said).toEqual(['up', '1 2', 'down', 'up', 'down']);
});

test('SYN4 what waits for a reader that never reads is bounded: send says false, and true again once it reads', async () => {
	const server = await serve({ bufferedBytesMax: 1024 * 1024 });
	const { socket, met } = dial(server.url);
	await met;
	socket.pause();
	await until(() => server.ends.length === 1, 'up');
	const frame = new Uint8Array(64 * 1024);
	let taken = 0;
	for (let quiet = 0; quiet < 20; ) {
		if (server.ends[0]?.send(frame)) taken++;
		else quiet++;
		if (taken % 8 === 0 || quiet > 0) await pause(1);
		expect(taken).toBeLessThan(1_000);
	}
	let got = 0;
	socket.on('message', () => got++);
	socket.resume();
	await until(() => got === taken, 'all that was taken');
	expect(server.ends[0]?.send(frame)).toBe(true);
});

test('who says nothing, or half a request, is hung up on', async () => {
	const server = await serve({ handshakeTimeoutMs: 200 });
	for (const opening of ['', 'GET / HTTP/1.1\r\nHost: x\r\n']) {
		const socket = connect(server.port, '127.0.0.1');
		undo.push(() => socket.destroy());
		const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
		socket.on('data', () => {});
		socket.write(opening);
		await ended;
	}
});

test('a link that was not started yet loses nothing, and one that ends before has never been up', async () => {
	const links: Link[] = [];
	const server = await serve({ accept: (link) => links.push(link) });
	const { socket, met } = dial(server.url);
	await met;
	socket.send(Uint8Array.of(1));
	await pause(20);
	const said: string[] = [];
	const events = {
		up: () => said.push('up'),
		frame: (bytes: Uint8Array) => said.push(bytes.join()),
		down: () => said.push('down'),
	};
	links[0]?.start(events);
	await until(() => said.includes('1'), 'the frame that came before');
	expect(said).toEqual(['up', '1']);
	const early = dial(server.url);
	await early.met;
	links[1]?.stop();
	links[1]?.start(events);
	expect(await early.closed).toBe(1001);
	expect(said).toEqual(['up', '1']);
});

test('close ends every link, lets nobody in, and resolves when the port is free', async () => {
	const server = await serve();
	const { closed, met } = dial(server.url);
	await met;
	await until(() => server.ends.length === 1, 'up');
	await Promise.all([server.close(), server.close()]);
	expect([await closed, server.said]).toEqual([1001, ['up', 'down']]);
	await until(() => server.connections === 0, 'no link left');
	expect(await dial(server.url).met).toContain('ECONNREFUSED');
	const again = await serve({ port: server.port });
	expect(again.port).toBe(server.port);
});

test('half requests of one address without end keep no other address out', async () => {
	const { url, port } = await serve({ maxConnections: 4 });
	let open = 0;
	for (let i = 0; i < 200; i++) {
		const half = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
		undo.push(() => half.destroy());
		half.on('error', () => {});
		half.on('connect', () => {
			open++;
			half.write('GET / HTTP/1.1\r\nX-Slow: ');
		});
		half.on('close', () => open--);
	}
	await until(() => open > 0 && open <= 64, 'most of them are closed');
	expect(await dial(url).met).toBe('open');
});
