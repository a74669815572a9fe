import { describe, test } from 'vitest';
import { webSocket } from '../../adapters/link-websocket/index.js';
import { type Listening, listenWebSocket } from '../../adapters/link-websocket/listen.js';
import type { Link, LinkEvents } from '../../src/ports/link.js';
import { seeded } from './check.js';
import { type LinkUnderTest, linkContract } from './index.js';

/** What a server accepts, one connection after the other, as one link. */
class Accepting implements Link {
	readonly kind = 'accepting';
	#events: LinkEvents | undefined;
	#current: Link | undefined;
	#stopped = false;

	start(events: LinkEvents): void {
		this.#events = events;
		this.#current?.start(events);
	}

	stop(): void {
		this.#stopped = true;
		this.#current?.stop();
	}

	take(link: Link): void {
		this.#current = link;
		if (this.#stopped) link.stop();
		else if (this.#events) link.start(this.#events);
	}
}

interface Served extends LinkUnderTest {
	readonly client: Link;
	readonly accepting: Link;
}

/** A client and a server on loopback; a cut destroys their sockets and lets none in. */
async function serve(random: () => number): Promise<Served> {
	const accepting = new Accepting();
	const sockets = new Set<{ destroy(): void }>();
	let whole = true;
	const server: Listening = await listenWebSocket({
		admit: () => (whole ? undefined : 503),
		accept(link, { socket }) {
			sockets.add(socket);
			accepting.take(link);
		},
	});
	const client = webSocket(server.url, { random });
	return {
		client,
		accepting,
		a: client,
		b: accepting,
		cut() {
			whole = false;
			for (const socket of sockets) socket.destroy();
			sockets.clear();
		},
		heal() {
			whole = true;
		},
		dispose: () => server.close(),
	};
}

describe('link-websocket, from the client', () => {
	const random = seeded(1);
	linkContract(() => serve(random), test);
});

describe('link-websocket, from the server', () => {
	const random = seeded(2);
	linkContract(async () => {
		const served = await serve(random);
		return { ...served, a: served.accepting, b: served.client };
	}, test);
});
