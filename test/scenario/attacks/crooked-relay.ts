/**
 * A relay whose owner means ill: real rows, real keys and a good certificate, on a real socket, and somebody who sits between
 * its channel and its sessions, reads what it says to each device and bends it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { openDoor } from '../../../adapters/link-websocket/door.js';
import { relayPlatform } from '../../../adapters/relay/crypto.js';
import { openRows } from '../../../adapters/relay/rows.js';
import type { Link } from '../../../src/ports/link.js';
import { relayLimits } from '../../../src/relay/quota.js';
import { RelayCore } from '../../../src/relay/relay-core.js';
import { Channel } from '../../../src/sync/channel.js';
import { decodeFrame, encodeFrame, type Frame } from '../../../src/sync/frames.js';
import { folderOf } from '../real-lines.js';
import type { Stage } from './stage.js';

export type Way = 'in' | 'out';

/** A frame on its way, and by which device's line. */
export interface Passing {
	readonly way: Way;
	readonly device: string;
	readonly frame: Frame;
	readonly bytes: Uint8Array;
	/** Says something to the device that the relay did not. */
	answer(frame: Frame): void;
}

export interface CrookedRelay {
	readonly url: string;
	/** In the clear, as its owner sees it. */
	readonly seen: Passing[];
	/** What goes on in place of a frame; set to bend. */
	bend: (passing: Passing) => readonly Uint8Array[];
	readonly core: RelayCore;
	/** Hangs up on everybody: they come again. */
	hangUp(): void;
}

export const asItIs = ({ bytes }: Passing): readonly Uint8Array[] => [bytes];

export async function crookedRelay(stage: Stage): Promise<CrookedRelay> {
	const platform = relayPlatform();
	const rows = await openRows(`${folderOf()}/relay.db`, 'crooked');
	const nothing = () => {};
	const core = await RelayCore.open({
		platform,
		store: rows,
		chain: 'chain',
		name: 'crooked',
		role: 'store',
		limits: relayLimits,
		trust: stage.trust('relay'),
		donors: () => [],
		restored: nothing,
		met: nothing,
		failed: nothing,
	});
	const links = new Set<Link>();
	const relay: Omit<CrookedRelay, 'url'> & { url: string } = {
		url: '',
		seen: [],
		bend: asItIs,
		core,
		hangUp: () => {
			for (const link of links) link.stop();
			links.clear();
		},
	};
	const door = await openDoor({
		accept: (link) => {
			links.add(link);
			core.peers.connect(bent(new Channel(link, { platform }), relay));
		},
	});
	const server = createServer();
	server.on('upgrade', (request, socket, head) => door.handleUpgrade(request, socket, head));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(async () => {
		core.peers.stop();
		door.close();
		server.close();
		await core.settle();
		await rows.close();
	});
	relay.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return relay;
}

/** Encrypted already, so that the session above speaks through it in the clear. */
function bent(link: Link, relay: Pick<CrookedRelay, 'bend' | 'seen'>): Link {
	let device = '';
	const pass = (way: Way, bytes: Uint8Array, answer: Passing['answer']): readonly Uint8Array[] => {
		const frame = decodeFrame(bytes);
		if (!frame) return [bytes];
		if (way === 'in' && frame.kind === 'hello') device = frame.device;
		const passing = { way, device, frame, bytes, answer };
		relay.seen.push(passing);
		return relay.bend(passing);
	};
	return {
		kind: link.kind,
		private: true,
		stop: () => link.stop(),
		start(events) {
			let answer: Passing['answer'] = () => {};
			link.start({
				...events,
				up(end) {
					answer = (frame) => void end.send(encodeFrame(frame));
					events.up({
						...(end.binding && { binding: end.binding }),
						send: (bytes) => pass('out', bytes, answer).every((each) => end.send(each)),
						close: () => end.close(),
					});
				},
				frame(bytes) {
					for (const each of pass('in', bytes, answer)) events.frame(each);
				},
				down: () => events.down(),
			});
		},
	};
}
