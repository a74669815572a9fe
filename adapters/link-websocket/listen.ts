import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Door, type DoorOptions, openDoor } from './door.js';
import { boundStrangers } from './strangers.js';

export interface ListenOptions extends DoorOptions {
	/** Default `127.0.0.1`. */
	readonly host?: string;
	/** Default 0: a free one. */
	readonly port?: number;
	/** Certificate and key as PEM text: the URL is then `wss:`. */
	readonly tls?: { readonly cert: string; readonly key: string };
	/** An HTTP server to share. Where it listens already, its owner closes it, and `host`, `port` and `tls` say nothing. */
	readonly server?: Server;
	/** How long a client may take until its request is whole, TLS before it likewise. Default 10,000. */
	readonly handshakeTimeoutMs?: number;
}

export interface Listening extends Door {
	/** With the address that it really listens on; of `0.0.0.0` it names this machine alone. */
	readonly url: string;
	readonly port: number;
	/** Ends every link, stops listening, and resolves when no socket is left. Idempotent. */
	close(): Promise<void>;
}

/** Sockets that may wait for their handshake, beside those that have become links. */
const strangersMax = 128;
/** Of these, from one address: more would keep others out. */
const strangersOfOneMax = 64;

function createOwnServer(options: ListenOptions): Server {
	const { tls, maxConnections = 1024, handshakeTimeoutMs = 10_000 } = options;
	const timeouts = {
		headersTimeout: handshakeTimeoutMs,
		requestTimeout: handshakeTimeoutMs,
		connectionsCheckingInterval: Math.ceil(handshakeTimeoutMs / 4),
	};
	const answer = (_: IncomingMessage, response: ServerResponse): void => {
		response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
	};
	const server = tls
		? createTlsServer({ ...timeouts, ...tls, handshakeTimeout: handshakeTimeoutMs }, answer)
		: createServer(timeouts, answer);
	server.maxConnections = maxConnections + strangersMax;
	boundStrangers(server, strangersOfOneMax);
	return server;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
}

function urlOf(server: Server, path: string | undefined): URL {
	const { address, port, family } = server.address() as AddressInfo; // listens on TCP
	const host = family === 'IPv6' ? `[${address}]` : address;
	// A server of https is a server of TLS; the types of http do not say so.
	return new URL(path ?? '/', `${'setSecureContext' in server ? 'wss' : 'ws'}://${host}:${port}`);
}

/**
 * Listens for WebSockets and hands each over as a link. Refused, before anything else is read of it: a page of a foreign
 * origin (403), who does not speak `tillmesh.2` (400), another path (404), and more than `maxConnections` (503).
 * Rejects with the system's error where it cannot listen, and with `unavailable` where ws is missing.
 */
export async function listenWebSocket(options: ListenOptions): Promise<Listening> {
	const door = await openDoor(options);
	const server = options.server ?? createOwnServer(options);
	const own = !server.listening;
	if (own) await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
	const upgrade: Door['handleUpgrade'] = (request, socket, head) => door.handleUpgrade(request, socket, head);
	server.on('upgrade', upgrade);
	const url = urlOf(server, options.path);
	let closing: Promise<void> | undefined;
	const close = async (): Promise<void> => {
		door.close();
		server.off('upgrade', upgrade);
		if (!own) return;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		server.closeAllConnections();
		await closed;
	};
	return {
		url: url.href,
		port: Number(url.port),
		get connections() {
			return door.connections;
		},
		handleUpgrade: upgrade,
		close: () => (closing ??= close()),
	};
}
