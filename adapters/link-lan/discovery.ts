import type { DeviceId } from '../../src/base/ids.js';
import type { Timers } from '../../src/ports/platform.js';

/** What a device tells everybody on the network. */
export interface Announcement {
	/** Stands for the chain, and does not tell its name. */
	readonly chain: string;
	readonly device: DeviceId;
	/** Where it listens for WebSockets. */
	readonly port: number;
}

/** A device that was seen. Nothing of it is proven: whoever answers there proves in the session who it is. */
export interface Sighting extends Announcement {
	/** Hosts, the likeliest first. */
	readonly addresses: readonly string[];
}

export interface DiscoveryEvents {
	/** For every device that is there already, that comes, and that changes; this device's own included. */
	seen(sighting: Sighting): void;
	problem(error: Error): void;
}

/** Makes devices of one network known to each other. `lan` brings mDNS; whoever has another way hands it in. */
export interface Discovery {
	/** Announces, and looks until the answered function is called, which says goodbye. */
	start(own: Announcement, events: DiscoveryEvents, timers: Timers): () => void;
}
