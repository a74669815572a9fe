import type { DeviceId, EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Leg } from '../../../src/journal/leg.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { keys } from '../../../src/replica/records.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import type { TrueEpoch } from './truth.js';

/** No sync takes longer. */
const underWayMs = 1_000;

/** Which process of which machine began an epoch. */
interface Writer {
	readonly till: Till;
	readonly process: number;
}

/** How a process begins. */
interface Beginning {
	readonly process: number;
	/** It has said something on a line: somebody may have told it what he has. */
	hasMet: boolean;
	/** Ends of journals under its own name that came back before it had written in their ledger. */
	readonly back: Map<EpochId, number>;
	/** Where it has written. */
	readonly wrote: Set<LedgerName>;
}

/** What a device writes with nobody standing at it; a share that goes home looks like one that somebody gives. */
const byItself: ReadonlySet<Leg['kind']> = new Set(['open', 'expire', 'fence', 'reclaim']);

/**
 * P19: a process writes only in epochs that it began itself (JRN6), so that a restored backup extends none of its old ones; a
 * device of which two branches are to be seen sells under that name no more; what came back of its own journal before it wrote is
 * what it goes on after; and before it has met anybody it writes nothing by itself, for its disk may be an old one (JRN7).
 */
export function createIdentityObserver(court: Court): Observer {
	const { truth, chain } = court;
	const writers = new Map<EpochId, Writer>();
	const restored = new Set<Till>();
	const tills = new Map<string, Till>();
	/** Of the process that runs. */
	const beginnings = new Map<Till, Beginning>();
	const flagged = new WeakMap<OpenReplica, { readonly device: DeviceId; readonly atMs: number }>();

	/** Has some entry of this device two successors, in what it has itself by now; one epoch left out of account? */
	function isForked({ core, device }: OpenReplica, but?: EpochId): boolean {
		const after = new Set<string>();
		for (const written of truth.epochs.values()) {
			if (written.device !== device || written.id === but || core.have(written.ledger, written.id) === 0) continue;
			const { ledger, prev } = written;
			const place = prev ? `${ledger} ${prev.epoch} ${prev.count}` : ledger;
			const isLeftBehind = prev !== null && core.have(ledger, prev.epoch) > prev.count;
			if (isLeftBehind || after.has(place)) return true;
			after.add(place);
		}
		return false;
	}

	function beginningOf(till: Till): Beginning {
		const known = beginnings.get(till);
		const process = till.processes.number;
		if (known?.process === process) return known;
		const beginning = { process, hasMet: false, back: new Map(), wrote: new Set<LedgerName>() };
		beginnings.set(till, beginning);
		return beginning;
	}

	function isOfProcess(till: Till, epoch: EpochId): boolean {
		const by = writers.get(epoch);
		return by?.till === till && by.process === till.processes.number;
	}

	/** Rows under its own name that another process wrote are on its disk from now on. */
	function noteBack(till: Till, { core }: OpenReplica, batches: readonly WriteBatch[]): void {
		for (const { puts } of batches)
			for (const { key } of puts) {
				if (!key.startsWith('r/')) continue;
				const { epoch, at } = keys.parse(key);
				const written = truth.epochs.get(epoch);
				if (written?.device !== core.device || isOfProcess(till, epoch)) continue;
				// What was sold while they were on their way makes a second branch: facts, and nobody's fault.
				if (core.writer.hasWritten(written.ledger)) continue;
				const { back } = beginningOf(till);
				back.set(epoch, Math.max(at + 1, back.get(epoch) ?? 0));
			}
	}

	/** Is this row on the way to what an epoch goes on after? */
	function leadsTo({ prev }: TrueEpoch, epoch: EpochId, count: number): boolean {
		let at = prev;
		for (let bound = truth.epochs.size; at && bound >= 0; bound--) {
			if (at.epoch === epoch) return count <= at.count;
			at = truth.epochs.get(at.epoch)?.prev ?? null;
		}
		return false;
	}

	/** The first rows that a process writes in a ledger. */
	function checkBeginning(till: Till, running: OpenReplica, written: TrueEpoch): void {
		const { hasMet, back, wrote } = beginningOf(till);
		const { id, ledger, device, entries } = written;
		if (wrote.has(ledger)) return;
		wrote.add(ledger);
		if (!hasMet && !running.core.writer.fresh) {
			const isAsked = entries.some(({ legs }) => legs.some(({ kind }) => !byItself.has(kind)));
			court.play(19);
			court.demand(19, isAsked, () => `${till.name} has met nobody yet, and writes by itself in ${ledger}`);
		}
		for (const [epoch, count] of back) {
			const other = truth.epochs.get(epoch);
			if (other?.ledger !== ledger || other.device !== device || isForked(running, id)) continue;
			court.play(19);
			court.demand(
				19,
				leadsTo(written, epoch, count),
				() => `${till.name} had ${epoch}:${count} in ${ledger} back before it wrote, and does not go on after it`,
			);
		}
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
		sent(from) {
			const till = tills.get(from);
			if (till) beginningOf(till).hasMet = true;
		},
		opened: (till) => void tills.set(till.name, till),
		synced(till, batches, fresh) {
			const { running } = till;
			const own = running?.device;
			noteFlagged(till);
			for (const { written, index } of fresh) {
				const { id, device, ledger } = written;
				if (device === own) checkFlagged(till, written.entries[index]?.legs ?? []);
				const process = till.processes.number;
				if (index === 0) writers.set(id, { till, process });
				if (index === 0 && running && device === own) checkBeginning(till, running, written);
				if (index === 0 || device !== own) continue;
				const by = writers.get(id);
				if (restored.has(till)) court.play(19);
				court.demand(
					19,
					by?.till === till && by.process === process,
					() => `${till.name} goes on in epoch ${id} of ${ledger}, which another opening began`,
				);
			}
			if (running) noteBack(till, running, batches);
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
