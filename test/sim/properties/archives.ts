import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import { type Checkpoint, decodeCheckpoint } from '../../../src/journal/checkpoint.js';
import { deviceIdOf } from '../../../src/journal/seal.js';
import { fromRecord } from '../../../src/replica/records.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { cutOn, isOn, type Shelf } from './shelves.js';

/** By whom a disk was lost or set back, what it had counts no more. */
const losses: ReadonlySet<string> = new Set(['torn', 'restore', 'relay-lost', 'clone']);

/** By what it was set up as, whether it runs or not. */
const isArchive = ({ role }: Till): boolean => role.archive ?? (role.home ?? []).length > 0;

/**
 * P33, of what compaction leaves (JRN11): an archive lets go of no row, and a home's checkpoint covers only what an archive in
 * another box has on its disk as well. What a relay's checkpoint covers it has told others that it keeps: the next one covers
 * it too, or the rows are there.
 */
export function createArchiveObserver(court: Court): Observer {
	const { chain } = court;
	/** What was covered when it was last looked at, by ledger. */
	const covered = new Map<LedgerName, Map<EpochId, number>>();
	let hasLost = false;

	const boxOf = (name: string) => name.replace(/\/home$/, '');

	function* archivesBeside(home: Till): Iterable<Shelf> {
		for (const box of chain.relays) if (box.name !== boxOf(home.name)) yield box.disk;
		for (const till of chain.replicas) if (till !== home && isArchive(till)) yield till.disk;
	}

	function checkPoint(home: Till, value: Uint8Array, key: string): void {
		const core = home.running?.core;
		const checkpoint = decodeCheckpoint(fromRecord({ key, value }));
		if (!core || !checkpoint || deviceIdOf(checkpoint.key, core.platform.crypto.sha256) !== core.device) return;
		const { ledger, cut } = checkpoint;
		const before = covered.get(ledger) ?? new Map<EpochId, number>();
		covered.set(ledger, before);
		const shelves = [...archivesBeside(home)];
		for (const { epoch, count } of cut.values()) {
			if ((before.get(epoch) ?? 0) >= count) continue;
			before.set(epoch, count);
			// Whoever is hostile may say that it is an archive, and has what it wrote itself.
			const written = court.truth.epochs.get(epoch);
			if (!written || court.tainted.has(written.device)) continue;
			const place = { ledger, epoch, index: count - 1 };
			court.play(33);
			court.demand(
				33,
				hasLost || shelves.some((shelf) => isOn(shelf, place)),
				() => `${home.name} covers row ${count - 1} of ${epoch} in ${ledger}, which no other archive has`,
			);
		}
	}

	/** What the checkpoints on a relay's disk covered when it had last synced. */
	const kept = new WeakMap<Shelf, Map<LedgerName, Checkpoint['cut']>>();

	function checkKept({ name, disk }: RelayBox, ledger: LedgerName): void {
		const cuts = kept.get(disk) ?? new Map<LedgerName, Checkpoint['cut']>();
		kept.set(disk, cuts);
		for (const { epoch, count } of cuts.get(ledger)?.values() ?? [])
			court.demand(
				33,
				isOn(disk, { ledger, epoch, index: count - 1 }),
				() => `${name} had row ${count - 1} of ${epoch} in ${ledger} under a checkpoint, and has it no more`,
			);
		cuts.set(ledger, cutOn(disk, ledger));
	}

	return {
		relaySynced(box, batches) {
			for (const { points } of batches) for (const { ledger } of points) checkKept(box, ledger);
		},
		synced(till, batches) {
			for (const { puts, deletes } of batches) {
				for (const { key, value } of puts) if (key.startsWith('c/')) checkPoint(till, value, key);
				if (!isArchive(till)) continue;
				const gone = deletes.find((key) => key.startsWith('r/'));
				court.demand(33, gone === undefined, () => `${till.name} is an archive and has deleted ${gone}`);
			}
		},
		faulted(fault) {
			if (losses.has(fault)) hasLost = true;
		},
	};
}
