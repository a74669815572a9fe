import { limits } from '../../../src/base/limits.js';
import type { Link, LinkEvents } from '../../../src/ports/index.js';
import type { World } from '../../property/escrow-world.js';

interface Direction {
	freeMs: number;
	queued: number;
}

/** A line in virtual time that carries so many bytes a second each way, in order, with a delay; its ends queue what waits. */
export class RateLine {
	readonly a: Link;
	readonly b: Link;
	readonly #world: World;
	readonly #events: [LinkEvents | undefined, LinkEvents | undefined] = [undefined, undefined];
	isUp = false;

	constructor(
		world: World,
		readonly bytesPerSecond: number,
		readonly delayMs = 0,
		readonly queueBytesMax = 4 * 1024 * 1024,
	) {
		this.#world = world;
		[this.a, this.b] = [this.#end(0), this.#end(1)];
	}

	#end(side: 0 | 1): Link {
		return {
			kind: 'slow',
			private: true,
			start: (events) => {
				this.#events[side] = events;
				if (this.#events[0] && this.#events[1]) this.#world.timers.after(1, () => this.#up());
			},
			stop: () => this.down(),
		};
	}

	#up(): void {
		this.isUp = true;
		for (const side of [0, 1] as const) {
			const way: Direction = { freeMs: 0, queued: 0 };
			this.#events[side]?.up({
				send: (frame) => this.#send(way, side === 0 ? 1 : 0, frame),
				close: () => this.down(),
			});
		}
	}

	#send(way: Direction, to: 0 | 1, frame: Uint8Array): boolean {
		if (!this.isUp || frame.length > limits.frameBytes || way.queued + frame.length > this.queueBytesMax) return false;
		const nowMs = this.#world.nowMs;
		way.queued += frame.length;
		way.freeMs = Math.max(way.freeMs, nowMs) + (frame.length * 1000) / this.bytesPerSecond;
		this.#world.timers.after(way.freeMs + this.delayMs - nowMs, () => {
			way.queued -= frame.length;
			if (this.isUp) this.#events[to]?.frame(frame.slice());
		});
		return true;
	}

	down(): void {
		if (!this.isUp) return;
		this.isUp = false;
		for (const events of this.#events) events?.down();
	}
}
