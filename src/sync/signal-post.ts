import type { DeviceId } from '../base/ids.js';
import type { Signals } from '../ports/index.js';
import type { Signal } from './frames.js';
import type { Presence } from './presence.js';
import type { Session } from './session.js';

const messageBytesMax = 16 * 1024;
/** Signals of one peer that are passed on or heard in one second. */
const perSecond = 100;

interface Ways {
	readonly presence: Presence;
	readonly nowMs: number;
	readonly device: DeviceId;
	primaries(): Iterable<Session>;
	sessionTo(device: DeviceId): Session | undefined;
}

/** Carries small messages between devices, over one peer of both at most. Nobody speaks under another's name. */
export class SignalPost implements Signals {
	readonly #ways: Ways;
	readonly #listeners = new Set<(from: DeviceId, message: Uint8Array) => void>();
	readonly #watchers = new Set<() => void>();
	readonly #counts = new WeakMap<Session, { second: number; count: number }>();

	constructor(ways: Ways) {
		this.#ways = ways;
	}

	peers(): readonly DeviceId[] {
		return [...this.#ways.presence.online()].filter((device) => device !== this.#ways.device);
	}

	watch(changed: () => void): () => void {
		this.#watchers.add(changed);
		return () => this.#watchers.delete(changed);
	}

	changed(): void {
		for (const watcher of [...this.#watchers]) watcher();
	}

	send(to: DeviceId, message: Uint8Array): void {
		if (message.length > messageBytesMax) return;
		const signal: Signal = { kind: 'signal', from: this.#ways.device, to, message };
		(this.#ways.sessionTo(to) ?? this.#wayTo(to))?.say(signal);
	}

	#wayTo(to: DeviceId): Session | undefined {
		for (const session of this.#ways.primaries())
			if (session.peer && this.#ways.presence.isLinkedTo(session.peer.device, to)) return session;
		return undefined;
	}

	listen(heard: (from: DeviceId, message: Uint8Array) => void): () => void {
		this.#listeners.add(heard);
		return () => this.#listeners.delete(heard);
	}

	/** Delivers what is for us; passes on what its sender wrote itself. */
	receive(session: Session, signal: Signal): void {
		const peer = session.peer?.device;
		const { from, to, message } = signal;
		if (peer === undefined || message.length > messageBytesMax || this.#floods(session)) return;
		if (to !== this.#ways.device) {
			if (from === peer) this.#ways.sessionTo(to)?.say(signal);
			return;
		}
		if (from !== peer && !this.#ways.presence.isLinkedTo(peer, from)) return;
		for (const listener of [...this.#listeners]) listener(from, message);
	}

	#floods(session: Session): boolean {
		const second = Math.floor(this.#ways.nowMs / 1000);
		const known = this.#counts.get(session);
		if (known?.second !== second) this.#counts.set(session, { second, count: 1 });
		else known.count++;
		return (known?.second === second ? known.count : 1) > perSecond;
	}
}
