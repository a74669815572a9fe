import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SqliteHandle } from '../../storage-sqlite/driver.js';
import { type RelayLogger, silentLogger } from '../logger.js';
import type { FreeTotals } from '../status.js';
import { Budget } from './budget.js';
import { type ConnectionHost, FreeConnection } from './connection.js';
import { FreeDocument } from './document.js';
import { type FreeLimits, freeLimits } from './limits.js';
import { Saver } from './saver.js';
import { FreeStore } from './store.js';
import { Strikes } from './strikes.js';
import { type Authorize, accessOf, documentOf, isAllowed } from './upgrade.js';
import { type CloseReason, closeCodes, denying, showing, telling } from './wire.js';

export interface FreeOptions {
	/** A handle that nobody else has a transaction open on: see `openFreeDatabase`. Closed by its owner. */
	readonly database: SqliteHandle;
	readonly limits?: Partial<FreeLimits> | undefined;
	/** Pages of these origins may connect besides those of the same host; what sends no `Origin` is no page. */
	readonly origins?: readonly string[] | undefined;
	/** Default: everybody may write. One that throws, rejects or takes longer than 10 s lets nobody in. */
	readonly authorize?: Authorize | undefined;
	readonly log?: RelayLogger | undefined;
}

export type { FreeAccess, FreeAsk } from './upgrade.js';

/** Ordinary Yjs documents for stock y-websocket clients: notes, layouts, menus. No money lives here. */
export interface FreeDocuments {
	/**
	 * Takes a WebSocket upgrade of the path `/free/<name>`. The name may have slashes; anything else is answered 404, a page
	 * of another origin 403.
	 */
	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
	status(): FreeTotals;
	/** Writes down what waits, says goodbye to everybody, and takes nobody in any more. Idempotent. */
	close(): Promise<void>;
}

const sweepMs = 1_000;

/**
 * Serves documents `free/...` with the wire of y-websocket 3. Everybody at a document gets what the relay took in, and what
 * it took in is on disk `saveMs` later; until then a crash loses it here, and clients bring it again.
 *
 * An update that cannot be read, or that Yjs throws at, closes its client with 4400 and changes nothing; one too many with
 * 4413; a client without permission gets 4403: a stock client does not come back after these. Parts that name unknown pieces
 * are dropped, and their sender is asked for all that is missing. Fails as SQLite does.
 */
export function createFreeDocuments(options: FreeOptions): FreeDocuments {
	return new Registry(options);
}

class Registry implements FreeDocuments, ConnectionHost {
	readonly limits: FreeLimits;
	readonly work: Budget;
	readonly store: FreeStore;
	readonly #saver: Saver;
	readonly #origins: readonly string[];
	readonly #log: RelayLogger;
	readonly #authorize: Authorize;
	readonly #server: WebSocketServer;
	readonly #open = new Map<string, { document: FreeDocument; connections: Set<FreeConnection>; idleSinceMs: number }>();
	readonly #refused = new Map<string, number>();
	readonly #strikes = new Strikes();
	readonly #sweep: NodeJS.Timeout;
	#connections = 0;
	/** Whose permission is being looked up. */
	#asking = 0;
	#pingedMs = Date.now();
	#isBroken = false;
	#closing: Promise<void> | undefined;

