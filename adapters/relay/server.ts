import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { BadArgument, TillmeshError } from '../../src/base/errors.js';
import { boundStrangers } from '../link-websocket/strangers.js';

/** Until a request is whole, TLS before it likewise. */
const handshakeTimeoutMs = 10_000;
/** Sockets that may wait for their handshake, beside those that have become links. */
const strangersMax = 512;
/** Of these, from one address: more would keep others out. */
const strangersOfOneMax = 256;

export interface ServerOptions {
	readonly tls: { readonly cert: string; readonly key: string } | undefined;
	readonly connections: number;
	readonly answer: RequestListener;
}

/** Fails with `BadArgument` for what is no certificate and key. */
export function createRelayServer({ tls, connections, answer }: ServerOptions): Server {
	const timeouts = {
		headersTimeout: handshakeTimeoutMs,
		requestTimeout: handshakeTimeoutMs,
		connectionsCheckingInterval: handshakeTimeoutMs / 4,
	};
	const server = tls ? createSecure(tls, timeouts, answer) : createServer(timeouts, answer);
	server.maxConnections = connections + strangersMax;
	boundStrangers(server, strangersOfOneMax);
	return server;
}

function createSecure(tls: NonNullable<ServerOptions['tls']>, timeouts: object, answer: RequestListener): Server {
	try {
		return createTlsServer({ ...timeouts, ...tls, handshakeTimeout: handshakeTimeoutMs }, answer);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new BadArgument('options.tls', `expected a certificate and its key as PEM text: ${why}.`);
	}
}

/** Fails with `listen_failed`. */
export async function listenOn(server: Server, port: number, host: string): Promise<void> {
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, host, () => {
				server.off('error', reject);
				resolve();
			});
		});
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException; // what a server emits
		throw new TillmeshError('listen_failed', `${host}:${port}: ${message}.`, { host, port, code }, error);
	}
}

/** With the address that it really listens on. */
export function urlOf(server: Server): string {
	const address = server.address();
	if (address === null || typeof address === 'string') return '';
	const { address: name, port, family } = address satisfies AddressInfo;
	const host = family === 'IPv6' ? `[${name}]` : name;
	// A server of https is a server of TLS; the types of http do not say so.
	return `${'setSecureContext' in server ? 'wss' : 'ws'}://${host}:${port}`;
}
