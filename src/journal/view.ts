import { assert } from '../base/assert.js';
import type { EpochId, LedgerName } from '../base/ids.js';
import type { Checkpoint, Need } from './checkpoint.js';
import { Closers, closeCut } from './closure.js';
import type { Entry } from './entry.js';
import type { Epoch, Journal } from './journal.js';
import type { Part } from './leg.js';

export interface Row {
	readonly epoch: Pick<Epoch, 'id' | 'name'>;
	readonly index: number;
	readonly entry: Entry;
}

/** What a view is folded into. Every sum in it is free of order: rows of different epochs may come in any sequence. */
export interface Fold {
	apply(row: Row): void;
	/** Rows `from` to `to` of an epoch are in the view now, by rows or by a checkpoint. */
	shown(epoch: Epoch, from: number, to: number): void;
	/** Forgets a ledger and begins again from a checkpoint's figures. */
	restore(ledger: LedgerName, figures: Uint8Array): void;
	/** Lets go of what these figures let go. False where more is gone here, so that they must be restored. */
	letGo(ledger: LedgerName, figures: Uint8Array): boolean;
}

export interface ViewOptions {
	readonly journal: Journal;
	readonly fold: Fold;
	readonly holds: (ledger: LedgerName) => boolean;
	/** How many rows of an epoch may be shown: those on disk (JRN3), or fewer. */
	readonly limit: (epoch: Epoch) => number;
}

/** More epochs than a commit has parts are looked at one by one. */
const togetherMax = 16;

/** Checkpoints kept while they cannot be adopted yet; more than these are asked for again. */
const pendingMax = 4;

/**
 * The greatest causally closed cut over the rows held and at most one checkpoint per ledger (JRN9), kept up
 * incrementally. It is a function of rows and checkpoints alone, whatever their order, and never goes back.
 */
export class View {
	readonly #o: ViewOptions;
	readonly #at = new Map<EpochId, number>();
	readonly #bases = new Map<LedgerName, Checkpoint>();
	/** Newest first. */
	readonly #pending = new Map<LedgerName, Checkpoint[]>();
	#chosen: readonly Checkpoint[] = [];
	readonly #closers = new Closers();
	/** For each epoch with rows not in view: the epochs any of which may free it; and the way back. */
	readonly #blockers = new Map<EpochId, ReadonlySet<EpochId>>();
	readonly #waiting = new Map<EpochId, Set<EpochId>>();
	/** Of ledgers that are not held, the parts that rows in view name: the last one of each epoch. */
	readonly #elsewhere = new Map<LedgerName, Map<EpochId, Need & { readonly by: LedgerName }>>();

	constructor(options: ViewOptions) {
		this.#o = options;
	}

	/** Entries of an epoch that are in view. */
	at = (epoch: EpochId): number => this.#at.get(epoch) ?? 0;

	base(ledger: LedgerName): Checkpoint | undefined {
		return this.#bases.get(ledger);
	}

	/** Ledgers with an adopted checkpoint. */
	bases(): Iterable<LedgerName> {
		return this.#bases.keys();
	}

	pending(ledger: LedgerName): readonly Checkpoint[] {
		return this.#pending.get(ledger) ?? [];
	}

	/** Epochs with rows that wait for something, and for what. */
	get blocked(): ReadonlyMap<EpochId, ReadonlySet<EpochId>> {
		return this.#blockers;
	}

