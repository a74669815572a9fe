import type { DeviceId, EpochId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Leg } from '../../../src/journal/leg.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { rightOf } from './sums.js';
import type { TrueEpoch } from './truth.js';

/** What the machines of one name had of a pool when the first copy was made, got since, and gave out since. */
interface Account {
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	had: number;
	got: number;
	gave: number;
}

interface Cloned {
	machines: number;
	readonly accounts: Map<string, Account>;
}

/** An epoch, or nothing at all, after which somebody went on, and those who did: from which of its rows on. */
interface Fork {
	readonly device: DeviceId;
	readonly ledger: LedgerName;
	readonly epoch: EpochId | undefined;
	readonly branches: { readonly epoch: EpochId; readonly from: number }[];
}

/** P20: who sees both branches of a clone knows of it, and all that copies spend too much has a bound. */
export function createCloneObserver(court: Court): Observer {
	const { chain, truth } = court;
	const cloned = new Map<DeviceId, Cloned>();
	/** Machines whose disk went back or forgot something: what they had at the fork is not known, nor what their copies had. */
	const damaged = new Set<string>();
	const isDamaged = (name: string) => [...damaged].some((each) => name === each || name.startsWith(`${each} copy `));
	/** What was taken from a device that may not have heard of it. */
	const taken = new Map<string, number>();
	const ways = new Map<string, Fork>();
	const forked = new Set<Fork>();

	function account(device: DeviceId, ledger: LedgerName, pool: PoolId): Account | undefined {
		const clone = cloned.get(device);
		if (!clone) return undefined;
		const key = `${ledger} ${pool}`;
		const known = clone.accounts.get(key) ?? { ledger, pool, had: 0, got: 0, gave: 0 };
		clone.accounts.set(key, known);
		return known;
	}

	function note({ id, ledger, device }: TrueEpoch, index: number, place: number, leg: Leg): void {
		if (leg.kind === 'grant') {
			const to = account(leg.to, ledger, leg.pool);
			if (to) to.got += leg.amount;
		}
		if (leg.kind === 'overdraw') {
			const right = account(device, ledger, rightOf(id, index, place));
			if (right) right.got++;
		}
		const own = 'pool' in leg && account(device, ledger, leg.pool);
		if (!own) return;
		if (leg.kind === 'spend' || leg.kind === 'grant' || leg.kind === 'hold') own.gave += leg.amount;
		else if (leg.kind === 'mint') own.got += leg.amount;
		else if (leg.kind === 'capture') own.got += leg.held - leg.amount;
		else if (leg.kind === 'release' || leg.kind === 'expire') own.got += leg.held;
		else if (leg.kind === 'reclaim') own.got += leg.share + leg.held;
	}

	function noteTaken({ ledger, legs }: { readonly ledger: LedgerName; readonly legs: readonly Leg[] }): void {
		for (const leg of legs) {
			if (leg.kind !== 'reclaim') continue;
			const key = `${leg.from} ${ledger} ${leg.pool}`;
			taken.set(key, (taken.get(key) ?? 0) + leg.share);
		}
	}

	function noteWay(written: TrueEpoch, index: number): void {
		const { id, ledger, device, prev } = written;
		if (index > 0) {
			const fork = ways.get(`${id}`);
			if (fork) forked.add(fork);
			return;
		}
		const key = prev ? `${prev.epoch}` : `${ledger} ${device}`;
		const fork = ways.get(key) ?? { device, ledger, epoch: prev?.epoch, branches: [] };
		ways.set(key, fork);
		fork.branches.push({ epoch: id, from: prev?.count ?? 0 });
		const grew = prev && (truth.epochs.get(prev.epoch)?.rows.length ?? 0) > prev.count;
		if (fork.branches.length > 1 || grew) forked.add(fork);
	}

	/** Whoever holds both branches says that there are two, or that the device was given up for it. */
	function checkSeen({ name, running }: Till): void {
		if (!running) return;
		const { core } = running;
		for (const { device, ledger, epoch, branches } of forked) {
			if (!core.holds(ledger)) continue;
			const held = branches.filter((branch) => core.have(ledger, branch.epoch) > 0);
			const trunk = epoch === undefined ? 0 : core.have(ledger, epoch);
			if (held.length < 2 && !held.some(({ from }) => trunk > from)) continue;
			court.play(20);
			court.demand(
				20,
				core.journal.forked.has(device) || core.books.of(ledger).escrow.fenced(device),
				() => `${name} holds two branches of ${device} in ${ledger} and does not know it`,
			);
		}
	}

	function checkBound(): void {
		for (const [device, { machines, accounts }] of cloned)
			for (const { ledger, pool, had, got, gave } of accounts.values()) {
				if (gave === 0) continue;
				court.play(20);
				const bound = machines * (had + got);
				court.demand(
					20,
					gave <= bound,
					() =>
						`${machines} machines as ${device} gave out ${gave} of ${pool} in ${ledger}, they had ${had} and got ${got}`,
				);
			}
	}

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh) {
				noteWay(written, index);
				noteTaken({ ledger: written.ledger, legs: written.entries[index]?.legs ?? [] });
				if (cloned.size > 0)
					for (const [place, leg] of written.entries[index]?.legs.entries() ?? []) note(written, index, place, leg);
			}
		},
		faulted(fault, till) {
			if (!till) return;
			if (fault === 'restore' || fault === 'torn') {
				damaged.add(till.name);
				if (till.running) cloned.delete(till.running.device);
			}
			if (fault !== 'clone' || !till.running || isDamaged(till.name)) return;
			const { device } = till.running;
			const known = cloned.get(device);
			if (known) {
				known.machines++;
				return;
			}
			const clone: Cloned = { machines: 2, accounts: new Map() };
			cloned.set(device, clone);
			for (const [ledger, pools] of truth.pools)
				for (const [pool, { shares }] of pools) {
					const had = Math.max(0, (shares.get(device) ?? 0) + (taken.get(`${device} ${ledger} ${pool}`) ?? 0));
					if (had > 0) clone.accounts.set(`${ledger} ${pool}`, { ledger, pool, had, got: 0, gave: 0 });
				}
		},
		stepped(actor) {
			if (actor && forked.size > 0) checkSeen(actor);
		},
		ended() {
			checkBound();
			if (forked.size > 0) for (const till of chain.replicas) checkSeen(till);
		},
	};
}
