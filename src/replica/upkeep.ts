import type { EpochId, HoldId, LedgerName } from '../base/ids.js';
import type { Checkpoint } from '../journal/checkpoint.js';
import type { Epoch } from '../journal/journal.js';
import type { Core } from './core.js';
import { epochKeys } from './disk.js';
import type { Home } from './home.js';

export interface UpkeepOptions {
	readonly core: Core;
	/** May this device write in a ledger by itself (JRN7)? */
	readonly settled: (ledger: LedgerName) => boolean;
	/** Says which parts of own commits this disk has lost, where nobody can bring them (JRN4). */
	readonly mourn: () => void;
	/** Tells peers what is here of a ledger: rows are missing that they think a checkpoint has made known. */
	readonly again: (ledger: LedgerName) => void;
	readonly home: Home | undefined;
	/** Adopts what was offered to the view. */
	readonly adopt: () => Promise<void>;
}

/** Every how many milliseconds a replica looks after itself. */
const everyMs = 1000;

/** After how many rounds peers are told; then nobody else has what is missing either. */
const pendingRounds = [4, 16, 64, 256];

/** What needs doing now and then: checkpoints, segments, fences at home; following, expiring and dropping everywhere. */
export class Upkeep {
	readonly #o: UpkeepOptions;
	readonly #expiries = new Map<string, () => void>();
	/** For how many rounds a checkpoint has waited to be adopted. */
	readonly #pending = new Map<LedgerName, number>();
	#queue: Promise<void> = Promise.resolve();
	#cancel = () => {};

	constructor(options: UpkeepOptions) {
		this.#o = options;
	}

	start(): void {
		this.#cancel = this.#o.core.platform.timers.after(
			everyMs,
			() => {
				this.tend(false).then(
					() => this.start(),
					() => {}, // a failed write has told the replica; a stopped one needs no upkeep
				);
			},
			true,
		);
	}

	async stop(): Promise<void> {
		this.#cancel();
		for (const cancel of this.#expiries.values()) cancel();
		await this.#queue;
		this.#cancel();
	}

	/** One round after the other; `compact` writes checkpoints for anything new at all. */
	tend(compact: boolean): Promise<void> {
		const done = this.#queue.then(() => this.#tend(compact));
		this.#queue = done.catch(() => {}); // the caller is told
		return done;
	}

	async #tend(compact: boolean): Promise<void> {
		const { core, home, settled, mourn, adopt } = this.#o;
		if (!core.stopped) mourn();
		// The cut goes through every epoch of every ledger: once a round is enough, but for whoever waits for the checkpoints.
		if (!compact) home?.advance();
		for (const ledger of core.ledgers()) {
			if (core.stopped) return;
			this.#watchHolds(ledger);
			if (settled(ledger) && !core.wanted.has(ledger)) {
				if (home && core.isHome(ledger) && !core.flagged) await home.tend(ledger, compact);
				this.#followSegment(ledger);
			}
			if (!core.settings.archive) this.#dropCovered(ledger);
			this.#watchPending(ledger);
		}
		await adopt();
		await core.writer.flushed();
	}

	/** An epoch left behind in an old segment gets its successor, so that its rows can go. */
	#followSegment(ledger: LedgerName): void {
		const { writer, journal } = this.#o.core;
		const tip = writer.tip(ledger);
		const epoch = tip && journal.get(tip.epoch);
		if (epoch && epoch.name.segment < writer.segment(ledger)) writer.open(ledger);
	}

	/** A checkpoint that does not fit may wait for the very rows that peers leave out because of it. */
	#watchPending(ledger: LedgerName): void {
		const { core, again } = this.#o;
		const rounds = core.view.pending(ledger).length > 0 ? (this.#pending.get(ledger) ?? 0) + 1 : 0;
		this.#pending.set(ledger, rounds);
		if (pendingRounds.includes(rounds)) again(ledger);
	}

	/** A hold of this device expires when its lease has run while this process ran, whatever the clock says (ESC4). */
	#watchHolds(ledger: LedgerName): void {
		const { core } = this.#o;
		for (const [id, hold] of core.books.of(ledger).escrow.holds)
			if (hold.device === core.device && !this.#expiries.has(id)) this.#expireAfter(hold.leaseMs, ledger, id);
	}

	#expireAfter(delayMs: number, ledger: LedgerName, id: HoldId): void {
		const { core, settled } = this.#o;
		const expire = () => {
			this.#expiries.delete(id);
			const open = core.books.openHold(ledger, id);
			if (!open || core.stopped) return;
			if (!settled(ledger)) return this.#expireAfter(everyMs, ledger, id);
			const draft = core.writer.draft(ledger, [{ kind: 'expire', pool: open.pool, hold: id, held: open.amount }]);
			core.writer.write([draft]).catch(() => {}); // the disk has told the replica
		};
		this.#expiries.set(id, core.platform.timers.after(delayMs, expire, true));
	}

	/** JRN11: rows go that the adopted checkpoint covers, where their epoch was gone on from, or its device is fenced. */
	#dropCovered(ledger: LedgerName): void {
		const { journal, view, writer, books } = this.#o.core;
		const base = view.base(ledger);
		if (!base || view.isAdopting) return;
		const covered = new Map<EpochId, Epoch>();
		for (const epoch of journal.in(ledger)) {
			if ((base.cut.get(epoch.id)?.count ?? 0) < epoch.count) continue;
			// What is on its way to disk goes when it has got there: it may be about to be passed on.
			if (epoch.durable < epoch.count) continue;
			if (writer.isWriting(epoch) || writer.tip(ledger)?.epoch === epoch.id) continue;
			covered.set(epoch.id, epoch);
		}
		if (covered.size === 0) return;
		const followed = followedIn(base, covered);
		const deletes: string[] = [];
		for (const epoch of covered.values()) {
			if (!followed.has(epoch) && !books.of(ledger).escrow.fenced(epoch.name.device)) continue;
			deletes.push(...epochKeys(epoch));
			journal.drop(epoch);
			view.dropped(epoch.id);
		}
		if (deletes.length > 0) void writer.along([], deletes);
	}
}

/** Those of these epochs that others of the checkpoint's cut go on from where they end. */
function followedIn(base: Checkpoint, epochs: ReadonlyMap<EpochId, Epoch>): Set<Epoch> {
	const followed = new Set<Epoch>();
	for (const { prev } of base.cut.values()) {
		const epoch = prev ? epochs.get(prev.epoch) : undefined;
		if (epoch && epoch.count === prev?.count) followed.add(epoch);
	}
	return followed;
}