	/**
	 * Does what is in view name rows of a ledger that are not? To be held from now on it must not: or the next opening, which
	 * begins from the rows alone, would show less.
	 */
	lacks(ledger: LedgerName): boolean {
		const all = [this.#closers];
		for (const need of this.#elsewhere.get(ledger)?.values() ?? [])
			if (isMissing(all, this.at, need.by, ledger, need)) return true;
		for (const base of this.#bases.values())
			if (base.needs.get(ledger)?.some((need) => isMissing(all, this.at, base.ledger, ledger, need))) return true;
		return false;
	}

	/** Takes in new rows of these epochs, and all that waited for them. */
	advance(changed: readonly Epoch[]): void {
		if (this.#showFree(changed)) return;
		const goal = new Map<EpochId, number>();
		const held: EpochId[] = [];
		for (const epoch of changed) if (!this.#showFree([epoch])) held.push(epoch.id);
		if (held.length === 0) return;
		this.#wake(held, goal);
		if (goal.size > 0) this.#settle(goal);
	}

	/**
	 * Rows of few epochs that need nothing but each other and what is in view, while nobody waits, such as those of one commit:
	 * in view at once. False, and nothing is shown, where some row needs more.
	 */
	#showFree(changed: readonly Epoch[]): boolean {
		if (this.#blockers.size > 0 || changed.length > togetherMax) return false;
		const { limit } = this.#o;
		const at = (id: EpochId) => {
			const epoch = changed.find((each) => each.id === id);
			return epoch ? limit(epoch) : this.at(id);
		};
		for (const epoch of changed)
			for (let i = this.at(epoch.id); i < limit(epoch); i++) if (!this.#isFree(epoch, i, at)) return false;
		for (const epoch of changed) this.#show(epoch, this.at(epoch.id), limit(epoch));
		return true;
	}

	#isFree(epoch: Epoch, index: number, at: (epoch: EpochId) => number): boolean {
		const prev = index === 0 ? epoch.open?.prev : undefined;
		if (prev && at(prev.epoch) < prev.count) return false;
		const { relies, parts, legs } = epoch.unfolded(index);
		for (const head of relies) if (at(head.epoch) < head.count) return false;
		for (const part of parts) if (this.#o.holds(part.ledger) && at(part.epoch) <= part.index) return false;
		for (const { kind } of legs) if (kind === 'torn' || kind === 'fence') return false;
		return true;
	}

	#show(epoch: Epoch, from: number, to: number): void {
		if (to <= from) return;
		this.#at.set(epoch.id, to);
		this.#o.fold.shown(epoch, from, to);
		for (let i = from; i < to; i++) this.#fold(epoch, i, epoch.entry(i));
	}

	/** A checkpoint to adopt as soon as the view would not go back. Its seal has been verified. */
	offer(checkpoint: Checkpoint): void {
		const { ledger } = checkpoint;
		const kept = this.#pending.get(ledger) ?? [];
		const base = this.#bases.get(ledger);
		if ((base && covers(base, checkpoint)) || kept.some((c) => covers(c, checkpoint))) return;
		this.#noteAncestors(checkpoint);
		const newest = [checkpoint, ...kept.filter((c) => !covers(checkpoint, c))];
		this.#pending.set(ledger, newest.slice(0, pendingMax));
	}

	/** Chosen checkpoints are on their way to disk. They fit by the rows that are here: no row may go. */
	get isAdopting(): boolean {
		return this.#chosen.length > 0;
	}

	/** The newest checkpoints that fit, jointly over all ledgers: to be adopted when all of them are on disk (JRN3). */
	choose(): readonly Checkpoint[] {
		this.#chosen = this.#fitting();
		return this.#chosen;
	}

	/** Shows what was chosen. Whatever has come since, it fits as it did then. */
	adopt(): void {
		const chosen = this.#chosen;
		this.#chosen = [];
		for (const c of chosen) this.#rebase(c);
		this.#resume(chosen);
	}

	#fitting(): Checkpoint[] {
		const choice = new Map<LedgerName, number>();
		for (const [ledger, list] of this.#pending) if (list.length > 0) choice.set(ledger, 0);
		while (choice.size > 0) {
			const chosen = [...choice].map(([ledger, i]) => this.#pending.get(ledger)?.[i] as Checkpoint); // i is in range
			const unfit = this.#unfit(chosen);
			if (unfit.length === 0) return chosen;
			for (const { ledger } of unfit) {
				const next = (choice.get(ledger) ?? 0) + 1;
				if (next < (this.#pending.get(ledger)?.length ?? 0)) choice.set(ledger, next);
				else choice.delete(ledger);
			}
		}
		return [];
	}

	/** Begins from checkpoints without asking whether they fit: on opening, and for a recomputation. */
	start(bases: Iterable<Checkpoint>): void {
		for (const c of bases) {
			this.#noteAncestors(c);
			this.#rebase(c, false);
		}
	}

	/** Rows and covers of a dropped epoch stay in view; only its waiting lists go. */
	dropped(epoch: EpochId): void {
		this.#unblock(epoch);
	}

	#noteAncestors(c: Checkpoint): void {
		for (const at of c.cut.values())
			this.#o.journal.noteAncestor(at.epoch, { ledger: c.ledger, device: at.device, prev: at.prev });
	}

	/** Fills `goal` with every epoch whose state a change of `changed` can alter. An epoch left out stays blocked. */
	#wake(changed: Iterable<EpochId>, goal: Map<EpochId, number>): void {
		const stack = [...changed];
		for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
			if (goal.has(id)) continue;
			const epoch = this.#o.journal.get(id);
			const limit = epoch ? this.#o.limit(epoch) : 0;
			if (epoch && limit > this.at(id)) {
				goal.set(id, limit);
				this.#wakeByClosers(epoch, limit, stack);
			} else this.#unblock(id);
			for (const waiter of this.#waiting.get(id) ?? []) stack.push(waiter);
		}
	}

	/** A `torn` or a fence among new rows may free any blocked epoch of the device it speaks of. */
	#wakeByClosers(epoch: Epoch, limit: number, stack: EpochId[]): void {
		if (this.#blockers.size === 0) return;
		for (let i = this.at(epoch.id); i < limit; i++) {
			for (const leg of epoch.entry(i).legs) {
				if (leg.kind !== 'torn' && leg.kind !== 'fence') continue;
				const device = leg.kind === 'fence' ? leg.device : epoch.name.device;
				for (const id of this.#blockers.keys()) if (this.#o.journal.get(id)?.name.device === device) stack.push(id);
			}
		}
	}

	/** `goal` is all that may be shown of these epochs. */
	#settle(goal: Map<EpochId, number>): void {
		const { journal, holds } = this.#o;
		const blockers = closeCut({ journal, holds, floor: this.at, closers: [this.#closers] }, goal);
		for (const [id, to] of goal) {
			const epoch = journal.get(id) as Epoch; // goals are epochs with rows
			this.#show(epoch, this.at(id), to);
			this.#unblock(id);
			if (to < this.#o.limit(epoch)) this.#block(id, blockers.get(id));
		}
	}

	#fold(epoch: Epoch, index: number, entry: Entry): void {
		this.#closers.addEntry(epoch.name, entry);
		this.#o.fold.apply({ epoch, index, entry });
		epoch.forget(index);
		for (const part of entry.parts) if (!this.#o.holds(part.ledger)) this.#noteElsewhere(epoch, part);
	}

	#noteElsewhere({ name: { device, ledger: by } }: Epoch, { ledger, epoch, index }: Part): void {
		const known = this.#elsewhere.get(ledger) ?? new Map<EpochId, Need & { readonly by: LedgerName }>();
		this.#elsewhere.set(ledger, known);
		if (index >= (known.get(epoch)?.count ?? 0)) known.set(epoch, { device, by, epoch, count: index + 1 });
	}

	#block(id: EpochId, blockers: ReadonlySet<EpochId> | undefined): void {
		assert(blockers !== undefined, 'JRN9', `${id} waits for nothing`);
		this.#blockers.set(id, blockers);
		for (const by of blockers) {
			const waiting = this.#waiting.get(by);
			if (waiting) waiting.add(id);
			else this.#waiting.set(by, new Set([id]));
		}
	}

	#unblock(id: EpochId): void {
		const blockers = this.#blockers.get(id);
		if (blockers === undefined) return;
		this.#blockers.delete(id);
		for (const by of blockers) {
			const waiting = this.#waiting.get(by);
			waiting?.delete(id);
			if (waiting?.size === 0) this.#waiting.delete(by);
		}
	}

	/** Which of these checkpoints would show too little, given the others: missing needs, or a step back. */
	#unfit(chosen: readonly Checkpoint[]): Checkpoint[] {
		const { journal, holds, limit } = this.#o;
		const back = chosen.filter((c) => this.#goesBack(c));
		if (back.length > 0) return back;
		const covered = new Map<EpochId, number>();
		const closers = new Closers();
		for (const c of chosen) {
			for (const { epoch, count } of c.cut.values()) if (count > this.at(epoch)) covered.set(epoch, count);
			for (const { device, heads } of c.fences) closers.addFence(c.ledger, device, heads);
		}
		const floor = (id: EpochId) => covered.get(id) ?? this.at(id);
		const goal = new Map<EpochId, number>();
		if (covered.size > 0)
			for (const epoch of journal.all()) if (limit(epoch) > floor(epoch.id)) goal.set(epoch.id, limit(epoch));
		const all = [this.#closers, closers];
		closeCut({ journal, holds, floor, closers: all }, goal);
		// What comes into view along with the checkpoints may be the very word that ends a wait.
		for (const [id, to] of goal) {
			const epoch = journal.get(id) as Epoch; // goals are epochs with rows
			for (let i = floor(id); i < to; i++) closers.addEntry(epoch.name, epoch.entry(i));
		}
		const at = (id: EpochId) => goal.get(id) ?? floor(id);
		return chosen.filter((c) =>
			[...c.needs].some(
				([ledger, needs]) => holds(ledger) && needs.some((need) => isMissing(all, at, c.ledger, ledger, need)),
			),
		);
	}

	#goesBack(c: Checkpoint): boolean {
		const { journal, limit } = this.#o;
		for (const { epoch } of this.#bases.get(c.ledger)?.cut.values() ?? []) {
			// First rows of what the base covers may have come again: they do not make up for the rest.
			const rows = journal.get(epoch);
			if (Math.max(rows ? limit(rows) : 0, c.cut.get(epoch)?.count ?? 0) < this.at(epoch)) return true;
		}
		return false;
	}

	/** `told`: rows that it covers were written in this opening, and are shown now. */
	#rebase(c: Checkpoint, told = true): void {
		const { journal, fold } = this.#o;
		const list = this.#pending.get(c.ledger)?.filter((p) => p !== c && !covers(c, p));
		if (list?.length) this.#pending.set(c.ledger, list);
		else this.#pending.delete(c.ledger);
		this.#bases.set(c.ledger, c);
		let isAhead = false;
		for (const { epoch, count } of c.cut.values()) {
			journal.noteCovered(epoch, count);
			isAhead ||= count > this.at(epoch);
		}
		for (const { device, heads } of c.fences) this.#closers.addFence(c.ledger, device, heads);
		if (!isAhead && fold.letGo(c.ledger, c.figures)) return; // The rows said as much already.
		fold.restore(c.ledger, c.figures);
		for (const epoch of journal.in(c.ledger)) {
			const shown = this.at(epoch.id);
			for (let i = c.cut.get(epoch.id)?.count ?? 0; i < shown; i++)
				fold.apply({ epoch, index: i, entry: epoch.entry(i) });
		}
		for (const { epoch: id, count } of c.cut.values()) {
			const from = this.at(id);
			if (count <= from) continue;
			this.#at.set(id, count);
			const epoch = journal.get(id);
			if (epoch && told) fold.shown(epoch, from, Math.min(count, epoch.count));
		}
	}

	/** What was stuck, and what the new bases cover, goes on as far as it may. */
	#resume(chosen: readonly Checkpoint[]): void {
		const goal = new Map<EpochId, number>();
		this.#wake([...this.#blockers.keys(), ...chosen.flatMap((c) => [...c.cut.keys()])], goal);
		if (goal.size > 0) this.#settle(goal);
	}
}

/** Is a part in `ledger` of a commit in `by` not in a view that goes as far as `at`, though nothing says that it never comes? */
function isMissing(
	closers: readonly Closers[],
	at: (epoch: EpochId) => number,
	by: LedgerName,
	ledger: LedgerName,
	{ epoch, count, device }: Need,
): boolean {
	if (at(epoch) >= count) return false;
	return !closers.some((x) => x.closes({ device, ledger: by }, { ledger, epoch, index: count - 1 }, at));
}

/** Does `a` cover everything that `b` covers? */
export function covers(a: Checkpoint, b: Checkpoint): boolean {
	for (const { epoch, count } of b.cut.values()) if ((a.cut.get(epoch)?.count ?? 0) < count) return false;
	return true;
}
