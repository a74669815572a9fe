import type { EpochId } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Disk } from '../machines/disk.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { firmRows, wrongIn } from './recomputed.js';

/** In one seed of so many views are recomputed, at the end; in one of so many more, on the way as well. */
const endShare = 4;
const wayShare = 12;
const wayEvery = 20;

/** What was shown on a disk, and how often it had lost anything by then. */
interface Shown {
	readonly at: Map<EpochId, number>;
	losses: number;
}

/**
 * P26: a view never goes back behind what was shown, not by a crash either, and is what a plain recomputation of its rows
 * and checkpoints gives (JRN9). P27: so it is beside a fence, a hold, a clone and a lost home.
 */
export function createViewObserver(court: Court): Observer {
	const { truth, chain, seed } = court;
	const shown = new WeakMap<Disk, Shown>();
	/** Tills that have stored a checkpoint since the last step. */
	const rebased = new Set<Till>();
	let steps = 0;
	let cloned = false;
	let homeLost = false;

	/** Rows of an epoch that are shown and have their ground here: as rows, or in the checkpoint below. */
	function shownOf({ core }: OpenReplica, id: EpochId): number {
		const { view, journal } = core;
		const epoch = journal.get(id);
		const ledger = truth.epochs.get(id)?.ledger;
		const covered = ledger === undefined ? 0 : (view.base(ledger)?.cut.get(id)?.count ?? 0);
		return Math.min(view.at(id), Math.max(epoch ? firmRows(core, epoch) : 0, covered));
	}

	function checkForward({ name, replica, disk }: Till): void {
		const { view, journal } = replica.core;
		const known = shown.get(disk) ?? { at: new Map<EpochId, number>(), losses: disk.losses };
		if (known.losses !== disk.losses) {
			known.losses = disk.losses;
			known.at.clear();
		}
		shown.set(disk, known);
		for (const [id, before] of known.at) {
			const now = shownOf(replica, id);
			if (now < before) court.demand(26, false, () => `${name} showed ${before} of epoch ${id}, and now ${now}`);
		}
		for (const { id } of journal.all()) {
			const now = view.at(id);
			if (now > 0) known.at.set(id, now);
		}
		for (const ledger of view.bases())
			for (const { epoch } of view.base(ledger)?.cut.values() ?? [])
				if (!known.at.has(epoch)) known.at.set(epoch, view.at(epoch));
		court.play(26);
	}

	/** What makes checkpoints hard, where this replica has one. */
	function isHard({ replica }: Till): boolean {
		const { view, books } = replica.core;
		if ([...view.bases()].length === 0) return false;
		if (cloned || homeLost) return true;
		for (const ledger of books.names()) {
			const { fences, holds } = books.of(ledger).escrow;
			if (view.base(ledger) && (fences.length > 0 || holds.size > 0)) return true;
		}
		return false;
	}

	function checkPlain(till: Till): void {
		const property = isHard(till) ? 27 : 26;
		court.play(property);
		const wrong = wrongIn(till.replica, truth);
		court.demand(property, wrong === undefined, () => `${till.name}: ${wrong}`);
	}

	return {
		synced(till, batches) {
			if (batches.some(({ puts }) => puts.some(({ key }) => key.startsWith('c/')))) rebased.add(till);
		},
		faulted(fault) {
			if (fault === 'clone') cloned = true;
			if (fault === 'relay-lost') homeLost = true;
		},
		stepped(actor) {
			for (const till of rebased) if (till !== actor && till.running) checkForward(till);
			rebased.clear();
			if (!actor?.running) return;
			checkForward(actor);
			if (seed % wayShare === 0 && ++steps % wayEvery === 0) checkPlain(actor);
		},
		opened: checkForward,
		ended() {
			const running = chain.replicas.filter((till) => till.running);
			for (const till of running) checkForward(till);
			if (seed % endShare !== 0) return;
			const [first] = running.splice((seed / endShare) % running.length, 1);
			if (first) checkPlain(first);
		},
	};
}
