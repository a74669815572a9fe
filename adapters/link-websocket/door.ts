import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import type { Link } from '../../src/ports/link.js';
import { ServerEnd } from './server-end.js';
import { loadWs, subprotocol, wsOptions } from './socket.js';

export interface DoorOptions {
	/** A link for each connection that was let in, not started yet. The request names who asks, and proves nothing. */
	accept(link: Link, request: IncomingMessage): void;
	/** The connection of that link is closed: it has been up and is down, or never will be up. */
	gone?(link: Link): void;
	/** The one path that is served. Default: every path. */
	readonly path?: string;
	/** Pages of these origins may connect besides those of the same host, such as `https://pos.example.com`. */
	readonly origins?: readonly string[];
	/** Default 1,024. */
	readonly maxConnections?: number;
	/** What may wait to be sent on one connection, in bytes; beyond it `send` answers false. Default 4 MiB. */
	readonly bufferedBytesMax?: number;
	/** Asked last: an HTTP status to refuse with, or undefined to let in. */
	admit?(request: IncomingMessage): number | undefined;
	/** Sent along with every answer, refusals too. */
	headers?(): Readonly<Record<string, string>>;
	/** Hears of every refusal. */
	refused?(status: number, request: IncomingMessage): void;
	/** Hears of every connection that was closed for what came by it: too large, in too many pieces, compressed, text. */
	broken?(link: Link): void;
}

export interface Door {
	/** Connections that are open now. */
	readonly connections: number;
	/** Takes an HTTP upgrade over: for whoever has an HTTP server of their own. The socket is refused or becomes a link. */
	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Lets nobody in any more and ends every link. */
	close(): void;
}

function isSameHost(origin: string, host: string | undefined): boolean {
	try {
		return new URL(origin).host === host;
	} catch {
		return false; // `null`: a sandboxed page or a file
	}
}

function speaksTillmesh({ headers }: IncomingMessage): boolean {
	const offered = headers['sec-websocket-protocol'] ?? '';
	return offered.split(',').some((name) => name.trim() === subprotocol);
}

const headerLines = (headers: Readonly<Record<string, string>>): string[] =>
	Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

function refuse(socket: Duplex, status: number, headers: readonly string[]): void {
	const why = STATUS_CODES[status] ?? '';
	const own = ['Connection: close', 'Content-Type: text/plain', `Content-Length: ${why.length}`];
	socket.on('error', () => {}); // gone before it heard the answer
	const answer = [`HTTP/1.1 ${status} ${why}`, ...own, ...headers, '', why];
	socket.end(answer.join('\r\n'), () => socket.destroy());
}

/** Fails with `unavailable` where the optional peer ws is missing. */
export async function openDoor(options: DoorOptions): Promise<Door> {
	const { WebSocketServer } = await loadWs();
	const server = new WebSocketServer({
		...wsOptions,
		noServer: true,
		clientTracking: false,
		handleProtocols: () => subprotocol,
	});
	server.on('headers', (lines) => lines.push(...headerLines(options.headers?.() ?? {})));
	return new OpenDoor(server, options);
}

class OpenDoor implements Door {
	readonly #server: WebSocketServer;
	readonly #options: DoorOptions;
	readonly #links = new Set<ServerEnd>();
	#closed = false;

	constructor(server: WebSocketServer, options: DoorOptions) {
		this.#server = server;
		this.#options = options;
	}

	get connections(): number {
		return this.#links.size;
	}

	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const status = this.#refusal(request);
		if (status !== undefined) {
			this.#options.refused?.(status, request);
			refuse(socket, status, headerLines(this.#options.headers?.() ?? {}));
			return;
		}
		this.#server.handleUpgrade(request, socket, head, (webSocket) => {
			const { remoteAddress, remotePort } = request.socket;
			const kind = `ws from ${remoteAddress}:${remotePort}`;
			const bufferedBytesMax = this.#options.bufferedBytesMax ?? 4 * 1024 * 1024;
			const broken = () => this.#options.broken?.(link);
			const link: ServerEnd = new ServerEnd(webSocket, socket, kind, bufferedBytesMax, broken);
			this.#links.add(link);
			webSocket.once('close', () => {
				this.#links.delete(link);
				this.#options.gone?.(link);
			});
			this.#options.accept(link, request);
		});
	}

	close(): void {
		this.#closed = true;
		for (const link of this.#links) link.stop();
	}

	#refusal(request: IncomingMessage): number | undefined {
		const { path, origins = [], maxConnections = 1024, admit } = this.#options;
		const { origin, host } = request.headers;
		if (path !== undefined && request.url?.split('?')[0] !== path) return 404;
		if (origin !== undefined && !origins.includes(origin) && !isSameHost(origin, host)) return 403;
		if (!speaksTillmesh(request)) return 400;
		if (this.#closed || this.#links.size >= maxConnections) return 503;
		return admit?.(request);
	}
}
