import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createFreeDocuments, type FreeOptions } from '../../../adapters/relay/free/index.js';
import { loadDriver } from '../../../adapters/storage-sqlite/driver.js';
import { until } from '../../contract/check.js';

export type Database = FreeOptions['database'];

export async function memoryDatabase(): Promise<Database> {
	return (await loadDriver())(':memory:');
}

/** Documents on a port of 127.0.0.1, and stock clients of them. */
export class FreeServer {
	readonly url: string;
	readonly free: ReturnType<typeof createFreeDocuments>;
	readonly #http: ReturnType<typeof createServer>;
	readonly #providers: WebsocketProvider[] = [];
	readonly #sockets: WebSocket[] = [];

	private constructor(free: ReturnType<typeof createFreeDocuments>, http: ReturnType<typeof createServer>) {
		this.free = free;
		this.#http = http;
		this.url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
	}

	static async start(options: FreeOptions): Promise<FreeServer> {
		const free = createFreeDocuments(options);
		const http = createServer();
		http.on('upgrade', (request, socket, head) => free.handleUpgrade(request, socket, head));
		await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
		return new FreeServer(free, http);
	}

	/** A stock client that nothing was changed at. */
	client(name: string, doc = new Y.Doc()): { doc: Y.Doc; provider: WebsocketProvider } {
		const provider = new WebsocketProvider(`${this.url}/free`, name, doc, {
			WebSocketPolyfill: WebSocket as never, // ws has what the provider uses of the browser's class
			disableBc: true,
		});
		this.#providers.push(provider);
		return { doc, provider };
	}

	async synced(name: string, doc = new Y.Doc()): Promise<{ doc: Y.Doc; provider: WebsocketProvider }> {
		const client = this.client(name, doc);
		await until(() => client.provider.synced, `${name} is synced`);
		return client;
	}

	/** A socket that says what it likes. */
	async socket(path: string, options: { origin?: string } = {}): Promise<WebSocket & { closed: Promise<number> }> {
		const socket = new WebSocket(this.url + path, options);
		this.#sockets.push(socket);
		const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
		await new Promise<void>((resolve, reject) => {
			socket.on('open', () => resolve());
			socket.on('error', reject);
		});
		socket.on('error', () => {});
		return Object.assign(socket, { closed });
	}

	async stop(): Promise<void> {
		for (const provider of this.#providers) {
			provider.destroy();
			provider.awareness.destroy();
		}
		for (const socket of this.#sockets) socket.terminate();
		await this.free.close();
		this.#http.closeAllConnections();
		await new Promise((resolve) => this.#http.close(resolve));
	}
}
