import type { HoldId, LedgerName } from '../base/ids.js';
import type { Checkpoint } from '../journal/checkpoint.js';
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
	readonly #ends = new WeakMap<Checkpoint, Set<string>>();
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
				if (home && core.isHome(ledger) && !core.flagged) await this.#tendHome(home, ledger, compact);
				this.#followSegment(ledger);
			}
			if (!core.settings.archive) this.#dropCovered(ledger);
			this.#watchPending(ledger);
		}
		await adopt();
		await core.writer.flushed();
	}

	async #tendHome(home: Home, ledger: LedgerName, compact: boolean): Promise<void> {
		const { core } = this.#o;
		for (const device of home.givenUp(ledger)) await home.fence(ledger, device);
		for (const { device } of core.books.of(ledger).escrow.fences) await home.reclaim(ledger, device);
		await home.mintRights(ledger);
		// Its `open` tells who is home here: before that nobody knows where shares rest (ESC10).
		if (!core.writer.tip(ledger)) core.writer.open(ledger);
		home.openSegment(ledger);
		if (compact) home.advance();
		const checkpoint = await home.checkpoint(ledger, compact ? 1 : core.settings.checkpointRows);
		if (checkpoint) core.view.offer(checkpoint);
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

	/** Where epochs of a checkpoint's cut go on from: it lists every epoch there ever was, so it is read once. */
	#followed(base: Checkpoint): ReadonlySet<string> {
		const known = this.#ends.get(base) ?? new Set();
		if (!this.#ends.has(base))
			for (const { prev } of base.cut.values()) if (prev) known.add(`${prev.epoch} ${prev.count}`);
		this.#ends.set(base, known);
		return known;
	}

	/** JRN11: rows go that the adopted checkpoint covers, where their epoch was gone on from, or its device is fenced. */
	#dropCovered(ledger: LedgerName): void {
		const { journal, view, writer, books } = this.#o.core;
		const base = view.base(ledger);
		if (!base || view.isAdopting) return;
		const deletes: string[] = [];
		for (const epoch of journal.in(ledger)) {
			if ((base.cut.get(epoch.id)?.count ?? 0) < epoch.count) continue;
			// What is on its way to disk goes when it has got there: it may be about to be passed on.
			if (epoch.durable < epoch.count) continue;
			if (writer.isWriting(epoch) || writer.tip(ledger)?.epoch === epoch.id) continue;
			const isFollowed = this.#followed(base).has(`${epoch.id} ${epoch.count}`);
			if (!isFollowed && !books.of(ledger).escrow.fenced(epoch.name.device)) continue;
			deletes.push(...epochKeys(epoch));
			journal.drop(epoch);
			view.dropped(epoch.id);
		}
		if (deletes.length > 0) void writer.along([], deletes);
	}
}
