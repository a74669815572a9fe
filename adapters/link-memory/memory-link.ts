import { BadArgument } from '../../src/base/errors.js';
import type { Link } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { type Faults, noFaults } from './channel.js';
import { Side } from './side.js';

export interface MemoryLinkOptions {
	/** From 0 up to, not including, 1: the one source of chance. Needed as soon as any fault below is asked for. */
	readonly random?: () => number;
	/** Probability that a frame never arrives. */
	readonly drop?: number;
	/** Probability that a frame arrives twice. */
	readonly duplicate?: number;
	/** Probability that a frame is overtaken by frames sent up to 8 turns later. */
	readonly reorder?: number;
	/** Each frame takes up to this many turns more than the one it always takes; their order stays. */
	readonly delayTurns?: number;
	/** A turn is `turnMs` of these timers. Without them it is a microtask. */
	readonly timers?: Timers;
	/** Default 1. */
	readonly turnMs?: number;
	/** Frames under way in one direction, in bytes; beyond it `send` answers false. Default 16 MiB. */
	readonly queueBytesMax?: number;
	/** With timers: how long after one side closed its end the way comes up again. Default 100. */
	readonly reconnectMs?: number;
	/** Starts cut. */
	readonly cut?: boolean;
}

/** Two links and the way between them. */
export interface MemoryLink {
	readonly a: Link;
	readonly b: Link;
	/** Whether both sides have heard `up` and not yet `down`. */
	readonly isUp: boolean;
	/** The line goes dead: `down` on both sides before this returns, frames under way are lost. */
	cut(): void;
	/** The line works again: `up` on both sides a turn later, as soon as both have started. */
	heal(): void;
}

const probability = (path: string, value = 0): number => {
	if (!(value >= 0 && value <= 1)) throw new BadArgument(path, `expected a probability from 0 to 1, got ${value}.`);
	return value;
};

function faultsOf(options: MemoryLinkOptions): Faults {
	const faults = {
		drop: probability('drop', options.drop),
		duplicate: probability('duplicate', options.duplicate),
		reorder: probability('reorder', options.reorder),
		delayTurns: options.delayTurns ?? 0,
	};
	const chance = faults.drop + faults.duplicate + faults.reorder + faults.delayTurns > 0;
	if (!chance) return noFaults;
	if (options.random === undefined)
		throw new BadArgument('random', 'expected a function wherever faults are asked for.');
	return { ...faults, random: options.random };
}

/**
 * A link inside one process, with a line between its two ends that can be cut, slow, lossy and out of order.
 * The same `random` and the same calls give the same deliveries. Each side sends copies. A side that closes its end takes
 * the line down; it comes up again by `heal`, or after `reconnectMs` where timers are given.
 *
 * ```ts
 * const line = memoryLink({ random, duplicate: 0.1, reorder: 0.1 });
 * till.connect(line.a);
 * store.connect(line.b);
 * line.cut();
 * line.heal();
 * ```
 */
export function memoryLink(options: MemoryLinkOptions = {}): MemoryLink {
	return new Line(options);
}

class Line implements MemoryLink {
	readonly a: Side;
	readonly b: Side;
	readonly #timers: Timers | undefined;
	readonly #turnMs: number;
	readonly #reconnectMs: number;
	#whole: boolean;
	#up = false;
	#turnWaits = false;

	constructor(options: MemoryLinkOptions) {
		const faults = faultsOf(options);
		const queueBytesMax = options.queueBytesMax ?? 16 * 1024 * 1024;
		const wiring = { changed: () => this.#wake(), closed: () => this.#closed(), stopped: () => this.#takeDown() };
		this.a = new Side(wiring, faults, queueBytesMax);
		this.b = new Side(wiring, faults, queueBytesMax);
		this.#timers = options.timers;
		this.#turnMs = options.turnMs ?? 1;
		this.#reconnectMs = options.reconnectMs ?? 100;
		this.#whole = options.cut !== true;
	}

	get isUp(): boolean {
		return this.#up;
	}

	cut(): void {
		this.#whole = false;
		this.#takeDown();
	}

	heal(): void {
		this.#whole = true;
		this.#wake();
	}

	#closed(): void {
		this.cut();
		this.#timers?.after(this.#reconnectMs, () => this.heal());
	}

	#takeDown(): void {
		if (!this.#up) return;
		this.#up = false;
		// Both first stop taking frames, then hear of it: what one does in its `down` must not reach the other.
		const said = [this.a.disconnect(), this.b.disconnect()];
		for (const say of said) say();
	}

	#wake(): void {
		if (this.#turnWaits) return;
		this.#turnWaits = true;
		const turn = (): void => {
			this.#turnWaits = false;
			this.#turn();
		};
		if (this.#timers) this.#timers.after(this.#turnMs, turn);
		else queueMicrotask(turn);
	}

	#turn(): void {
		if (!this.#up) {
			if (!this.#whole || !this.a.ready || !this.b.ready) return;
			this.#up = true;
			const said = [this.a.connect(), this.b.connect()];
			for (const say of said) say();
		} else {
			const forB = this.a.takeDue();
			const forA = this.b.takeDue();
			for (const frame of forB) this.b.deliver(frame);
			for (const frame of forA) this.a.deliver(frame);
		}
		if (this.#up && (this.a.busy || this.b.busy)) this.#wake();
	}
}
