import type { IncomingHttpHeaders } from 'node:http';
import type { DeviceId } from '../../src/base/ids.js';
import type { Link, Meeting } from '../../src/ports/link.js';
import type { WebSocketClient } from '../link-websocket/client.js';
import { loadWs, type Socket, subprotocol, wsOptions } from '../link-websocket/socket.js';
import { clientOf } from '../link-websocket/websocket.js';
import type { Sighting } from './discovery.js';
import { answeredDevice, introduced } from './hints.js';
import { watched } from './watched.js';

/** Devices that are dialled at most; a network that announces more has something wrong with it. */
const neighboursMax = 256;

/** Dials; `welcome` sees the answer, a refusal too, and may hang up before the connection is open. */
export type DialLan = (url: string, welcome: (headers: IncomingHttpHeaders) => boolean) => Socket;

/** Fails with `unavailable` where ws is missing: a WebSocket that is a global shows nobody the answer's headers. */
export async function loadDialLan(): Promise<DialLan> {
	const { WebSocket } = await loadWs();
	return (url, welcome) => {
		const socket = new WebSocket(url, subprotocol, wsOptions);
		socket.once('upgrade', ({ headers }) => {
			if (!welcome(headers)) socket.terminate();
		});
		// Listened to, a refusal is ours to end; what it said is the reason that is shown.
		socket.once('unexpected-response', (_, { statusCode, headers }) => {
			socket.emit('error', new Error(`the other side answered ${statusCode}`));
			welcome(headers);
			socket.terminate();
		});
		return socket as Socket; // has the standard's events and properties
	};
}

/** Somebody whom this device dials, by a link of its own that keeps trying. */
interface Neighbour {
	/** Undefined for an address from the configuration: there may be anybody. */
	readonly expected: DeviceId | undefined;
	urls: readonly string[];
	/** Who answered last. */
	device: DeviceId | undefined;
	isUp: boolean;
	readonly link: WebSocketClient;
	takeOff: () => void;
}

export interface NeighboursParts {
	readonly meeting: Meeting;
	/** Stands for the chain. */
	readonly chain: string;
	readonly random: () => number;
	readonly dial: DialLan;
	readonly onProblem: (problem: Error) => void;
	/** Brings a link to the replica; answers how to take it off. */
	bring(link: Link): () => void;
}

/** Whom this device dials. */
export class Neighbours {
	readonly #parts: NeighboursParts;
	readonly #dialled: Neighbour[] = [];

	constructor(parts: NeighboursParts) {
		this.#parts = parts;
	}

	/** A device that was found. Seen again, perhaps at another address, it is tried at once. */
	see({ device, addresses, port }: Sighting): void {
		const urls = addresses.map((host) => `ws://${host.includes(':') ? `[${host}]` : host}:${port}/`);
		const known = this.#dialled.find(({ expected }) => expected === device);
		if (!known) this.#dial(device, urls);
		else {
			known.urls = urls;
			known.link.hurry();
		}
	}

	/** An address from the configuration. */
	name(url: string): void {
		this.#dial(undefined, [url]);
	}

	/** Whether a link to it that was dialled here is up. */
	reaches(device: DeviceId): boolean {
		return this.#dialled.some((neighbour) => neighbour.device === device && neighbour.isUp);
	}

	#dial(expected: DeviceId | undefined, urls: readonly string[]): void {
		if (this.#dialled.length >= neighboursMax) return;
		const { meeting, random, onProblem, dial, chain, bring } = this.#parts;
		const link = clientOf(
			() => neighbour.urls.map((url) => introduced(url, { chain, device: meeting.device })),
			{ timers: meeting.timers, random, onProblem },
			(url) => dial(url, (headers) => this.#isWelcome(neighbour, answeredDevice(headers))),
		);
		const neighbour: Neighbour = { expected, urls, device: undefined, isUp: false, link, takeOff: () => {} };
		this.#dialled.push(neighbour);
		neighbour.takeOff = bring(
			watched(link, (isUp) => {
				neighbour.isUp = isUp;
			}),
		);
	}

	/** At an address may be somebody else by now, this device itself, or one that another link from here reaches already. */
	#isWelcome(neighbour: Neighbour, device: DeviceId | undefined): boolean {
		const own = this.#parts.meeting.device;
		if (device === own) {
			// One list of addresses for all tills: the own one stands in it, and stays what it is.
			neighbour.takeOff();
			return false;
		}
		if (neighbour.expected !== undefined && device !== neighbour.expected) return false;
		if (device !== undefined && this.reaches(device)) return false;
		neighbour.device = device;
		return true;
	}
}
