import { type Due, TimerHeap } from './timer-heap.js';

interface Timer extends Due {
	/** When it should come, where a grid puts it off. */
	readonly dueMs: number;
	run: (() => void) | undefined;
}

/** What nobody waits for runs on a grid: all devices look after themselves in one instant, and a second costs little. */
const backgroundMs = 1_000;
/** Background work that comes sooner than this is part of what goes on and keeps its moment. */
const backgroundFromMs = 150;
/** A long wait is passed in this many strides at least; within one, what is due more than once comes once, late. */
const strides = 60;

/** Time that passes when told: from one instant in which something is due to the next. */
export class VirtualTime {
	/** Since the world began. */
	nowMs = 0;
	readonly #heap = new TimerHeap<Timer>();
	#order = 0;
	#gridMs = backgroundMs;

	/** When something is due next; undefined where nothing ever will be. */
	get nextAtMs(): number | undefined {
		return this.#heap.first?.atMs;
	}

	/** Calls `run` once, in a later turn; answers how to cancel it. */
	after(delayMs: number, run: () => void, background = false): () => void {
		const dueMs = this.nowMs + Math.max(0, delayMs);
		const onGrid = background && delayMs >= backgroundFromMs;
		const atMs = onGrid ? Math.ceil(dueMs / this.#gridMs) * this.#gridMs : dueMs;
		const timer: Timer = { atMs, dueMs, order: this.#order++, run };
		this.#heap.push(timer);
		return () => {
			timer.run = undefined;
		};
	}

	/**
	 * Lets time pass, or as much of it as goes by until `isEnough`; between two instants every promise has run that waits for
	 * nothing but its turn.
	 */
	async pass(ms: number, isEnough = never): Promise<void> {
		const untilMs = this.nowMs + ms;
		this.#gridMs = Math.max(backgroundMs, Math.ceil(ms / strides));
		await settle();
		for (let next = this.#heap.first; next && next.atMs <= untilMs; next = this.#heap.first) {
			this.nowMs = Math.max(this.nowMs, next.atMs);
			let ran = false;
			for (let due = this.#heap.first; due && due.atMs <= this.nowMs; due = this.#heap.first) {
				this.#heap.pop();
				if (due.run) ran = true;
				due.run?.();
			}
			if (ran) await settle();
			if (isEnough()) break;
		}
		if (!isEnough()) this.nowMs = untilMs;
		if (this.#gridMs > backgroundMs) this.#refine();
		this.#gridMs = backgroundMs;
	}

	/** A long wait is over: what it had put off to far apart instants comes when it would have come otherwise. */
	#refine(): void {
		for (const timer of this.#heap.take()) {
			if (timer.atMs > timer.dueMs)
				timer.atMs = Math.max(this.nowMs, Math.ceil(timer.dueMs / backgroundMs) * backgroundMs);
			if (timer.run) this.#heap.push(timer);
		}
	}

	/** Lets time pass until something is done that waits for nothing but time. */
	async until<T>(done: Promise<T>, mostMs = 60_000): Promise<T> {
		let isOver = false;
		const over = () => {
			isOver = true;
		};
		done.then(over, over);
		await settle();
		for (const untilMs = this.nowMs + mostMs; !isOver && this.nowMs < untilMs; ) {
			await this.pass(1);
			await realTurn();
		}
		if (!isOver) throw new Error(`nothing came of it within ${mostMs} ms`);
		return done;
	}
}

const never = () => false;

// Kept from the beginning: a test may put false timers in their place.
const { setImmediate: immediately } = globalThis;
const { nextTick } = globalThis.process ?? {};

/** So often the real world gets a turn: what came from there, a message or a signal, is not kept waiting. */
const realTurnEvery = 256;
let turns = 0;

/** A real turn: modules load, promises that nobody caught are reported. */
export const realTurn = (): Promise<void> => new Promise((resolve) => immediately(resolve));

/**
 * Every pending promise and those that they make, for nothing here waits for the real world. A tick that is asked for
 * within a promise's turn comes when no other promise has one left, at a tenth of what a turn of the event loop costs.
 */
export function settle(): Promise<void> {
	turns++;
	if (turns % realTurnEvery === 0) return realTurn();
	return new Promise((resolve) => nextTick(resolve));
}
