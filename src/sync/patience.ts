import type { Line } from './line.js';

/** How often a session looks after what did not come, where something is waited for. */
export const tickMs = 200;
/** Without an answer for as long as the line makes usual, what is under way is sent again; at most after this. */
const patienceMaxMs = 30_000;

/** Tells a lossy line from a slow one, for what has been under way for longest. */
export class Patience {
	readonly #line: Line;
	#what: object | undefined;
	#sinceMs = 0;
	#ticks = 0;
	/** How often something has been sent again without an answer to anything. */
	#resends = 0;
	#answers = 0;
	/** A ping behind what is waited for: until it is answered the line may just be slow. */
	#probe: { readonly id: number; readonly atTick: number } | undefined;

	constructor(line: Line) {
		this.#line = line;
	}

	/**
	 * Is it time to send again? Asked at every tick with what has been under way for longest, one object for as long as it
	 * is the same: that others were answered meanwhile does not excuse it. `answers` is another number after every answer.
	 */
	isOver(what: object | undefined, answers: number, usualMs: number): boolean {
		if (answers !== this.#answers) this.#resends = 0;
		this.#answers = answers;
		if (what !== this.#what) this.#begin(what);
		if (!what) return false;
		const patienceMs = Math.min(patienceMaxMs, usualMs * 2 ** this.#resends);
		// A clock that stands still is no reason to wait for ever, nor are timers that come once a minute.
		const waitedMs = Math.max(Math.abs(this.#line.nowMs() - this.#sinceMs), this.#ticks++ * tickMs);
		if (waitedMs < patienceMs || (waitedMs < patienceMaxMs && !this.#isLost(patienceMs))) return false;
		this.#resends++;
		this.#what = undefined;
		return true;
	}

	#begin(what: object | undefined): void {
		this.#what = what;
		this.#sinceMs = this.#line.nowMs();
		this.#ticks = 0;
		this.#probe = undefined;
	}

	/** Has the line carried what is waited for, and something sent after it too? */
	#isLost(patienceMs: number): boolean {
		if (this.#probe && this.#line.answered >= this.#probe.id) return true;
		if (!this.#probe || (this.#ticks - this.#probe.atTick) * tickMs >= patienceMs) {
			const id = this.#line.ping();
			this.#probe = { id: this.#probe?.id ?? id, atTick: this.#ticks }; // any later one will do as well
		}
		return false;
	}
}
