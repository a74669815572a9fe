/** Somebody on the LAN between a till and a relay: takes the till's connection for the relay, and dials the relay for the till. */
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import type { Link, LinkEnd, LinkEvents } from '../../src/ports/link.js';
import { Channel } from '../../src/sync/channel.js';

export type Way = 'up' | 'down';

export interface PasserBy {
	readonly url: string;
	/** Every message that passed, as it was under the WebSocket's own masks. */
	readonly seen: { readonly way: Way; readonly bytes: Uint8Array }[];
}

const subprotocol = 'tillmesh.2';
const bytesOf = (data: WebSocket.RawData): Uint8Array => new Uint8Array(data as ArrayBuffer); // by `binaryType`

async function between(relayUrl: string, meet: (till: WebSocket, relay: WebSocket) => void): Promise<string> {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => subprotocol });
	await new Promise((resolve) => server.once('listening', resolve));
	onTestFinished(() => {
		for (const client of server.clients) client.terminate();
		server.close();
	});
	server.on('connection', (till) => {
		const relay = new WebSocket(relayUrl, subprotocol, { perMessageDeflate: false });
		for (const [one, other] of [
			[till, relay],
			[relay, till],
		] as const) {
			one.binaryType = 'arraybuffer';
			one.on('error', () => {}); // a close follows
			one.on('close', () => other.terminate());
		}
		meet(till, relay);
	});
	return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Passes messages on: as they are, or as `bend` answers them. */
export async function passerBy(
	relayUrl: string,
	bend: (bytes: Uint8Array, way: Way) => readonly Uint8Array[] = (bytes) => [bytes],
): Promise<PasserBy> {
	const seen: PasserBy['seen'] = [];
	const url = await between(relayUrl, (till, relay) => {
		const early: Uint8Array[] = [];
		const pass = (to: WebSocket, way: Way) => (data: WebSocket.RawData) => {
			seen.push({ way, bytes: bytesOf(data) });
			for (const each of bend(bytesOf(data), way)) {
				if (to.readyState === WebSocket.CONNECTING) early.push(each);
				else if (to.readyState === WebSocket.OPEN) to.send(each);
			}
		};
		till.on('message', pass(relay, 'up'));
		relay.on('message', pass(till, 'down'));
		relay.on('open', () => {
			for (const each of early.splice(0)) relay.send(each);
		});
	});
	return { url, seen };
}

const linkOver = (socket: WebSocket): Link => ({
	kind: 'in the middle',
	stop() {},
	start(events: LinkEvents) {
		const up = () => {
			socket.on('message', (data) => events.frame(bytesOf(data)));
			events.up({
				send(frame) {
					if (socket.readyState === WebSocket.OPEN) socket.send(frame);
					return true;
				},
				close: () => socket.close(),
			});
		};
		if (socket.readyState === WebSocket.OPEN) up();
		else socket.once('open', up);
	},
});

/** Runs an exchange of keys with each of the two, reads all that they say, and passes it on. */
export async function manInTheMiddle(relayUrl: string): Promise<PasserBy> {
	const seen: PasserBy['seen'] = [];
	const url = await between(relayUrl, (till, relay) => {
		const ends: { up?: LinkEnd; down?: LinkEnd } = {};
		const early: Uint8Array[] = [];
		const join = (socket: WebSocket, mine: Way, theirs: Way) =>
			new Channel(linkOver(socket), { platform: nodePlatform() }).start({
				up: (end) => {
					ends[mine] = end;
					for (const frame of early.splice(0)) end.send(frame);
				},
				frame(bytes) {
					seen.push({ way: theirs, bytes });
					if (ends[theirs]) ends[theirs].send(bytes);
					else early.push(bytes);
				},
				down() {},
			});
		join(till, 'down', 'up');
		join(relay, 'up', 'down');
	});
	return { url, seen };
}
