import type { DeviceId, EpochId, LedgerName } from '../base/ids.js';
import type { Checkpoint } from '../journal/checkpoint.js';
import type { EpochName } from '../journal/epoch.js';
import type { Seal } from '../journal/seal.js';

export interface ArchivedEpoch {
	readonly id: EpochId;
	readonly name: EpochName;
	/** When its first row was written, by its writer's clock. */
	readonly firstMs: number;
}

/** All rows that are here of one epoch, from its opening on. */
export interface ArchivedRows {
	readonly rows: readonly Uint8Array[];
	/** Ascending; none beyond the rows. */
	readonly seals: readonly Seal[];
}

/** What a till or a relay keeps on its disk, for somebody who only looks: nothing here writes. */
export interface Archive {
	readonly kind: 'till' | 'relay';
	readonly chain: string;
	/** Whose disk it is; undefined for a relay that has not begun. */
	readonly device: DeviceId | undefined;
	/** By ledger and then by time. */
	epochs(): Promise<readonly ArchivedEpoch[]>;
	/** An epoch at a time: a month of a chain does not fit into memory. */
	rows(epoch: EpochId): Promise<ArchivedRows>;
	/** Ledgers with a checkpoint. */
	checkpoints(): Promise<readonly LedgerName[]>;
	checkpoint(ledger: LedgerName): Promise<Checkpoint>;
}

export function inOrder(epochs: readonly ArchivedEpoch[]): ArchivedEpoch[] {
	const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
	return [...epochs].sort(
		(a, b) =>
			compare(a.name.ledger, b.name.ledger) || a.name.segment - b.name.segment || a.firstMs - b.firstMs || a.id - b.id,
	);
}
