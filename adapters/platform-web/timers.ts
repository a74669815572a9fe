import type { Timers } from '../../src/ports/platform.js';

/** What setTimeout counts in; a longer delay would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** setTimeout for delays of any length. */
export const hostTimers: Timers = {
	after(delayMs, run, background = false) {
		let handle: ReturnType<typeof setTimeout>;
		const wait = (leftMs: number): void => {
			const stepMs = Math.min(Math.max(leftMs, 0), longestDelayMs);
			handle = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : run()), stepMs);
			// A number in browsers, an object that can let go of the process in Node.
			if (background && typeof handle === 'object') handle.unref();
		};
		wait(delayMs);
		return () => clearTimeout(handle);
	},
};
