import type { DeviceId, EpochId } from '../../../src/base/ids.js';
import type { Leg } from '../../../src/journal/leg.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

/** No sync takes longer. */
const underWayMs = 1_000;

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
	const flagged = new WeakMap<OpenReplica, { readonly device: DeviceId; readonly atMs: number }>();

	/** Has some entry of this device two successors, in what it has itself by now? */
	function isForked({ core, device }: OpenReplica): boolean {
		const after = new Set<string>();
		for (const written of truth.epochs.values()) {
			if (written.device !== device || core.have(written.ledger, written.id) === 0) continue;
			const { ledger, prev } = written;
			const place = prev ? `${ledger} ${prev.epoch} ${prev.count}` : ledger;
			const isLeftBehind = prev !== null && core.have(ledger, prev.epoch) > prev.count;
			if (isLeftBehind || after.has(place)) return true;
			after.add(place);
		}
		return false;
	}

	/** Since when a replica knows that there are two of it, by the world's time. */
	function noteFlagged({ running }: Till): void {
		if (!running?.core.flagged) return;
		const known = flagged.get(running);
		if (known?.device !== running.device) flagged.set(running, { device: running.device, atMs: chain.time.nowMs });
	}

	/** Whoever knows it sells no more under that name; what was on its way to disk is. */
	function checkFlagged({ name, running }: Till, legs: readonly Leg[]): void {
		const known = running && flagged.get(running);
		if (!known || known.device !== running.device || chain.time.nowMs - known.atMs < underWayMs) return;
		court.play(19);
		const sold = legs.some(({ kind }) => kind === 'spend' || kind === 'hold');
		court.demand(19, !sold, () => `${name} knows that there is another ${known.device}, and sells under that name`);
	}

	return {
		stepped: (actor) => actor && noteFlagged(actor),
		synced(till, _batches, fresh) {
			const own = till.running?.device;
			noteFlagged(till);
			for (const { written, index } of fresh) {
				const { id, device, ledger } = written;
				if (device === own) checkFlagged(till, written.entries[index]?.legs ?? []);
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
