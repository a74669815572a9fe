import type { DeviceId } from '../base/ids.js';
import type { Pool } from './share.js';

/** How far back a rate looks, and how far ahead a cushion reaches: an average outage of a line in a shop. */
export const rateWindowMs = 20 * 60_000;

interface Spending {
	spent: number;
	recent: number;
}

/**
 * Moving averages of what each device spends of one pool, read off the figures: every device can work them out from its
 * own view, and asks need not carry them. `nowMs` is any clock: one that jumps makes an average worse and nothing else.
 */
export class SpendRates {
	readonly #devices = new Map<DeviceId, Spending>();
	#sampledMs: number | undefined;

	/** Takes in what was spent since the last call, as if it had been spent evenly. The first call only begins. */
	sample(pool: Pool, nowMs: number): void {
		const first = this.#sampledMs === undefined;
		const passedMs = Math.max(0, nowMs - (this.#sampledMs ?? nowMs));
		this.#sampledMs = nowMs;
		const kept = Math.exp(-passedMs / rateWindowMs);
		// Of what was spent evenly over the time passed, this part still counts at its end.
		const counts = passedMs === 0 ? 1 : ((1 - kept) * rateWindowMs) / passedMs;
		for (const [device, { spent }] of pool.shares) {
			const known = this.#devices.get(device);
			if (!known) {
				this.#devices.set(device, { spent, recent: first ? 0 : spent * counts });
				continue;
			}
			known.recent = known.recent * kept + Math.max(0, spent - known.spent) * counts;
			known.spent = spent;
		}
	}

	/** Units that the device may be expected to spend in the next window. */
	recent(device: DeviceId): number {
		return this.#devices.get(device)?.recent ?? 0;
	}
}
