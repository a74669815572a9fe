import { equalBytes } from '../../../src/base/bytes.js';
import type { Disk } from '../machines/disk.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

/**
 * P8: a record that is not as it was written is noticed, and what is read after a loss is what was once written. P7: a disk
 * that kept what it confirmed can be opened.
 */
export function createTornObserver(court: Court): Observer {
	const { truth } = court;
	/** Losses of a disk that an opening has been held against. */
	const seen = new WeakMap<Disk, number>();

	function checkRows({ name, replica }: Till): void {
		for (const { id, rows, durable } of replica.core.journal.all()) {
			const written = truth.epochs.get(id);
			if (truth.doubled.has(id)) continue;
			for (const [index, row] of rows.slice(0, durable).entries()) {
				const known = written?.rows[index];
				court.demand(
					8,
					known !== undefined && equalBytes(row, known),
					() => `${name} read row ${index} of ${id} from its disk as nobody wrote it`,
				);
			}
		}
	}

	const isHurt = (disk: Disk) => disk.losses > (seen.get(disk) ?? 0);

	return {
		opened(till) {
			const { disk, name } = till;
			if (isHurt(disk)) {
				court.play(8);
				court.demand(
					8,
					disk.damaged.size === 0,
					() => `${name} opened a disk of which ${[...disk.damaged]} is changed`,
				);
			}
			seen.set(disk, disk.losses);
			checkRows(till);
		},
		notOpened({ name, disk, failure }) {
			if (!isHurt(disk)) {
				court.demand(7, false, () => `${name} cannot be opened after an honest crash: ${failure?.message}`);
				return;
			}
			court.play(8);
			court.demand(8, failure?.code === 'storage_corrupt', () => `${name} calls a torn disk ${failure?.code}`);
		},
	};
}
