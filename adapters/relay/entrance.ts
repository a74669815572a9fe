import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Link } from '../../src/ports/link.js';
import type { Platform } from '../../src/ports/platform.js';
import { GuardedLink, type Traffic } from '../../src/relay/guarded-link.js';
import { Knocks } from '../../src/relay/quota.js';
import { type Door, openDoor } from '../link-websocket/door.js';
import type { RelaySettings } from './options.js';

export interface EntranceOptions {
	readonly settings: RelaySettings;
	readonly platform: Platform;
	/** Whoever was let in. Undefined where nobody is any more; else how to take it off again. */
	readonly accept: (link: Link) => (() => void) | undefined;
}

/** Where devices come in: who knocks too often stays outside, who asks too much is closed, and all of it is counted. */
export class Entrance {
	readonly #o: EntranceOptions;
	readonly #knocks: Knocks;
	#door: Door | undefined;
	readonly traffic: Traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, updatesOut: 0 };
	readonly connections = { open: () => this.#door?.connections ?? 0, accepted: 0 };
	/** Connections closed or not let in because of a limit, by limit. */
	readonly limitCloses = new Map<string, number>();
	/** Refused before anything was read as a frame, by reason. */
	readonly atDoor = { bad_upgrade: 0, bad_message: 0 };

	constructor(options: EntranceOptions) {
		this.#o = options;
		this.#knocks = new Knocks(options.settings.limits.connectionsPerSecond);
	}

	/** Fails with `unavailable` where the optional peer ws is missing. */
	async open(): Promise<void> {
		const { origins, limits, logger } = this.#o.settings;
		this.#door = await openDoor({
			origins,
			maxConnections: limits.connections,
			accept: (link) => this.#accept(link),
			admit: ({ socket }) => this.#admit(socket.remoteAddress ?? ''),
			refused: (status, { socket }) => {
				this.atDoor.bad_upgrade++;
				logger.debug({ status, remote: socket.remoteAddress }, 'upgrade refused');
			},
			broken: ({ kind }) => {
				this.atDoor.bad_message++;
				logger.debug({ via: kind }, 'a connection brought what is no message, and was closed');
			},
		});
	}

	take(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
		if (this.#door) this.#door.handleUpgrade(request, socket, Buffer.from(head));
		else refuse(socket);
	}

	/** Ends every connection. */
	close(): void {
		this.#door?.close();
	}

	#admit(address: string): number | undefined {
		if (this.#knocks.allow(address, this.#o.platform.clock.nowMs())) return undefined;
		this.count('connections');
		return 429;
	}

	/** A connection was closed because of this limit. */
	count(limit: string): void {
		this.limitCloses.set(limit, (this.limitCloses.get(limit) ?? 0) + 1);
	}

	#accept(link: Link): void {
		const { settings, platform, accept } = this.#o;
		let takeOff: (() => void) | undefined = () => {};
		const guarded = new GuardedLink(link, {
			platform,
			limits: settings.limits,
			traffic: this.traffic,
			crossed: (limit) => {
				this.count(limit);
				settings.logger.warn({ via: link.kind, limit }, 'a connection crossed a limit and was closed');
			},
			ended: () => takeOff?.(),
		});
		takeOff = accept(guarded);
		if (takeOff) this.connections.accepted++;
		else link.stop();
	}
}

export function refuse(socket: Duplex): void {
	socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
