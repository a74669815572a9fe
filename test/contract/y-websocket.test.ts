import { afterAll, beforeAll, describe, test } from 'vitest';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { yWebSocket } from '../../adapters/y-websocket/index.js';
import { freeServer, stockServer, type YServer } from '../unit/adapters/y-websocket-servers.js';
import { linkContract, linkSourceContract } from './index.js';
import { sourceAsLink } from './source-as-link.js';

const { timers } = nodePlatform();
let rooms = 0;

describe.each([
	['@y/websocket-server', stockServer],
	["the relay's documents free/", freeServer],
])('y-websocket over %s', (_, start) => {
	let server: YServer;
	beforeAll(async () => {
		server = await start();
	});
	afterAll(() => server.stop());

	const source = (room: string) => yWebSocket({ url: server.url, room, maxBackoffMs: 200 });
	const line = () => ({ cut: () => server.cut(), heal: () => server.heal(), dispose: () => server.heal() });

	describe('finding', () => {
		linkSourceContract(() => {
			const room = `room/${rooms++}`;
			return { ...line(), create: () => source(room) };
		}, test);
	});

	describe('the links it finds', () => {
		linkContract(() => {
			const room = `room/${rooms++}`;
			const end = (device: string) => sourceAsLink(source(room), device, timers);
			return { ...line(), a: end('device-a'), b: end('device-b') };
		}, test);
	});
});
