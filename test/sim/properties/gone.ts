import type { EpochId } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Truth } from './truth.js';

/**
 * Epochs whose rows wait, by way of others mostly, for a commit's part in a ledger of which nothing is left here: every disk
 * that had any of it is lost, and nobody can say in it what is not coming (JRN4).
 */
export function waitingForGone({ epochs }: Truth, { core }: OpenReplica): ReadonlySet<EpochId> {
	const left = new Set(core.ledgers());
	const isGone = (id: EpochId) => !left.has(epochs.get(id)?.ledger ?? '');
	const waiting = new Set<EpochId>();
	for (let before = -1; before < waiting.size; ) {
		before = waiting.size;
		for (const [id, by] of core.view.blocked)
			for (const other of by) if (isGone(other) || waiting.has(other)) waiting.add(id);
	}
	return waiting;
}
