import { Closed } from '../../../src/base/errors.js';
import { realTurn, settle, type VirtualTime } from '../machines/time.js';

/** How long time goes on for somebody who may wait for ever, counted from the last thing that anybody asked for. */
const patienceMs = 60_000;

/** A promise that somebody got from a till and that has not settled. */
interface Wait {
	/** It may wait for ever: for a value that never comes, say. */
	readonly isEndless: boolean;
	/** Tells that nothing will come of it. */
	died: (error: Error) => void;
}

/**
 * Lets virtual time go on. One thing at a time moves it: what was asked for explicitly, in order of asking, and otherwise,
 * where it is `automatic`, whoever waits for a till: then time jumps from one instant in which something is due to the next,
 * as soon as nothing else has anything to do.
 */
export class Flow {
	readonly #time: VirtualTime;
	readonly #isAutomatic: boolean;
	readonly #waits = new Set<Wait>();
	#endless = 0;
	/** Time that went on by itself, and how far it may without anybody asking for more. */
	#flownMs = 0;
	#patientUntilMs = patienceMs;
	/** How much of it since anybody was told or asked anything. */
	#idleMs = 0;
	#isPiloting = false;
	#turn: Promise<unknown> = Promise.resolve();
	#isClosed = false;

	constructor(time: VirtualTime, isAutomatic: boolean) {
		this.#time = time;
		this.#isAutomatic = isAutomatic;
	}

	/** Nobody else moves time until `work` is done; whoever asked before comes before. */
	exclusive<T>(work: () => Promise<T>): Promise<T> {
		this.#patientUntilMs = this.#flownMs + patienceMs;
		const done = this.#turn.then(work);
		this.#turn = done.catch(() => {}); // whoever asked is told
		return done;
	}

	pass(ms: number): Promise<void> {
		return this.exclusive(() => this.#time.pass(ms));
	}

	/** Lets time pass until `isOver`, or for `mostMs`; answers whether it came to that. */
	async passUntil(isOver: () => boolean, mostMs: number): Promise<boolean> {
		const endMs = this.#time.nowMs + mostMs;
		for (await settle(); !isOver(); await realTurn()) {
			const nextMs = this.#time.nextAtMs ?? Number.POSITIVE_INFINITY;
			if (nextMs > endMs) {
				await this.#time.pass(endMs - this.#time.nowMs);
				return isOver();
			}
			await this.#time.pass(nextMs - this.#time.nowMs);
		}
		return true;
	}

	/** Time stands still from here on. */
	close(): void {
		this.#isClosed = true;
	}

	add(wait: Wait): void {
		this.#idleMs = 0;
		this.#waits.add(wait);
		if (wait.isEndless) this.#endless++;
		this.#patientUntilMs = this.#flownMs + patienceMs;
		if (this.#isAutomatic && !this.#isPiloting) void this.#pilot();
	}

	/** False where it was gone already. */
	remove(wait: Wait): boolean {
		if (!this.#waits.delete(wait)) return false;
		this.#idleMs = 0;
		if (wait.isEndless) this.#endless--;
		return true;
	}

	get #isAwaited(): boolean {
		if (this.#isClosed) return false;
		return this.#waits.size > this.#endless || (this.#endless > 0 && this.#flownMs < this.#patientUntilMs);
	}

	async #pilot(): Promise<void> {
		this.#isPiloting = true;
		// After a real turn whoever was told something has said what he wants next.
		for (await realTurn(); this.#isAwaited; await realTurn()) {
			const step = this.#turn.then(() => this.#goOn());
			this.#turn = step;
			await step;
		}
		this.#isPiloting = false;
	}

	/** To what is due next; in longer and longer strides, as in a long `advance`, where nobody has heard anything for long. */
	async #goOn(): Promise<void> {
		const { nowMs, nextAtMs } = this.#time;
		if (!this.#isAwaited || nextAtMs === undefined) return;
		const strideMs = Math.max(nextAtMs - nowMs, Math.floor(this.#idleMs / 2));
		const before = ++this.#idleMs;
		await this.#time.pass(strideMs, () => this.#idleMs !== before);
		const flownMs = this.#time.nowMs - nowMs;
		this.#flownMs += flownMs;
		if (this.#idleMs === before) this.#idleMs += flownMs;
	}
}

/** What somebody does with promises that he got from a process that has died: he hears so, or he died with it. */
export type AtDeath = 'reject' | 'forget';

const gone = () => new Closed(new Error('The process of this till is gone. Go on with the one that runs now.'));

/** The promises that one process gave out. */
export class ProcessWaits {
	readonly #flow: Flow;
	readonly #atDeath: AtDeath;
	readonly #waits = new Set<Wait>();
	#isDead = false;

	constructor(flow: Flow, atDeath: AtDeath) {
		this.#flow = flow;
		this.#atDeath = atDeath;
	}

	/** The promise to hand out in its place. `isEndless` where nothing says that it will settle. */
	wait<T>(promise: Promise<T>, isEndless = false): Promise<T> {
		if (this.#isDead) {
			promise.catch(() => {}); // nobody is there to be told
			return this.#atDeath === 'forget' ? new Promise(() => {}) : Promise.reject(gone());
		}
		const wait: Wait = { isEndless, died: () => {} };
		this.#waits.add(wait);
		this.#flow.add(wait);
		const handed = new Promise<T>((resolve, reject) => {
			promise.then(
				(value) => this.#end(wait) && resolve(value),
				(error: unknown) => this.#end(wait) && reject(error),
			);
			wait.died = (error) => {
				reject(error);
				handed.catch(() => {}); // who waited may have died with it
			};
		});
		return handed;
	}

	#end(wait: Wait): boolean {
		this.#waits.delete(wait);
		return this.#flow.remove(wait);
	}

	/** The process is gone. */
	die(): void {
		this.#isDead = true;
		for (const wait of this.#waits) {
			this.#flow.remove(wait);
			if (this.#atDeath === 'reject') wait.died(gone());
		}
		this.#waits.clear();
	}
}