	constructor({ database, limits, origins, authorize, log }: FreeOptions) {
		this.limits = { ...freeLimits, ...limits };
		this.work = new Budget(this.limits.workMsPerSecond, Date.now());
		this.store = new FreeStore(database);
		this.#saver = new Saver(this.store, this.limits.saveMs, (error) => this.#break(error));
		this.#origins = origins ?? [];
		this.#log = log ?? silentLogger;
		this.#authorize = authorize ?? (() => 'write');
		this.#server = new WebSocketServer({
			noServer: true,
			clientTracking: false,
			maxPayload: this.limits.messageBytes,
			perMessageDeflate: false,
		});
		this.#sweep = setInterval(() => this.#tidy(), sweepMs);
		this.#sweep.unref();
	}

	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
		socket.on('error', () => socket.destroy());
		const document = documentOf(request);
		if (document === undefined || !isAllowed(request, this.#origins)) {
			this.#count(document === undefined ? 'path' : 'origin');
			const status = document === undefined ? '404 Not Found' : '403 Forbidden';
			socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
			return;
		}
		this.#admit(document, request).then((admission) => {
			if (socket.destroyed) return;
			this.#server.handleUpgrade(request, socket, Buffer.from(head), (client) => {
				const remote = request.socket.remoteAddress ?? '';
				if (typeof admission === 'string') this.#turnAway(client, admission, document, remote);
				else this.#welcome(client, document, remote, admission.mayWrite);
			});
		});
	}

	async #admit(document: string, request: IncomingMessage): Promise<CloseReason | { mayWrite: boolean }> {
		if (this.#isBusy() || this.#strikes.isOut(request.socket.remoteAddress ?? '', Date.now())) return 'busy';
		this.#asking++;
		const access = await accessOf({ document, request }, this.#authorize, (error) =>
			this.#log.error({ document, error: String(error) }, 'authorize failed; nobody is let in'),
		);
		this.#asking--;
		return access === 'none' ? 'forbidden' : { mayWrite: access === 'write' };
	}

	#isBusy(): boolean {
		const isFull = this.#connections + this.#asking >= this.limits.connections;
		return isFull || this.#isBroken || this.#closing !== undefined;
	}

	#welcome(client: WebSocket, name: string, remote: string, mayWrite: boolean): void {
		if (this.#isBusy()) {
			this.#turnAway(client, 'busy', name, remote);
			return;
		}
		let entry = this.#open.get(name);
		if (!entry) {
			const reason = this.#mayOpen(name);
			const document = reason ?? this.#read(name);
			if (typeof document === 'string') {
				this.#turnAway(client, document, name, remote);
				return;
			}
			entry = { document, connections: new Set(), idleSinceMs: Date.now() };
			this.#open.set(name, entry);
		}
		if (entry.connections.size >= this.limits.documentConnections) {
			this.#turnAway(client, 'busy', name, remote);
			return;
		}
		const connection = new FreeConnection(client, entry.document, remote, mayWrite, this);
		entry.connections.add(connection);
		this.#connections++;
		connection.greet();
	}

	#mayOpen(name: string): CloseReason | undefined {
		const isNew = this.store.bytesOf(name) === 0;
		if (isNew && this.store.documents >= this.limits.documents) return 'full';
		if (this.#open.size < this.limits.documentsLoaded) return undefined;
		for (const [idle, { connections }] of this.#open) if (connections.size === 0) this.#unload(idle);
		return this.#open.size < this.limits.documentsLoaded ? undefined : 'busy';
	}

	#read(name: string): FreeDocument | 'failed' {
		try {
			this.flush();
			return new FreeDocument(name, this);
		} catch (error) {
			this.#log.error({ document: name, error: String(error) }, 'a document cannot be read');
			return 'failed';
		}
	}

	#turnAway(client: WebSocket, reason: CloseReason, document: string, remote: string): void {
		this.#count(reason);
		this.#log.info({ document, remote, reason }, 'a client of a document was turned away');
		client.on('error', () => {});
		if (reason === 'forbidden') client.send(denying('no permission'));
		client.close(closeCodes[reason], reason);
		setTimeout(() => client.terminate(), 1_000).unref();
	}

	broadcast(document: FreeDocument, frame: Uint8Array): void {
		for (const connection of this.#open.get(document.name)?.connections ?? []) connection.send(frame);
	}

	told(document: FreeDocument, update: Uint8Array, from: FreeConnection): void {
		const frame = telling(update);
		let before: Uint8Array | undefined;
		const vector = (): Uint8Array => {
			before ??= document.vectorBefore(update);
			return before;
		};
		for (const connection of this.#open.get(document.name)?.connections ?? [])
			if (connection !== from) connection.tell(frame, vector);
	}

	refused(connection: FreeConnection, reason: CloseReason, what: string): void {
		this.#count(reason);
		this.#strikes.strike(connection.remote, Date.now());
		const { document, remote } = connection;
		this.#log.warn({ document: document.name, remote, reason, what }, 'a client of a document was closed');
	}

	ended(connection: FreeConnection): void {
		const { document } = connection;
		const entry = this.#open.get(document.name);
		if (!entry?.connections.delete(connection)) return;
		this.#connections--;
		entry.idleSinceMs = Date.now();
		const gone = document.presence.leave(connection);
		if (gone) this.broadcast(document, showing(gone));
	}

	save(name: string, update: Uint8Array): void {
		this.#saver.save({ name, update });
	}

	flush(): void {
		this.#saver.flush();
	}

	/** A disk that refuses ends it all: clients keep what they have, and bring it to the next start. */
	#break(error: unknown): void {
		this.#isBroken = true;
		this.#count('disk');
		this.#log.error({ error: String(error) }, 'documents cannot be written; closed until the next start');
		this.#closeAll('busy', 'the disk failed');
	}

	warn(document: string, what: string, error: unknown): void {
		this.#log.warn({ document, error: String(error) }, what);
	}

	#count(reason: string): void {
		this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
	}

	#tidy(): void {
		const nowMs = Date.now();
		const isPingTime = nowMs - this.#pingedMs >= this.limits.pingMs;
		if (isPingTime) this.#pingedMs = nowMs;
		for (const [name, { document, connections, idleSinceMs }] of this.#open) {
			if (connections.size === 0) {
				if (nowMs - idleSinceMs >= this.limits.idleMs) this.#unload(name);
				continue;
			}
			const silent = document.presence.expire(nowMs);
			if (silent) this.broadcast(document, showing(silent));
			for (const connection of connections) {
				connection.checkStalled(nowMs);
				if (isPingTime) connection.ping();
			}
		}
	}

	#unload(name: string): void {
		const entry = this.#open.get(name);
		if (!entry) return;
		this.flush();
		this.#open.delete(name);
		try {
			if (!this.#isBroken) entry.document.close();
		} catch (error) {
			this.#break(error);
		}
	}

	status(): FreeTotals {
		return {
			documents: this.store.documents,
			loaded: this.#open.size,
			connections: this.#connections,
			bytes: this.store.bytes,
			refused: Object.fromEntries(this.#refused),
		};
	}

	#closeAll(reason: CloseReason, what: string): void {
		for (const { connections } of this.#open.values())
			for (const connection of connections) connection.close(reason, what);
	}

	close(): Promise<void> {
		this.#closing ??= this.#end();
		return this.#closing;
	}

	async #end(): Promise<void> {
		this.flush();
		clearInterval(this.#sweep);
		this.#closeAll('goingAway', 'the relay stops');
		for (const end = Date.now() + 1_500; this.#connections > 0 && Date.now() < end; )
			await new Promise((resolve) => setTimeout(resolve, 10));
		for (const name of [...this.#open.keys()]) this.#unload(name);
	}
}
