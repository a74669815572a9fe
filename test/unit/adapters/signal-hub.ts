import { type PeerConnectionClass, webRtc } from '../../../adapters/link-webrtc/index.js';
import type { DeviceId } from '../../../src/base/ids.js';
import type { Link, LinkEvents, LinkSource, Meeting, Signals } from '../../../src/ports/link.js';
import type { Timers } from '../../../src/ports/platform.js';

type Heard = (from: DeviceId, message: Uint8Array) => void;

/** Passes signals between devices of one process as a relay would: later, as copies, and not at all while it is down. */
export class SignalHub {
	readonly #devices = new Map<DeviceId, Set<Heard>>();
	readonly #watchers = new Set<() => void>();
	#up = true;
	/** Every message that was handed in. */
	passed = 0;
	/** Sees each message and says whether it goes on. */
	filter: (from: DeviceId, to: DeviceId, message: Uint8Array) => boolean = () => true;

	set up(up: boolean) {
		this.#up = up;
		for (const changed of [...this.#watchers]) changed();
	}

	leave(device: DeviceId): void {
		this.#devices.delete(device);
		for (const changed of [...this.#watchers]) changed();
	}

	pass(from: DeviceId, to: DeviceId, message: Uint8Array): void {
		this.passed++;
		if (!this.#up || !this.filter(from, to, message)) return;
		const copy = message.slice();
		setTimeout(() => {
			if (this.#up) for (const heard of [...(this.#devices.get(to) ?? [])]) heard(from, copy);
		}, 1);
	}

	join(device: DeviceId): Signals {
		const listeners = new Set<Heard>();
		this.#devices.set(device, listeners);
		for (const changed of [...this.#watchers]) changed();
		// Another one that joins by the same name takes its place, as a restarted device does.
		const isHere = (): boolean => this.#devices.get(device) === listeners;
		return {
			peers: () => (this.#up && isHere() ? [...this.#devices.keys()].filter((id) => id !== device) : []),
			watch: (changed) => {
				this.#watchers.add(changed);
				return () => this.#watchers.delete(changed);
			},
			send: (to, message) => {
				if (isHere()) this.pass(device, to, message);
			},
			listen: (heard) => {
				listeners.add(heard);
				return () => listeners.delete(heard);
			},
		};
	}
}

/** What a replica lends; the links it is brought are kept in `links` and started at once where `events` says how. */
export class MeetingPlace implements Meeting {
	readonly chain = 'tea';
	readonly name: string;
	readonly device: DeviceId;
	readonly timers: Timers;
	readonly signals: Signals;
	readonly links = new Map<Link, string>();
	readonly #events: (link: Link) => LinkEvents;

	constructor(device: DeviceId, signals: Signals, timers: Timers, events: (link: Link) => LinkEvents) {
		this.device = device;
		this.name = device;
		this.signals = signals;
		this.timers = timers;
		this.#events = events;
	}

	found(link: Link): () => void {
		this.links.set(link, link.kind);
		link.start(this.#events(link));
		return () => {
			this.links.delete(link);
			link.stop();
		};
	}
}

/** The way to the one peer that a source finds, as a link of its own: what the contract suite of links takes. */
export function onlyLink(source: LinkSource, device: DeviceId, signals: Signals, timers: Timers): Link {
	return {
		kind: source.kind,
		start: (events) => source.discover(new MeetingPlace(device, signals, timers, () => events)),
		stop: () => source.stop(),
	};
}

/** Sources of one process that signal through a hub, and whose connections can be cut: for both suites. */
export function rtcSources(PeerConnection: PeerConnectionClass) {
	const hub = new SignalHub();
	const elsewhere = new SignalHub();
	const channels: { close(): void }[] = [];
	class Recorded extends (PeerConnection as typeof RTCPeerConnection) {
		override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
			const channel = super.createDataChannel(label, options);
			channels.push(channel);
			return channel;
		}
	}
	return {
		hub,
		create: () => webRtc({ PeerConnection: Recorded }),
		/** Signals stay inside a chain. The suite's one stranger is of another. */
		signals: (device: DeviceId) => (device === 'device-x' ? elsewhere : hub).join(device),
		cut() {
			hub.up = false;
			for (const channel of channels.splice(0)) channel.close();
		},
		heal() {
			hub.up = true;
		},
	};
}

/** The same, of two devices, as the two ends of one way. */
export function rtcLink(PeerConnection: PeerConnectionClass, timers: Timers) {
	const sources = rtcSources(PeerConnection);
	const end = (device: DeviceId): Link => onlyLink(sources.create(), device, sources.signals(device), timers);
	return { a: end('a'), b: end('b'), cut: sources.cut, heal: sources.heal };
}
