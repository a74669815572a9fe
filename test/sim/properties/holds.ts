import type { DeviceId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Leg, LegOf } from '../../../src/journal/leg.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer, RowPlace } from './observer.js';
import { sumShown } from './shown.js';

interface TrueHold {
	readonly id: string;
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	readonly device: DeviceId;
	readonly amount: number;
	readonly machine: string;
	crashed: boolean;
	resolved: boolean;
}

type Resolution = LegOf<'capture' | 'release' | 'expire'>;
const isResolution = (leg: Leg): leg is Resolution =>
	leg.kind === 'capture' || leg.kind === 'release' || leg.kind === 'expire';

/** P14, P15, P17: a hold ends once and gives back what was not taken; until then it outlives whatever happens to its device. */
export function createHoldObserver(court: Court): Observer {
	const { truth, tainted } = court;
	const holds = new Map<string, TrueHold>();

	function resolve(ledger: LedgerName, device: DeviceId, leg: Resolution): void {
		if (tainted.has(device)) return;
		const hold = holds.get(`${ledger} ${leg.hold}`);
		const what = () => `${device} wrote ${leg.kind} of hold ${leg.hold} in ${ledger}`;
		court.demand(14, hold?.device === device, () => `${what()}, which is not its own`);
		court.demand(14, !hold?.resolved, () => `${what()}, which had ended`);
		if (!hold) return;
		hold.resolved = true;
		const isWhole = leg.held === hold.amount && leg.pool === hold.pool;
		court.demand(15, isWhole, () => `${what()}: ${leg.held} of ${leg.pool}, it was ${hold.amount} of ${hold.pool}`);
		if (leg.kind !== 'capture') return;
		court.play(15);
		court.demand(15, leg.amount <= leg.held, () => `${what()}: ${leg.amount} of ${leg.held}`);
	}

	/** What was not taken is in the share again, in the turn in which the taking is confirmed. */
	function checkRest({ name, replica }: Till, { ledger, epoch, index }: RowPlace): void {
		for (const leg of truth.epochs.get(epoch)?.entries[index]?.legs ?? []) {
			if (leg.kind !== 'capture') continue;
			const shown = replica.core.books.of(ledger).escrow.pools.get(leg.pool)?.shares.get(replica.device)?.share ?? 0;
			const plain = sumShown(truth, replica, ledger).share(ledger, leg.pool, replica.device);
			court.play(15);
			court.demand(
				15,
				shown === plain,
				() => `${name} has ${shown} of ${leg.pool} after taking ${leg.amount} of a hold of ${leg.held}; it is ${plain}`,
			);
		}
	}

	return {
		synced(till, _batches, fresh) {
			for (const { written, index } of fresh) {
				const { ledger, device } = written;
				for (const leg of written.entries[index]?.legs ?? [])
					if (leg.kind === 'hold') {
						const { hold: id, pool, amount } = leg;
						const machine = till.name;
						holds.set(`${ledger} ${id}`, {
							id,
							ledger,
							pool,
							device,
							amount,
							machine,
							crashed: false,
							resolved: false,
						});
					} else if (isResolution(leg)) resolve(ledger, device, leg);
			}
		},
		answered({ till, device, outcome }) {
			if (!outcome.ok) {
				if (outcome.code === 'hold_unknown') court.play(14);
				if (outcome.code === 'hold_exceeded') court.play(15);
			} else if (till.running?.device === device)
				for (const place of court.placesOf(till, outcome.commit)) checkRest(till, place);
		},
		crashed({ name }) {
			for (const hold of holds.values()) if (hold.machine === name && !hold.resolved) hold.crashed = true;
		},
		opened({ name, running }) {
			for (const { id, ledger, pool, device, amount, machine, crashed, resolved } of holds.values()) {
				if (device !== running?.device || machine !== name || tainted.has(device)) continue;
				const hold = running.core.books.of(ledger).escrow.holds.get(id);
				court.demand(14, !resolved || !hold, () => `${name} came back with hold ${id} in ${ledger}, which had ended`);
				if (resolved) continue;
				if (crashed) court.play(17);
				court.demand(
					17,
					hold?.amount === amount && hold.pool === pool,
					() => `${name} came back without its hold ${id} of ${amount} of ${pool} in ${ledger}`,
				);
			}
		},
	};
}
