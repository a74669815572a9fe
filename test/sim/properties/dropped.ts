import type { EpochId } from '../../../src/base/ids.js';
import { keys } from '../../../src/replica/records.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { cutOn } from './shelves.js';

/**
 * P25: rows go from a disk only where the checkpoint beside them covers them and their epoch was gone on from, or its device is
 * fenced (JRN11): what comes after them would find no ground otherwise.
 */
export function createDroppedObserver(court: Court): Observer {
	const { truth } = court;

	function checkEpoch(till: Till, id: EpochId, rows: number): void {
		const { device, ledger } = truth.epochs.get(id) ?? {};
		if (!till.running || device === undefined || ledger === undefined || truth.doubled.has(id)) return;
		const cut = cutOn(till.disk, ledger);
		const isCovered = (cut.get(id)?.count ?? 0) >= rows;
		let isOver = till.running.core.books.of(ledger).escrow.fenced(device);
		for (const { prev } of cut.values()) if (prev?.epoch === id && prev.count === rows) isOver = true;
		court.play(25);
		court.demand(
			25,
			isCovered && isOver,
			() =>
				`${till.name} dropped ${rows} rows of ${id} in ${ledger}, ${isCovered ? 'which may go on' : 'not all covered'}`,
		);
	}

	return {
		synced(till, batches) {
			for (const { deletes } of batches) {
				const rows = new Map<EpochId, number>();
				for (const key of deletes) {
					if (!key.startsWith('r/')) continue;
					const { epoch } = keys.parse(key);
					rows.set(epoch, (rows.get(epoch) ?? 0) + 1);
				}
				for (const [epoch, count] of rows) checkEpoch(till, epoch, count);
			}
		},
	};
}
