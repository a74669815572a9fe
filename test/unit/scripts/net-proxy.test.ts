import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NetProxyOptions, startNetProxy } from '../../../scripts/net-proxy.js';

let echo: Server;
const ends: (() => unknown)[] = [];

beforeEach(async () => {
	echo = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
		socket.on('error', () => {}); // cut on purpose
		socket.pipe(socket);
	});
	echo.listen(0, '127.0.0.1');
	await once(echo, 'listening');
});

afterEach(async () => {
	for (const end of ends.splice(0)) await end();
	await new Promise((resolve) => echo.close(resolve));
});

async function startLine(options: Omit<NetProxyOptions, 'to'>) {
	const line = await startNetProxy({ to: (echo.address() as AddressInfo).port, ...options });
	ends.push(() => line.close());
	return line;
}

async function dial(port: number): Promise<Socket> {
	const socket = connect({ port, host: '127.0.0.1', noDelay: true });
	socket.on('error', () => {}); // cut on purpose
	await once(socket, 'connect');
	return socket;
}

/** `once` would reject where the end is an error. */
const closing = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

async function readAll(socket: Socket, bytes: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let count = 0;
	for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
		chunks.push(chunk as Buffer);
		count += (chunk as Buffer).length;
		if (count >= bytes) break;
	}
	return Buffer.concat(chunks);
}

test('what comes back has waited on both ways', async () => {
	const line = await startLine({ delayMs: 15 });
	const socket = await dial(line.port);
	const start = performance.now();
	socket.write('x');
	await readAll(socket, 1);
	expect(performance.now() - start).toBeGreaterThan(28);
});

test('bytes arrive whole, in order, no faster than the line, and are counted', async () => {
	const line = await startLine({ bytesPerSecond: 1_000_000, delayMs: 1 });
	const socket = await dial(line.port);
	const sent = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
	const start = performance.now();
	socket.write(sent);
	const back = await readAll(socket, sent.length);
	expect(performance.now() - start).toBeGreaterThan(190);
	expect(back.equals(sent)).toBe(true);
	expect(line.bytes).toEqual({ up: sent.length, down: sent.length });
});

test('an orderly end passes through, after what was sent before it', async () => {
	const line = await startLine({ delayMs: 5 });
	const socket = await dial(line.port);
	socket.end('goodbye');
	const chunks: Buffer[] = [];
	for await (const chunk of socket) chunks.push(chunk as Buffer);
	expect(Buffer.concat(chunks).toString()).toBe('goodbye');
});

test('a cut ends what is open and refuses what is new until it heals', async () => {
	const line = await startLine({});
	const socket = await dial(line.port);
	socket.write('x');
	await readAll(socket, 1);
	const closed = closing(socket);
	line.cut();
	await closed;
	const refused = connect({ port: line.port, host: '127.0.0.1' });
	refused.on('error', () => {}); // it is refused
	await closing(refused);
	expect(refused.bytesRead).toBe(0);
	line.heal();
	const again = await dial(line.port);
	again.write('y');
	expect((await readAll(again, 1)).toString()).toBe('y');
});
