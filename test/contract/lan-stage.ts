import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Announcement, Discovery, DiscoveryEvents } from '../../adapters/link-lan/index.js';

/** A network's announcements without a network: everybody sees everybody, also those who came before. */
export class Announcements {
	readonly #here = new Map<Announcement, DiscoveryEvents>();
	readonly #host: string;

	constructor(host = '127.0.0.1') {
		this.#host = host;
	}

	discovery(): Discovery {
		return {
			start: (own, events) => {
				this.#here.set(own, events);
				for (const other of this.#here.keys()) events.seen({ ...other, addresses: [this.#host] });
				this.announce(own);
				return () => this.#here.delete(own);
			},
		};
	}

	announce(announcement: Announcement): void {
		for (const { seen } of this.#here.values()) seen({ ...announcement, addresses: [this.#host] });
	}
}

/** The sockets that servers of this process accept, so that a test can cut them. */
export class AcceptedSockets {
	readonly #sockets = new Set<Socket>();
	#isCut = false;
	readonly #accepted = (message: unknown): void => {
		const { socket } = message as { socket: Socket };
		if (this.#isCut) socket.destroy();
		else this.#sockets.add(socket);
	};

	constructor() {
		subscribe('net.server.socket', this.#accepted);
	}

	cut(): void {
		this.#isCut = true;
		for (const socket of this.#sockets) socket.destroy();
		this.#sockets.clear();
	}

	heal(): void {
		this.#isCut = false;
	}

	dispose(): void {
		unsubscribe('net.server.socket', this.#accepted);
	}
}
