import type { DeviceId } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Acquaintance } from './frames.js';

interface Known {
	name: string;
	/** When it was last heard of, by this device's clock. */
	seenMs: number;
	/** Peers that are linked to it now, this device itself under its own name. */
	readonly by: Set<DeviceId>;
}

/** Devices kept in mind; the longest unheard of go first, this many at once. */
const knownMax = 4096;
const forgottenAtOnce = 256;
/** Devices told of in one frame. */
const toldMax = 256;

/** Who is there, who was, and who is linked to whom: told by peers, for people to read and for signals to find their way. */
export class Presence {
	readonly #known = new Map<DeviceId, Known>();
	/** What each peer said last. */
	readonly #circles = new Map<DeviceId, ReadonlySet<DeviceId>>();

	get size(): number {
		return this.#known.size;
	}

	/** Somebody was heard of: by a link, or by what it wrote. */
	seen(device: DeviceId, name: string | undefined, atMs: number): void {
		const known = this.#of(device);
		if (name) known.name = name;
		known.seenMs = Math.max(known.seenMs, atMs);
	}

	linked(by: DeviceId, device: DeviceId, isLinked: boolean): void {
		if (isLinked) this.#of(device).by.add(by);
		else this.#known.get(device)?.by.delete(by);
	}

	/** A device goes on under another name, with its links. */
	renamed(from: DeviceId, to: DeviceId): void {
		for (const { by } of this.#known.values()) if (by.delete(from)) by.add(to);
	}

	/** What a peer said of those that it knows. */
	tell(peer: DeviceId, devices: readonly Acquaintance[], nowMs: number): void {
		this.forget(peer);
		const circle = new Set<DeviceId>();
		for (const { device, name, linked, agoMs } of devices.slice(0, toldMax)) {
			if (device === '' || device.length > limits.nameBytes) continue;
			this.seen(device, name.length > limits.nameBytes ? undefined : name, Math.max(0, nowMs - agoMs));
			if (!linked) continue;
			circle.add(device);
			this.#of(device).by.add(peer);
		}
		this.#circles.set(peer, circle);
	}

	/** The line to a peer is gone: what it said of links holds no more. */
	forget(peer: DeviceId): void {
		for (const device of this.#circles.get(peer) ?? []) this.#known.get(device)?.by.delete(peer);
		this.#circles.delete(peer);
	}

	/** Is `device` linked to `peer`, by what the peer says? */
	isLinkedTo(peer: DeviceId, device: DeviceId): boolean {
		return this.#circles.get(peer)?.has(device) ?? false;
	}

	of(device: DeviceId): { readonly name: string; readonly online: boolean; readonly lastSeenMs: number } | undefined {
		const known = this.#known.get(device);
		return known && { name: known.name, online: known.by.size > 0, lastSeenMs: known.seenMs };
	}

	/** Linked to this device or to a peer of it. */
	*online(): Iterable<DeviceId> {
		for (const [device, { by }] of this.#known) if (by.size > 0) yield device;
	}

	/** For all peers: whom this device is linked to, then whom it saw. Whoever finds itself there knows better. */
	introduce(me: DeviceId, nowMs: number): Acquaintance[] {
		const all = [...this.#known].filter(([device]) => device !== me);
		all.sort(([, a], [, b]) => Number(b.by.has(me)) - Number(a.by.has(me)) || b.seenMs - a.seenMs);
		return all.slice(0, toldMax).map(([device, { name, seenMs, by }]) => {
			const linked = by.has(me);
			return { device, name, linked, agoMs: linked ? 0 : Math.max(0, Math.round(nowMs - seenMs)) };
		});
	}

	#of(device: DeviceId): Known {
		let known = this.#known.get(device);
		if (known) return known;
		if (this.#known.size >= knownMax + forgottenAtOnce) this.#forgetOldest();
		known = { name: '', seenMs: 0, by: new Set() };
		this.#known.set(device, known);
		return known;
	}

	#forgetOldest(): void {
		const away = [...this.#known].filter(([, { by }]) => by.size === 0);
		away.sort(([, a], [, b]) => a.seenMs - b.seenMs);
		for (const [device] of away.slice(0, this.#known.size - knownMax)) this.#known.delete(device);
	}
}
