import type { Court, Observer } from './observer.js';

/** Keys are kept for 400 days of everybody's clock; clocks may be wrong by years. */
const keptMs = 300 * 86_400_000;

/** P12, of what a person means: one idempotency key is booked once by one device, after restarts too (ESC8). */
export function createRepeatObserver(court: Court): Observer {
	const { chain, tainted, strangers } = court;
	const booked = new Map<string, number>();

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh) {
				const { device, ledger, id } = written;
				const key = written.entries[index]?.key?.key;
				if (key === undefined || tainted.has(device) || strangers.has(device)) continue;
				const place = `${device} ${key}`;
				const before = booked.get(place);
				booked.set(place, chain.time.nowMs);
				court.play(12);
				court.demand(
					12,
					before === undefined || chain.time.nowMs - before > keptMs,
					() => `row ${index} of ${id} in ${ledger} books ${key} once more`,
				);
			}
		},
	};
}
