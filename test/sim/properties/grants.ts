import type { DeviceId } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { waitingForGone } from './gone.js';
import type { Court, Observer } from './observer.js';
import type { TrueEpoch } from './truth.js';

interface TrueGrant {
	readonly written: TrueEpoch;
	readonly index: number;
	readonly to: DeviceId;
	/** How much had been lost on the way, anywhere, when it was written. */
	readonly lost: number;
}

/** Who began so late that not everything can be there yet. */
const arrivingMs = 20_000;

/** P9, P10: a request is granted once by each device that it comes to, and what was granted arrives whatever got lost. */
export function createGrantObserver(court: Court): Observer {
	const { chain, tainted, truth } = court;
	const answered = new Set<string>();
	const grants: TrueGrant[] = [];
	const openedMs = new Map<string, number>();
	let faults = 0;

	const lost = () => chain.network.counts.dropped + chain.network.counts.swallowed + faults;

	/** It came, and is held back for a ledger that was lost as a whole: see `gone.ts`. */
	function isHeldBack(running: OpenReplica, { id }: TrueEpoch, index: number): boolean {
		return (running.core.journal.get(id)?.durable ?? 0) > index && waitingForGone(truth, running).has(id);
	}

	function checkArrived({ written, index, to, lost: before }: TrueGrant): void {
		if (tainted.has(written.device)) return;
		for (const { name, running } of chain.replicas) {
			if (running?.device !== to || !running.core.holds(written.ledger)) continue;
			if (chain.linesOf(name).length === 0 || chain.time.nowMs - (openedMs.get(name) ?? 0) < arrivingMs) continue;
			if (lost() > before) court.play(10);
			court.demand(
				10,
				running.core.view.at(written.id) > index || isHeldBack(running, written, index),
				() => `${name} has not got what ${written.device} granted it in ${written.ledger}, ${written.id}.${index}`,
			);
		}
	}

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? []) {
					if (leg.kind !== 'grant') continue;
					grants.push({ written, index, to: leg.to, lost: lost() });
					if (leg.request === '' || tainted.has(written.device)) continue;
					// Whoever passes an ask on adds to its id.
					const request = `${written.device} ${leg.request.split('.', 1)[0]}`;
					if (chain.network.counts.duplicated > 0) court.play(9);
					court.demand(9, !answered.has(request), () => `${written.device} granted request ${leg.request} twice`);
					answered.add(request);
				}
		},
		opened({ name }) {
			openedMs.set(name, chain.time.nowMs);
		},
		faulted(fault) {
			if (fault === 'partition' || fault === 'crash') faults++;
		},
		ended() {
			for (const grant of grants) checkArrived(grant);
		},
	};
}
