import { earliestMs } from '../../../src/base/clock.js';
import type { Platform } from '../../../src/ports/platform.js';
import type { Chance } from './chance.js';
import type { Keyring } from './keys.js';
import type { VirtualTime } from './time.js';

export const worldStartMs = Date.UTC(2026, 0, 1, 9);

export interface MachineContext {
	readonly time: VirtualTime;
	readonly keys: Keyring;
	readonly chance: Chance;
}

/** A machine's clock: right, off by years, or standing still. Its timers run by the world's time all the same. */
export class MachineClock {
	readonly #time: VirtualTime;
	#offMs = 0;
	#frozenMs: number | undefined;

	constructor(time: VirtualTime) {
		this.#time = time;
	}

	nowMs(): number {
		return this.#frozenMs ?? Math.max(earliestMs - 10 ** 11, worldStartMs + this.#time.nowMs + this.#offMs);
	}

	jump(ms: number): void {
		this.#offMs += ms;
	}

	freeze(): void {
		this.#frozenMs = this.nowMs();
	}

	/** Somebody sets it right. */
	correct(): void {
		this.#offMs = 0;
		this.#frozenMs = undefined;
	}
}

/**
 * A machine's processes, one after the other: when one dies, no timer of it ever runs again. What it had begun may go on to
 * its next wait, as on a real machine it may between two instructions; nothing of it reaches anybody.
 */
export class Processes {
	readonly clock: MachineClock;
	readonly platform: Platform;
	/** Of the process that runs, counted from 0. */
	number = 0;

	constructor({ time, keys, chance }: MachineContext) {
		this.clock = new MachineClock(time);
		const own = chance.fork();
		this.platform = {
			clock: this.clock,
			random: { bytes: (length) => own.bytes(length) },
			crypto: keys.crypto(own),
			timers: {
				after: (delayMs, run, background) => {
					const process = this.number;
					return time.after(delayMs, () => process === this.number && run(), background);
				},
			},
		};
	}

	/** Ends the process that runs; timers that are set from here on are the next one's. */
	end(): void {
		this.number++;
	}
}
