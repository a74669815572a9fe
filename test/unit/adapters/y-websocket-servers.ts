import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setupWSConnection } from '@y/websocket-server/utils';
import { WebSocketServer } from 'ws';
import { createFreeDocuments, type FreeOptions } from '../../../adapters/relay/free/index.js';
import { memoryDatabase } from './relay-free-server.js';

/** A y-websocket server on a port of 127.0.0.1, and a line to it that can be cut. */
export interface YServer {
	readonly url: string;
	/** What has gone through it, in bytes, in either direction. */
	readonly bytes: () => number;
	cut(): void;
	heal(): void;
	stop(): Promise<void>;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

async function serve(path: string, upgrade: Upgrade, close: () => Promise<void> | void): Promise<YServer> {
	const sockets = new Set<Duplex>();
	let isCut = false;
	let closedBytes = 0;
	const bytesOf = (socket: Duplex): number => {
		const { bytesRead = 0, bytesWritten = 0 } = socket as { bytesRead?: number; bytesWritten?: number };
		return bytesRead + bytesWritten;
	};
	const http = createServer();
	http.on('upgrade', (request, socket: Duplex, head) => {
		if (isCut) {
			socket.destroy();
			return;
		}
		sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => {
			closedBytes += bytesOf(socket);
			sockets.delete(socket);
		});
		upgrade(request, socket, head);
	});
	await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
	const cut = (): void => {
		isCut = true;
		for (const socket of sockets) socket.destroy();
	};
	return {
		url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}${path}`,
		bytes: () => [...sockets].reduce((sum, socket) => sum + bytesOf(socket), closedBytes),
		cut,
		heal: () => {
			isCut = false;
		},
		stop: async () => {
			cut();
			await close();
			http.closeAllConnections();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}

/** `@y/websocket-server`, as it is. */
export function stockServer(): Promise<YServer> {
	const server = new WebSocketServer({ noServer: true });
	return serve(
		'',
		(request, socket, head) =>
			server.handleUpgrade(request, socket, head, (client) => setupWSConnection(client, request)),
		() => server.close(),
	);
}

/** Our relay's documents. */
export async function freeServer(options: Partial<FreeOptions> = {}): Promise<YServer> {
	const free = createFreeDocuments({ database: await memoryDatabase(), ...options });
	return serve(
		'/free',
		(request, socket, head) => free.handleUpgrade(request, socket, head),
		() => free.close(),
	);
}
