import type { Timers } from '../../../src/ports/platform.js';

interface Waiting {
	readonly dueMs: number;
	readonly run: () => void;
}

/** Timers that stand still until a test moves them on. */
export class VirtualTimers implements Timers {
	/** The delays that were asked for, in order. */
	readonly asked: number[] = [];
	#nowMs = 0;
	#waiting: Waiting[] = [];

	after(delayMs: number, run: () => void): () => void {
		const waiting = { dueMs: this.#nowMs + delayMs, run };
		this.asked.push(delayMs);
		this.#waiting.push(waiting);
		return () => {
			this.#waiting = this.#waiting.filter((other) => other !== waiting);
		};
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Runs all that falls due, in order, what they ask for included. */
	pass(ms: number): void {
		const endMs = this.#nowMs + ms;
		for (let steps = 0; steps < 10_000; steps++) {
			const next = this.#waiting.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
			if (next === undefined) break;
			this.#nowMs = Math.max(this.#nowMs, next.dueMs);
			this.#waiting = this.#waiting.filter((other) => other !== next);
			next.run();
		}
		this.#nowMs = endMs;
	}
}
