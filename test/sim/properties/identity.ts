import type { EpochId } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

/** Which process of which machine began an epoch. */
interface Writer {
	readonly till: Till;
	readonly process: number;
}

/**
 * P19: a process writes only in epochs that it began itself (JRN6), so that a restored backup extends none of its old ones;
 * and a device of which two branches are to be seen sells under that name no more (JRN7).
 */
export function createIdentityObserver(court: Court): Observer {
	const { truth, chain } = court;
	const writers = new Map<EpochId, Writer>();
	const restored = new Set<Till>();

	/** Has some entry of this device two successors, in what it has itself by now? */
	function isForked({ core, device }: OpenReplica): boolean {
		const after = new Set<string>();
		for (const written of truth.epochs.values()) {
			if (written.device !== device || core.have(written.ledger, written.id) === 0) continue;
			const { ledger, prev } = written;
			const place = prev ? `${ledger} ${prev.epoch} ${prev.count}` : ledger;
			if (after.has(place)) return true;
			after.add(place);
		}
		return false;
	}

	return {
		synced(till, _batches, fresh) {
			const own = till.running?.device;
			for (const { written, index } of fresh) {
				const { id, device, ledger } = written;
				const process = till.processes.number;
				if (index === 0) writers.set(id, { till, process });
				if (index === 0 || device !== own) continue;
				const by = writers.get(id);
				if (restored.has(till)) court.play(19);
				court.demand(
					19,
					by?.till === till && by.process === process,
					() => `${till.name} goes on in epoch ${id} of ${ledger}, which another opening began`,
				);
			}
		},
		faulted(fault, till) {
			if (till && (fault === 'restore' || fault === 'clone')) restored.add(till);
		},
		ended() {
			for (const { name, running } of chain.tills) {
				if (!running || running.health.get().state === 'broken' || !isForked(running)) continue;
				court.play(19);
				court.demand(
					19,
					running.core.flagged,
					() => `${name} still goes by ${running.device}, of whose journal there are two branches`,
				);
			}
		},
	};
}
