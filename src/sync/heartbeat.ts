import type { Platform } from '../ports/index.js';
import type { Frame } from './frames.js';

type Beat = Extract<Frame, { kind: 'ping' | 'pong' }>;

const everyMs = 5_000;
/**
 * Nothing at all was heard between so many beats: the line is dead, whatever it says of itself. Counted by beats, for a clock
 * that jumps says nothing of the line, and timers that come once a minute must not keep it alive.
 */
const silentBeats = 3;

export interface HeartbeatOptions {
	readonly platform: Platform;
	readonly send: (beat: Beat) => void;
	readonly silent: () => void;
}

/** Both sides ping (SYN4): the way there and back is timed, and the clocks are compared. */
export class Heartbeat {
	readonly #o: HeartbeatOptions;
	#cancel = () => {};
	/** Beats since anything was heard. */
	#quiet = 0;
	#id = 0;
	#sentMs = 0;
	/** Number of the newest ping that was answered. */
	answered = 0;
	rttMs: number | undefined;
	/** The peer's clock less ours. */
	offsetMs: number | undefined;

	constructor(options: HeartbeatOptions) {
		this.#o = options;
	}

	start(): void {
		this.stop();
		this.heard();
		this.#wait();
	}

	stop(): void {
		this.#cancel();
		this.rttMs = undefined;
	}

	heard(): void {
		this.#quiet = 0;
	}

	/** Answers the ping's number. */
	ping(): number {
		this.#sentMs = this.#o.platform.clock.nowMs();
		this.#id++;
		this.#o.send({ kind: 'ping', id: this.#id, timeMs: stamp(this.#sentMs) });
		return this.#id;
	}

	beat({ kind, id, timeMs }: Beat): void {
		const nowMs = this.#o.platform.clock.nowMs();
		if (kind === 'ping') {
			this.#o.send({ kind: 'pong', id, timeMs: stamp(nowMs) });
			return;
		}
		if (id <= this.#id) this.answered = Math.max(this.answered, id);
		if (id === this.#id && nowMs >= this.#sentMs) {
			this.rttMs = nowMs - this.#sentMs;
			this.offsetMs = Math.round(timeMs - (this.#sentMs + this.rttMs / 2));
		}
	}

	#wait(): void {
		const { platform, silent } = this.#o;
		const beat = () => {
			this.#quiet++;
			if (this.#quiet >= silentBeats) return silent();
			this.ping();
			this.#wait();
		};
		this.#cancel = platform.timers.after(everyMs, beat, true);
	}
}

const stamp = (ms: number): number => Math.max(0, Math.floor(ms));
