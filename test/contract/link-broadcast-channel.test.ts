import { afterAll, beforeAll, describe, test } from 'vitest';
import { tabs } from '../../adapters/link-broadcast-channel/index.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { seeded } from './check.js';
import { linkContract, linkSourceContract } from './index.js';
import { sourceAsLink } from './source-as-link.js';

/** A BroadcastChannel that nothing leaves while it is cut. */
let isCut = false;
class Breakable extends BroadcastChannel {
	override postMessage(message: unknown): void {
		if (!isCut) super.postMessage(message);
	}
}
const { BroadcastChannel: original } = globalThis;
beforeAll(() => {
	globalThis.BroadcastChannel = Breakable;
});
afterAll(() => {
	globalThis.BroadcastChannel = original;
});

let names = 0;
const random = seeded(1);

const line = {
	cut() {
		isCut = true;
	},
	heal() {
		isCut = false;
	},
	dispose() {
		isCut = false;
	},
};

describe('link-broadcast-channel, finding', () => {
	linkSourceContract(() => {
		const name = `contract ${names++}`;
		return { ...line, create: () => tabs(name, { random, heartbeatMs: 20 }) };
	}, test);
});

describe('link-broadcast-channel, the links it finds', () => {
	const { timers } = nodePlatform();
	linkContract(() => {
		const name = `contract ${names++}`;
		const end = (device: string) => sourceAsLink(tabs(name, { random, heartbeatMs: 20 }), device, timers);
		return { ...line, a: end('device-a'), b: end('device-b') };
	}, test);
});
