import type { Court, Observer } from './observer.js';

/** P30: all is healed, somebody else has some of it, and a till whose customer waits for one gets it. */
export function createLivenessObserver(court: Court): Observer {
	return {
		waited({ till, ledger, pool, got }) {
			court.play(30);
			court.demand(30, got >= 1, () => `${till.name} waited in vain for one of ${pool} in ${ledger}`);
		},
	};
}
