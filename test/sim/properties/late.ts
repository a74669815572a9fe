import type { DeviceId, EpochId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { sumShown } from './shown.js';

/** What late entries gave to others, and what they did for their own device. */
interface Moved {
	minted: number;
	spent: number;
	overdrawn: number;
	readonly given: Map<DeviceId, number>;
}

/** P23: entries that no fence found move their own device's line, what was spent, and those to whom they granted; nothing else. */
export function createLateObserver(court: Court): Observer {
	const { chain, truth } = court;
	const fenced = new Set<LedgerName>();

	/** Where an epoch's late rows begin, by the fences that this replica sees. */
	function foundOf({ core }: OpenReplica, ledger: LedgerName): (epoch: EpochId) => number {
		const { fences } = core.books.of(ledger).escrow;
		return (epoch) => {
			const device = truth.epochs.get(epoch)?.device;
			let found = Number.POSITIVE_INFINITY;
			for (const fence of fences)
				if (fence.device === device)
					found = Math.min(found, fence.heads.find((head) => head.epoch === epoch)?.count ?? 0);
			return found;
		};
	}

	function movedBy(replica: OpenReplica, ledger: LedgerName, found: (epoch: EpochId) => number) {
		const moved = new Map<PoolId, Moved>();
		let rows = 0;
		for (const { id, ledger: of, device, entries } of truth.epochs.values()) {
			if (of !== ledger) continue;
			for (let i = found(id); i < Math.min(entries.length, replica.core.view.at(id)); i++) {
				rows++;
				for (const leg of entries[i]?.legs ?? []) {
					if (!('pool' in leg)) continue;
					const pool = moved.get(leg.pool) ?? { minted: 0, spent: 0, overdrawn: 0, given: new Map() };
					moved.set(leg.pool, pool);
					if (leg.kind === 'spend' || leg.kind === 'capture') pool.spent += leg.amount;
					else if (leg.kind === 'overdraw') pool.overdrawn += leg.amount;
					else if (leg.kind === 'grant' && leg.to !== device)
						pool.given.set(leg.to, (pool.given.get(leg.to) ?? 0) + leg.amount);
				}
			}
		}
		return { moved, rows };
	}

	function check({ name, running }: Till, ledger: LedgerName): void {
		if (!running?.core.holds(ledger)) return;
		const { escrow } = running.core.books.of(ledger);
		if (escrow.fences.length === 0) return;
		const found = foundOf(running, ledger);
		const { moved, rows } = movedBy(running, ledger, found);
		const told = running.status().ledgers.find((each) => each.ledger === ledger)?.late;
		court.demand(23, told === rows, () => `${name} tells of ${told} late entries in ${ledger}, there are ${rows}`);
		if (rows === 0) return;
		court.play(23, rows);
		const without = sumShown(truth, running, ledger, (epoch, index) => index >= found(epoch));
		for (const [pool, { spent, overdrawn, given }] of moved) {
			const shown = escrow.pools.get(pool);
			const plain = without.pool(ledger, pool);
			const line = () => `${name}: ${pool} in ${ledger}`;
			const isBooked = shown?.spent === plain.spent + spent && shown.overdrawn === plain.overdrawn + overdrawn;
			court.demand(23, isBooked, () => `${line()}: late entries spent ${spent} and overdrew ${overdrawn}`);
			for (const [device, { share, held }] of shown?.shares ?? []) {
				if (escrow.fenced(device)) continue;
				const should = (plain.shares.get(device) ?? 0) + (given.get(device) ?? 0);
				court.demand(
					23,
					share === should && held === (plain.holds.get(device) ?? 0),
					() => `${line()}: ${device} has ${share}; without the late entries and what they gave it, ${should}`,
				);
			}
		}
	}

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? []) if (leg.kind === 'fence') fenced.add(written.ledger);
		},
		ended() {
			for (const ledger of fenced) for (const till of chain.replicas) check(till, ledger);
		},
	};
}
