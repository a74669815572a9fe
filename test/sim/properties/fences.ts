import type { DeviceId, EpochId, LedgerName, PoolId, Position } from '../../../src/base/ids.js';
import type { Leg, LegOf } from '../../../src/journal/leg.js';
import { Damage } from './damage.js';
import type { Court, Observer } from './observer.js';
import { rightOf } from './sums.js';
import type { TrueEpoch } from './truth.js';

/** One taking from a device that was given up, in one pool. */
interface Reclaim {
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	readonly from: DeviceId;
	readonly by: DeviceId;
	readonly amount: number;
	/** What its taker had seen of the device's journal. */
	readonly seen: ReadonlyMap<EpochId, number>;
}

/**
 * P21, P22: what a given up device overdraws was taken from it before, nobody takes what was taken already, and whoever fences
 * spends the one right to do so in the same entry (ESC6): that is what keeps two from it.
 */
export function createFenceObserver(court: Court): Observer {
	const { chain, truth, tainted, strangers } = court;
	const damage = new Damage();
	const reclaims = new Map<string, Reclaim[]>();
	/** By taker, ledger and device: a taking of many pools names what it rests on once. */
	const seenBy = new Map<string, ReadonlyMap<EpochId, number>>();

	function noteReclaim({ ledger, device: by }: TrueEpoch, relies: readonly Position[], leg: LegOf<'reclaim'>): void {
		const { pool, from, share, held } = leg;
		const taker = `${by} ${ledger} ${from}`;
		if (relies.length > 0) seenBy.set(taker, before(relies));
		const seen = seenBy.get(taker) ?? new Map<EpochId, number>();
		const key = `${ledger} ${pool} ${from}`;
		const known = reclaims.get(key) ?? [];
		known.push({ ledger, pool, from, by, amount: share + held, seen });
		reclaims.set(key, known);
	}

	/** Everything on the way to these places. */
	function before(relies: readonly Position[]): ReadonlyMap<EpochId, number> {
		const seen = new Map<EpochId, number>();
		for (const position of relies)
			for (let at: Position | null | undefined = position; at; at = truth.epochs.get(at.epoch)?.prev) {
				if ((seen.get(at.epoch) ?? 0) >= at.count) break;
				seen.set(at.epoch, at.count);
			}
		return seen;
	}

	/** The most that the device can have had, for somebody who saw no more of its journal than this taker. */
	function worth({ ledger, pool, from, seen }: Reclaim): number {
		let had = 0;
		for (const { id, ledger: of, device, entries } of truth.epochs.values()) {
			if (of !== ledger) continue;
			for (const [index, { legs }] of entries.entries())
				for (const [place, leg] of legs.entries()) {
					if (leg.kind === 'grant' && leg.to === from && leg.pool === pool) had += leg.amount;
					if (device !== from) continue;
					if (leg.kind === 'overdraw' && rightOf(id, index, place) === pool) had += 1;
					if (!('pool' in leg) || leg.pool !== pool) continue;
					if (leg.kind === 'mint') had += leg.amount;
					else if (leg.kind === 'reclaim') had += leg.share + leg.held;
					else if (leg.kind === 'spend' || leg.kind === 'grant' || leg.kind === 'capture')
						had -= index < (seen.get(id) ?? 0) ? leg.amount : 0;
				}
		}
		return had;
	}

	/** P22. What a home took that lost its disk is for nobody to count on. */
	function checkTaken(all: readonly Reclaim[]): void {
		let taken = 0;
		for (const reclaim of all) {
			if (tainted.has(reclaim.by)) continue;
			taken += reclaim.amount;
			const sum = taken;
			const had = worth(reclaim);
			const { pool, ledger, from } = reclaim;
			court.play(22);
			court.demand(22, sum <= had, () => `${sum} of ${pool} in ${ledger} were taken from ${from}, which had ${had}`);
		}
	}

	function checkRight({ ledger, device }: TrueEpoch, legs: readonly Leg[]): void {
		for (const fence of legs) {
			if (fence.kind !== 'fence' || strangers.has(device)) continue;
			const right = `fence/${fence.device}`;
			const spends = legs.some((leg) => leg.kind === 'spend' && leg.pool === right && leg.amount === 1);
			court.play(22);
			court.demand(22, spends, () => `${device} fences ${fence.device} in ${ledger} without the right to do so`);
		}
	}

	/** P21. Whose journal has one line alone: a clone overdraws by its branches too. */
	function checkOverdraft(all: readonly Reclaim[]): void {
		const [{ ledger, pool, from }] = all as [Reclaim];
		if (damage.has(from)) return;
		const { shares, holds } = truth.pool(ledger, pool);
		const overdrawn = -((shares.get(from) ?? 0) + (holds.get(from) ?? 0));
		if (overdrawn > 0) court.play(21);
		const taken = all.reduce((sum, { amount }) => sum + amount, 0);
		court.demand(
			21,
			overdrawn <= taken,
			() => `${from} overdrew ${overdrawn} of ${pool} in ${ledger} after it was given up; ${taken} were taken from it`,
		);
	}

	return {
		synced(till, _batches, fresh) {
			for (const { written, index } of fresh) {
				if (index === 0) damage.wrote(till, written);
				const { legs = [], relies = [] } = written.entries[index] ?? {};
				checkRight(written, legs);
				for (const leg of legs) if (leg.kind === 'reclaim') noteReclaim(written, relies, leg);
			}
		},
		faulted(fault, till) {
			damage.faulted(fault, till, chain.homes);
		},
		ended() {
			for (const all of reclaims.values()) {
				checkTaken(all);
				checkOverdraft(all);
			}
		},
	};
}
