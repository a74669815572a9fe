import { createSocket } from 'node:dgram';
import { describe, test } from 'vitest';
import { lan } from '../../adapters/link-lan/index.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { seeded } from './check.js';
import { linkContract, linkSourceContract } from './index.js';
import { AcceptedSockets, Announcements } from './lan-stage.js';
import { sourceAsLink } from './source-as-link.js';

const random = seeded(1);
const host = '127.0.0.1';

function stage() {
	const announcements = new Announcements();
	const sockets = new AcceptedSockets();
	return {
		create: () => lan({ host, random, discovery: announcements.discovery() }),
		cut: () => sockets.cut(),
		heal: () => sockets.heal(),
		dispose: () => sockets.dispose(),
	};
}

describe('link-lan, finding by announcements of a test', () => {
	linkSourceContract(stage, test);
});

describe('link-lan, the links it finds', () => {
	const { timers } = nodePlatform();
	linkContract(() => {
		const { create, ...line } = stage();
		return { ...line, a: sourceAsLink(create(), 'device-a', timers), b: sourceAsLink(create(), 'device-b', timers) };
	}, test);
});

/** Whether this machine lets a process hear its own multicast on loopback. */
async function hearsMulticast(): Promise<boolean> {
	const socket = createSocket({ type: 'udp4', reuseAddr: true });
	try {
		return await new Promise<boolean>((resolve, reject) => {
			setTimeout(() => resolve(false), 1_000);
			socket.on('error', reject);
			socket.on('message', () => resolve(true));
			socket.bind(0, '0.0.0.0', () => {
				socket.addMembership('224.0.0.251', host);
				socket.setMulticastInterface(host);
				socket.send('heard', socket.address().port, '224.0.0.251');
			});
		});
	} catch {
		return false;
	} finally {
		socket.close();
	}
}

// Left out and not skipped where there is no multicast: the announcements above stand for the same rules.
if (await hearsMulticast())
	describe('link-lan, finding by mDNS on loopback', () => {
		linkSourceContract(() => ({ create: () => lan({ host, random }) }), test);
	});
