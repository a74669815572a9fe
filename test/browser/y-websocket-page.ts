/** Runs in the page. What a test calls from outside hangs on `yPage`. */

import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { webPlatform } from '../../adapters/platform-web/index.js';
import { yWebSocket } from '../../adapters/y-websocket/index.js';
import { linkContract, linkSourceContract } from '../contract/index.js';
import { sourceAsLink } from '../contract/source-as-link.js';

const { timers } = webPlatform();
const tests = new Map<string, () => Promise<void>>();
const register = (name: string, run: () => Promise<void>) => tests.set(name, run);
let made = 0;
let server = '';

linkSourceContract(() => {
	const room = `finding/${made++}`;
	return { create: () => yWebSocket({ url: server, room }) };
}, register);

linkContract(() => {
	const room = `links/${made++}`;
	const end = (device: string) => sourceAsLink(yWebSocket({ url: server, room }), device, timers);
	return { a: end('device-a'), b: end('device-b') };
}, register);

const notes = new Y.Doc();

const api = {
	testNames: (): string[] => [...tests.keys()],

	/** Undefined where the test passes. */
	async runTest(name: string, url: string): Promise<string | undefined> {
		server = url;
		try {
			await tests.get(name)?.();
			return undefined;
		} catch (error) {
			return String((error as Error).stack ?? error);
		}
	},

	/** A stock client, as any page would make it. */
	openNotes(url: string): void {
		new WebsocketProvider(url, 'notes', notes);
	},

	write: (text: string): void => notes.getText('t').insert(0, text),
	read: (): string => notes.getText('t').toString(),

	/** Answers each frame of the one peer in the room with itself. */
	echo(url: string, room: string): void {
		let answer = (_: Uint8Array): void => {};
		sourceAsLink(yWebSocket({ url, room }), 'page', timers).start({
			up: (end) => {
				answer = (frame) => void end.send(frame);
			},
			frame: (frame) => answer(frame),
			down: () => {},
		});
	},
};

declare global {
	var yPage: typeof api;
}
// The name that the browser's driver waits for is the other page's.
Object.assign(globalThis, { yPage: api, tillmesh: {} });
