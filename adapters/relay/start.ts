import { mkdirSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { openReplica, type Replica } from '../../src/index.js';
import type { Link } from '../../src/ports/link.js';
import type { Platform } from '../../src/ports/platform.js';
import { homeDonors } from '../../src/relay/home-donors.js';
import { type MetPeer, RelayCore } from '../../src/relay/relay-core.js';
import type { RowStore } from '../../src/relay/row-store.js';
import { openSealedRows } from '../../src/relay/sealed-rows.js';
import { memoryLink } from '../link-memory/index.js';
import { webSocket } from '../link-websocket/websocket.js';
import { encrypted } from '../storage-encrypted/index.js';
import { loadDriver, type SqliteHandle } from '../storage-sqlite/driver.js';
import { storageFailure } from '../storage-sqlite/failure.js';
import { sqlite } from '../storage-sqlite/sqlite.js';
import { relayPlatform } from './crypto.js';
import { Devices } from './devices.js';
import { Entrance, refuse } from './entrance.js';
import type { FreeDocuments } from './free/documents.js';
import { createRelayHttp } from './http/index.js';
import { type RelayOptions, type RelaySettings, settingsOf } from './options.js';
import { Report, waitingOf } from './report.js';
import { openRows } from './rows.js';
import { createRelayServer, listenOn, urlOf } from './server.js';
import type { RelayStatus } from './status.js';
import type { UpgradeRequest, UpgradeSocket } from './upgrade.js';

/** What the home hears at once: its syncs are on this thread too, and a sale waits for none of them. */
const homeTurnMs = 5;
/** Longer than this a closing relay does not wait for it: it asks for the rest when it opens. */
const homeHearsMs = 300;

export interface Relay extends AsyncDisposable {
	/** What tills connect to: `ws://127.0.0.1:7443`. */
	readonly url: string;
	status(): RelayStatus;
	/** Asks for new credentials by `trust.enrol`, for the relay and the home beside it. Throws `BadArgument` where they do not do. */
	renew(): Promise<void>;
	/** Takes a WebSocket upgrade: for whoever has an HTTP server of their own. */
	handleUpgrade(request: UpgradeRequest, socket: UpgradeSocket, head: Uint8Array): void;
	/**
	 * Lets nobody in any more, finishes what is going to disk and acknowledges it, says goodbye, closes its files. Nothing is
	 * acknowledged that is not on disk (SYN2). Idempotent.
	 */
	close(): Promise<void>;
}

/** How often who was seen is written down. */
const saveMs = 60_000;
/** After goodbyes were said, until sockets are ended: what was sent is on its way by then. */
const goodbyeMs = 20;

/**
 * Starts a relay: rows of the chain in `data/relay.db` (WAL, synchronous=FULL, group commit), the store's home replica in
 * `data/home.db`, documents `free/...` in `data/free.db`, a status page at its own address. It never opens a document for a
 * ledger, and keeps no ledger's rows in memory.
 *
 * Rejects with `AlreadyOpen` while another process has the folder (JRN1), `listen_failed`, `BadArgument`, `unavailable`
 * (no SQLite, no ws) or `StorageError`; a failed start leaves nothing open.
 *
 * ```ts
 * await using relay = await startRelay({ data: './data', chain: 'lily-tea', listen: ':7443', store: 'sh-014' });
 * ```
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
	const relay = new RunningRelay(settingsOf(options));
	try {
		await relay.start();
		return relay;
	} catch (error) {
		await relay.close();
		throw error;
	}
}

class RunningRelay implements Relay {
	readonly #s: RelaySettings;
	readonly #platform: Platform = relayPlatform();
	readonly #startedAtMs = this.#platform.clock.nowMs();
	readonly #entrance: Entrance;
	readonly #restored = { entries: 0, atMs: Number.NEGATIVE_INFINITY };
	#store: RowStore | undefined;
	#core: RelayCore | undefined;
	#home: Replica | undefined;
	#devices: Devices | undefined;
	#free: FreeDocuments | undefined;
	#freeDatabase: SqliteHandle | undefined;
	#server: Server | undefined;
	#report: Report | undefined;
	#upstreamSeenMs: number | undefined;
	#cancelSave = () => {};
	#failure: Error | undefined;
	#listening = false;
	#url = '';
	#closing: Promise<void> | undefined;

	constructor(settings: RelaySettings) {
		this.#s = settings;
		const accept = (link: Link) => (this.#listening ? this.#core?.peers.connect(link) : undefined);
		this.#entrance = new Entrance({ settings, platform: this.#platform, accept });
	}

	get url(): string {
		return this.#url;
	}

	async start(): Promise<void> {
		const { data, name, chain, role, limits, logger, trust } = this.#s;
		try {
			mkdirSync(data, { recursive: true, mode: 0o700 });
		} catch (error) {
			throw storageFailure(data, error);
		}
		this.#store = await this.#openStore(join(data, 'relay.db'));
		this.#core = await RelayCore.open({
			platform: this.#platform,
			store: this.#store,
			chain,
			name,
			role,
			limits,
			trust,
			donors: homeDonors(() => this.#home),
			restored: (from, ledger, entries) => this.#lost(from.peer?.name ?? '', ledger, entries),
			met: (session) => this.#met(session),
			crossed: ({ peer }) => {
				this.#entrance.count('refused');
				logger.warn({ device: peer?.device }, 'a device brought too much that was refused, and was hung up on');
			},
			failed: (error) => this.#failed(error),
		});
		this.#devices = new Devices(this.#store);
		await this.#openHome(this.#core);
		await this.#openFree();
		this.#report = this.#createReport(this.#core, this.#devices);
		await this.#openDoor();
		this.#connectUpstream(this.#core);
		this.#saveSoon();
		logger.info({ url: this.url, device: this.#core.device, role, chain }, 'relay listens');
	}

	status(): RelayStatus {
		if (!this.#report) throw new TypeError('a relay that never started has no status');
		return this.#report.status();
	}

	async renew(): Promise<void> {
		await this.#core?.renew();
		await this.#home?.renew();
	}

	handleUpgrade(...[request, socket, head]: Parameters<Relay['handleUpgrade']>): void {
		// The shapes in the declarations stand for Node's classes.
		this.#take(request as IncomingMessage, socket as Duplex, head);
	}

	#take(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
		const isFree = (request.url ?? '').startsWith('/free/');
		if (!isFree) this.#entrance.take(request, socket, head);
		else if (this.#free) this.#free.handleUpgrade(request, socket, head);
		else refuse(socket);
	}

	// ---- its parts ----

	async #openStore(path: string): Promise<RowStore> {
		const { name, key } = this.#s;
		const { crypto, random } = this.#platform;
		const rows = await openRows(path, `relay ${name}`);
		try {
			return await openSealedRows(rows, crypto, (length) => random.bytes(length), key);
		} catch (error) {
			await rows.close();
			throw error;
		}
	}

	/** The store's home: keeps shares at rest, grants them, writes checkpoints. In the same box, so it is no second archive. */
	async #openHome(core: RelayCore): Promise<void> {
		const { homes, chain, name, data, key, trust } = this.#s;
		if (homes.length === 0) return;
		const storage = sqlite(join(data, 'home.db'), { platform: this.#platform });
		const line = memoryLink({ timers: core.platform.timers, turnMs: homeTurnMs });
		this.#home = await openReplica({
			chain,
			name: `${name} home`,
			storage: key ? encrypted(storage, key) : storage,
			keeps: homes,
			home: homes,
			archive: false,
			...(trust && { trust }),
			links: [line.a],
		});
		core.peers.connect(line.b, { sameBox: true, host: core.sides.home });
	}

	/** What came last is in the home's file too: whoever looks into it next sees the same. */
	async #homeHears(): Promise<void> {
		for (let waitedMs = 0; waitedMs < homeHearsMs; waitedMs += homeTurnMs) {
			const sessions = [...(this.#core?.peers.sessions ?? [])];
			const home = sessions.find(({ peer }) => peer !== undefined && peer.device === this.#home?.device);
			if (!home?.inSync || home.unackedBytes === 0) return;
			await new Promise((resolve) => setTimeout(resolve, homeTurnMs));
		}
	}

	/** Stock y-websocket clients need packages that a relay without them does without. */
	async #openFree(): Promise<void> {
		const { free, data, origins, logger } = this.#s;
		if (!free) return;
		try {
			const { createFreeDocuments, openFreeDatabase } = await import('./free/index.js');
			this.#freeDatabase = openFreeDatabase(await loadDriver(), join(data, 'free.db'));
			this.#free = createFreeDocuments({ ...free, origins, database: this.#freeDatabase, log: logger });
		} catch (error) {
			if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw storageFailure('free.db', error);
			logger.warn({ error: String(error) }, 'documents free/ are off: a package is missing');
		}
	}

	async #openDoor(): Promise<void> {
		const { limits, server, tls, host, port, lang, logger } = this.#s;
		await this.#entrance.open();
		const failed = (error: unknown) => logger.error({ error: String(error) }, 'a page could not be made');
		const answer = createRelayHttp({ status: () => this.status(), lang, failed });
		this.#server = server ?? createRelayServer({ tls, connections: limits.connections, answer });
		this.#server.on('upgrade', this.#upgrade);
		if (!this.#server.listening) await listenOn(this.#server, port, host);
		this.#url = urlOf(this.#server);
		this.#listening = true;
	}

	readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
		this.#take(request, socket, head);

	#connectUpstream(core: RelayCore): void {
		const { upstream, logger } = this.#s;
		if (upstream.length === 0) return;
		const onProblem = (problem: Error) => logger.debug({ error: problem.message }, 'upstream is not reached');
		core.connectUp(webSocket(upstream, { onProblem }));
	}

	#createReport(core: RelayCore, devices: Devices): Report {
		return new Report({
			settings: this.#s,
			core,
			home: this.#home,
			devices,
			startedAtMs: this.#startedAtMs,
			url: () => this.url,
			listening: () => this.#listening,
			failure: () => this.#failure,
			free: () => this.#free?.status(),
			entrance: this.#entrance,
			restored: this.#restored,
			upstreamSeenMs: () => this.#upstreamSeenMs,
		});
	}

	// ---- what happens ----

	#met(session: MetPeer): void {
		const { peer, via } = session;
		if (!peer || !this.#core || peer.device === this.#home?.device) return;
		const seenMs = this.#platform.clock.nowMs();
		if (this.#core.isUp) this.#upstreamSeenMs = seenMs;
		this.#devices?.seen(peer.device, { name: peer.name, seenMs, via, waiting: waitingOf(this.#core, session) });
	}

	#lost(from: string, ledger: string, entries: number): void {
		this.#restored.entries += entries;
		this.#restored.atMs = this.#platform.clock.nowMs();
		this.#s.logger.error({ from, ledger, entries }, 'this disk has lost entries that it had acknowledged');
	}

	/** Nothing is acknowledged any more once the disk has failed (JRN5); its page stays, to say so. */
	#failed(error: unknown): void {
		const { logger } = this.#s;
		if (!isStorageFailure(error)) {
			logger.warn({ error: String(error) }, 'a frame could not be handled');
			return;
		}
		if (this.#failure) return;
		this.#failure = error;
		logger.error({ error: error.message }, 'the disk failed: nothing is acknowledged any more');
		this.#listening = false;
		this.#core?.peers.stop();
	}

	#saveSoon(): void {
		this.#cancelSave = this.#platform.timers.after(saveMs, () => void this.#save().then(() => this.#saveSoon()), true);
	}

	async #save(): Promise<void> {
		const core = this.#core;
		if (!core || this.#failure) return;
		for (const session of core.peers.primaries()) this.#met(session);
		await Promise.all([core.remember(), this.#devices?.save()]).catch((error: unknown) => this.#failed(error));
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		this.#listening = false;
		this.#cancelSave();
		const own = this.#s.server === undefined;
		this.#server?.off('upgrade', this.#upgrade);
		const closed = new Promise<void>((resolve) => {
			if (own && this.#server?.listening) this.#server.close(() => resolve());
			else resolve();
		});
		await this.#core?.settle();
		await this.#homeHears();
		await this.#save();
		this.#core?.peers.stop();
		await Promise.all([this.#free?.close(), new Promise((resolve) => setTimeout(resolve, goodbyeMs))]);
		this.#entrance.close();
		if (own) this.#server?.closeAllConnections();
		await closed;
		try {
			await this.#home?.shutdown();
		} finally {
			this.#freeDatabase?.close();
			await this.#store?.close();
			this.#s.logger.info({}, 'relay stopped');
		}
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}

function isStorageFailure(error: unknown): error is Error {
	return error instanceof Error && /^storage_/.test(String((error as { code?: unknown }).code));
}
