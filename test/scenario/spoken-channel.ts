/** What a stranger says by hand goes through a channel, as what everybody says: else nobody would even read it. */
import type WebSocket from 'ws';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import type { LinkEnd, LinkEvents } from '../../src/ports/link.js';
import { Channel } from '../../src/sync/channel.js';

export class SpokenChannel {
	/** Of the exchange that stands. */
	end: LinkEnd | undefined;
	readonly opened: Promise<void>;

	constructor(socket: WebSocket, heard: (frame: Uint8Array) => void) {
		const start = (events: LinkEvents): void => {
			const up = () =>
				events.up({
					send(frame) {
						if (socket.readyState === socket.OPEN) socket.send(frame);
						return true;
					},
					close: () => socket.close(),
				});
			if (socket.readyState === socket.OPEN) up();
			else socket.once('open', up);
			socket.on('message', (data) => events.frame(new Uint8Array(data as ArrayBuffer))); // by `binaryType`
			socket.once('close', () => events.down());
		};
		const channel = new Channel({ kind: 'by hand', start, stop() {} }, { platform: nodePlatform() });
		this.opened = new Promise((resolve) => {
			channel.start({
				up: (end) => {
					this.end = end;
					resolve();
				},
				frame: heard,
				down: () => {
					this.end = undefined;
				},
			});
			socket.once('close', () => resolve()); // nothing will come of it
		});
	}

	send(frame: Uint8Array): void {
		this.end?.send(frame);
	}
}
