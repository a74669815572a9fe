import type { Timers } from '../../src/ports/platform.js';
import { isBusy } from './failure.js';

/** How long we wait for somebody else's transaction before it is a failure, and how often we look. */
const stepMs = 5;
export const busyStepsMax = 1_000;

/** Waits a step, in which the vendor's own code may end its transaction. */
export function nextStep(timers: Timers): Promise<void> {
	return new Promise((resolve) => {
		timers.after(stepMs, resolve);
	});
}

/** Runs it again in later turns while somebody else's transaction is in the way; nothing was written then. */
export async function whenFree<T>(timers: Timers, run: () => T): Promise<T> {
	for (let step = 0; ; step++) {
		try {
			return run();
		} catch (error) {
			if (!isBusy(error) || step >= busyStepsMax) throw error;
		}
		await nextStep(timers);
	}
}
