/** Runs in the page. What a test calls from outside hangs on `linksPage`. */

import { tabs } from '../../adapters/link-broadcast-channel/index.js';
import { messagePort } from '../../adapters/link-message-port/index.js';
import { webSocket } from '../../adapters/link-websocket/index.js';
import { webPlatform } from '../../adapters/platform-web/index.js';
import type { LinkSource } from '../../src/ports/link.js';
import { linkContract, linkSourceContract } from '../contract/index.js';
import { sourceAsLink } from '../contract/source-as-link.js';

const { timers } = webPlatform();
const tests = new Map<string, () => Promise<void>>();
const register = (suite: string) => (name: string, run: () => Promise<void>) => tests.set(`${suite}: ${name}`, run);
let made = 0;

/** `http://host:port` of the server that joins two sockets of one room. */
let rooms = '';
linkContract(async () => {
	const room = `room-${made++}`;
	const control = async (order: string): Promise<void> => {
		await fetch(`${rooms}/${order}?${room}`);
	};
	const url = `${rooms.replace('http', 'ws')}/?${room}`;
	return {
		a: webSocket(`${url}&a`),
		b: webSocket(`${url}&b`),
		cut: () => control('cut'),
		heal: () => control('heal'),
	};
}, register('link-websocket'));

linkContract(() => {
	const { port1, port2 } = new MessageChannel();
	return { a: messagePort(port1), b: messagePort(port2) };
}, register('link-message-port'));

linkSourceContract(() => {
	const name = `finding-${made++}`;
	return { create: () => tabs(name, { heartbeatMs: 20 }) };
}, register('link-broadcast-channel, finding'));

linkContract(() => {
	const name = `links-${made++}`;
	const end = (device: string) => sourceAsLink(tabs(name, { heartbeatMs: 20 }), device, timers);
	return { a: end('device-a'), b: end('device-b') };
}, register('link-broadcast-channel, its links'));

const said: string[] = [];
const found: LinkSource[] = [];

const api = {
	testNames: (): string[] => [...tests.keys()],

	/** Undefined where the test passes. */
	async runTest(name: string, roomsUrl: string): Promise<string | undefined> {
		rooms = roomsUrl;
		try {
			await tests.get(name)?.();
			return undefined;
		} catch (error) {
			return String((error as Error).stack ?? error);
		}
	},

	/** Looks for other tabs, says its name to each, and writes down what it hears. */
	meet(name: string): void {
		const source = tabs('real tabs', { heartbeatMs: 100 });
		found.push(source);
		const link = sourceAsLink(source, name, timers);
		link.start({
			up: (end) => {
				said.push('up');
				end.send(new TextEncoder().encode(`I am ${name}`));
			},
			frame: (bytes) => said.push(new TextDecoder().decode(bytes)),
			down: () => said.push('down'),
		});
	},

	said: (): string[] => said,
};

export type LinksPageApi = typeof api;
declare global {
	var linksPage: LinksPageApi;
}
// The name that the browser's driver waits for is the other page's.
Object.assign(globalThis, { linksPage: api, tillmesh: {} });
