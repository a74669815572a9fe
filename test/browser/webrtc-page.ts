/** Runs in the page. What a test calls from outside hangs on `rtcPage`. */

import { webRtc } from '../../adapters/link-webrtc/index.js';
import { webPlatform } from '../../adapters/platform-web/index.js';
import type { LinkEnd, LinkSource, Signals } from '../../src/ports/link.js';
import { linkContract, linkSourceContract } from '../contract/index.js';
import { onlyLink, rtcLink, rtcSources } from '../unit/adapters/signal-hub.js';

const { timers } = webPlatform();
const tests = new Map<string, () => Promise<void>>();
const register = (suite: string) => (name: string, run: () => Promise<void>) => tests.set(`${suite}: ${name}`, run);
linkSourceContract(() => rtcSources(RTCPeerConnection), register('finding'));
linkContract(() => rtcLink(RTCPeerConnection, timers), register('links'));

type Heard = Parameters<Signals['listen']>[0];

/** Signals to the one peer, passed on by whatever the test lays between: another page, or Node. */
class Wire implements Signals {
	readonly #peer: string;
	readonly #pass: (message: number[]) => void;
	readonly #listeners = new Set<Heard>();
	readonly #watchers = new Set<() => void>();
	#up = true;

	constructor(peer: string, pass: (message: number[]) => void) {
		this.#peer = peer;
		this.#pass = pass;
	}

	set up(up: boolean) {
		this.#up = up;
		for (const changed of this.#watchers) changed();
	}

	peers(): readonly string[] {
		return this.#up ? [this.#peer] : [];
	}

	watch(changed: () => void): () => void {
		this.#watchers.add(changed);
		return () => this.#watchers.delete(changed);
	}

	send(_: string, message: Uint8Array): void {
		if (this.#up) this.#pass([...message]);
	}

	listen(heard: Heard): () => void {
		this.#listeners.add(heard);
		return () => this.#listeners.delete(heard);
	}

	hear(message: number[]): void {
		if (this.#up) for (const heard of this.#listeners) heard(this.#peer, Uint8Array.from(message));
	}
}

let wire: Wire | undefined;
let source: LinkSource | undefined;
let end: LinkEnd | undefined;
const said: string[] = [];

function meet(self: string, peer: string, pass: (message: number[]) => void): void {
	wire = new Wire(peer, pass);
	source = webRtc();
	onlyLink(source, self, wire, timers).start({
		up: (opened) => {
			end = opened;
			said.push('up');
		},
		frame: (bytes) => said.push(bytes.length > 100 ? `${bytes.length} bytes` : new TextDecoder().decode(bytes)),
		down: () => {
			end = undefined;
			said.push('down');
		},
	});
}

const api = {
	testNames: (): string[] => [...tests.keys()],

	/** Undefined where the test passes. */
	async runTest(name: string): Promise<string | undefined> {
		try {
			await tests.get(name)?.();
			return undefined;
		} catch (error) {
			return String((error as Error).stack ?? error);
		}
	},

	/** Meets another page of this browser. */
	meetPage(self: string, peer: string): void {
		const channel = new BroadcastChannel('signals');
		channel.onmessage = ({ data }: MessageEvent<{ to: string; message: number[] }>) => {
			if (data.to === self) wire?.hear(data.message);
		};
		meet(self, peer, (message) => channel.postMessage({ to: peer, message }));
	},

	/** Meets Node: the test exposes `toNode`, and calls `hear`. */
	meetNode(self: string, peer: string): void {
		const { toNode } = globalThis as unknown as { toNode: (message: number[]) => void };
		meet(self, peer, toNode);
	},

	hear: (message: number[]): void => wire?.hear(message),
	cutSignals: (): void => {
		if (wire) wire.up = false;
	},
	say: (text: string): boolean => end?.send(new TextEncoder().encode(text)) ?? false,
	sayMuch: (length: number): boolean => end?.send(new Uint8Array(length).fill(7)) ?? false,
	said: (): string[] => said,
	stop: (): void => source?.stop(),
};

export type RtcPageApi = typeof api;
declare global {
	var rtcPage: RtcPageApi;
}
// The name that the browser's driver waits for is the other page's.
Object.assign(globalThis, { rtcPage: api, tillmesh: {} });
