import type { Leg } from '../../../src/journal/leg.js';
import type { Court, Observer } from './observer.js';

/** P11: what is no amount is refused or fails, leaves nothing behind, and stands in no entry. */
export function createAmountObserver(court: Court): Observer {
	const isAmount = (n: number) => Number.isSafeInteger(n) && n >= 1;

	function isSound(leg: Leg, device: string): boolean {
		switch (leg.kind) {
			case 'grant':
				return isAmount(leg.amount) && leg.to !== device;
			case 'hold':
				return isAmount(leg.amount) && isAmount(leg.leaseMs);
			case 'mint':
			case 'spend':
			case 'overdraw':
				return isAmount(leg.amount);
			case 'capture':
				return isAmount(leg.amount) && isAmount(leg.held);
			case 'release':
			case 'expire':
				return isAmount(leg.held);
			case 'reclaim':
				return leg.share >= 0 && leg.held >= 0 && isAmount(leg.share + leg.held) && leg.from !== device;
			default:
				return true;
		}
	}

	return {
		mistaken({ till, what, code, wrote }) {
			court.play(11);
			court.demand(11, code !== undefined, () => `${till.name} did it: ${what}`);
			court.demand(11, !wrote, () => `${till.name} wrote something though it refused: ${what}: ${code}`);
		},
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? [])
					if (!isSound(leg, written.device))
						court.demand(11, false, () => `${written.device} wrote ${JSON.stringify(leg)} in ${written.ledger}`);
		},
	};
}
