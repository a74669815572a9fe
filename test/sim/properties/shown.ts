import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { Sums } from './sums.js';
import type { Truth } from './truth.js';

/**
 * What the entries that a replica shows of a ledger add up to, naively, by the rows that the world knows: `isLeft` leaves
 * some out.
 */
export function sumShown(
	{ epochs }: Truth,
	{ core }: OpenReplica,
	ledger: LedgerName,
	isLeft: (epoch: EpochId, index: number) => boolean = () => false,
): Sums {
	const sums = new Sums();
	for (const written of epochs.values()) {
		if (written.ledger !== ledger) continue;
		const shown = Math.min(core.view.at(written.id), written.rows.length);
		for (let i = 0; i < shown; i++) if (!isLeft(written.id, i)) sums.fold(written, i);
	}
	return sums;
}
