import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Entry } from './entry.js';
import type { Epoch, Journal } from './journal.js';
import type { Part } from './leg.js';

/** Whose commit waits, and in which ledger. */
export interface Waiting {
	readonly device: DeviceId;
	readonly ledger: LedgerName;
}

const tornKey = ({ ledger, device }: Waiting, { epoch }: Part) => `${ledger} ${device} ${epoch}`;

/**
 * What ends the wait for a commit's part that will never come: a fence that did not find it, or its author's `torn`: what
 * followed the lost part in its epoch was lost with it. A `torn` speaks for the ledger that it stands in: a checkpoint that covers it covers all that it set free, so that whoever
 * has the checkpoint and not the row waits for nothing either.
 */
export class Closers {
	/** From which row on an epoch is lost. */
	readonly #torn = new Map<string, number>();
	readonly #fences = new Map<string, ReadonlyMap<EpochId, number>[]>();

	addFence(ledger: LedgerName, device: DeviceId, heads: readonly Position[]): void {
		const found = new Map(heads.map((head) => [head.epoch, head.count]));
		const key = `${ledger} ${device}`;
		const fences = this.#fences.get(key);
		if (fences) fences.push(found);
		else this.#fences.set(key, [found]);
	}

	/** Takes the closers of an entry. */
	addEntry(author: Waiting, entry: Entry): void {
		for (const leg of entry.legs)
			if (leg.kind === 'torn') this.#addTorn(author, leg.part);
			else if (leg.kind === 'fence') this.addFence(author.ledger, leg.device, leg.heads);
	}

	#addTorn(author: Waiting, part: Part): void {
		const key = tornKey(author, part);
		this.#torn.set(key, Math.min(part.index, this.#torn.get(key) ?? part.index));
	}

	/**
	 * With `at`, a fence counts only where all that it found is in: what it did not find is not coming, but `part` may be
	 * the last of several, and those that the fence did find are.
	 */
	closes(waiting: Waiting, part: Part, at?: (epoch: EpochId) => number): boolean {
		const lostFrom = this.#torn.size > 0 ? this.#torn.get(tornKey(waiting, part)) : undefined;
		if (lostFrom !== undefined && lostFrom <= part.index) return true;
		if (this.#fences.size === 0) return false;
		const fences = this.#fences.get(`${part.ledger} ${waiting.device}`) ?? [];
		return fences.some((found) => (found.get(part.epoch) ?? 0) <= part.index && (!at || isAllIn(found, at)));
	}
}

function isCloser({ legs }: Entry): boolean {
	for (const { kind } of legs) if (kind === 'torn' || kind === 'fence') return true;
	return false;
}

function isAllIn(heads: ReadonlyMap<EpochId, number>, at: (epoch: EpochId) => number): boolean {
	for (const [epoch, count] of heads) if (at(epoch) < count) return false;
	return true;
}

export interface ClosureInput {
	readonly journal: Journal;
	/** Commit parts in ledgers that are not held do not count (JRN4). */
	readonly holds: (ledger: LedgerName) => boolean;
	/** What is in the cut beyond question: folded already, or covered by a checkpoint. */
	readonly floor: (epoch: EpochId) => number;
	readonly closers: readonly Closers[];
}

interface Reference {
	readonly from: Epoch;
	readonly index: number;
	readonly count: number;
	readonly part: Part | undefined;
}

/**
 * Lowers `goal` to the greatest causally closed cut that lies within it (JRN9): every row's predecessor, relied heads
 * and commit parts are inside. Starts from everything and takes away, so that parts that wait for each other stay.
 * Answers, for each epoch that was lowered, what it waits for. A row held back may take a closer out of the cut, for
 * want of which its epoch is then held back further by another one: either of the two may free it.
 */
export function closeCut(input: ClosureInput, goal: Map<EpochId, number>): Map<EpochId, Set<EpochId>> {
	const blockers = new Map<EpochId, Set<EpochId>>();
	while (!pass(input, goal, blockers));
	return blockers;
}

/** One pass; false when it took closers away, on which rows that stayed may have leant. */
function pass(input: ClosureInput, goal: Map<EpochId, number>, blockers: Map<EpochId, Set<EpochId>>): boolean {
	const { journal, floor } = input;
	let candidates: Closers | undefined;
	const closing: Position[] = [];
	for (const [id, count] of goal) {
		const epoch = journal.get(id) as Epoch; // goals are epochs with rows
		for (let i = floor(id); i < count; i++) {
			const entry = epoch.entry(i);
			if (!isCloser(entry)) continue;
			candidates ??= new Closers();
			candidates.addEntry(epoch.name, entry);
			closing.push({ epoch: id, count: i + 1 });
		}
	}
	const closers = candidates ? [...input.closers, candidates] : input.closers;
	const references = new Map<EpochId, Reference[]>();
	const at = (id: EpochId) => goal.get(id) ?? floor(id);

	const lower = (id: EpochId, count: number, blocker: EpochId) => {
		const stack: [EpochId, number, EpochId][] = [[id, count, blocker]];
		for (let next = stack.pop(); next; next = stack.pop()) {
			const [lowered, to, by] = next;
			if (at(lowered) <= to) continue;
			goal.set(lowered, to);
			noteBlocker(blockers, lowered, by);
			for (const r of references.get(lowered) ?? []) {
				if (r.count <= to || (r.part && isClosed(closers, r.from, r.part))) continue;
				stack.push([r.from.id, r.index, lowered]);
			}
		}
	};

	for (const id of goal.keys()) {
		const epoch = journal.get(id) as Epoch; // as above
		for (let i = floor(id); i < at(id); i++) {
			const blocker = forEachReference(input, epoch, i, (target, count, part) => {
				if (part && isClosed(closers, epoch, part)) return true;
				if (at(target) < count) return false;
				if (goal.has(target)) noteReference(references, target, { from: epoch, index: i, count, part });
				return true;
			});
			if (blocker !== undefined) lower(id, i, blocker);
		}
	}
	return closing.every(({ epoch, count }) => at(epoch) >= count);
}

function noteBlocker(blockers: Map<EpochId, Set<EpochId>>, of: EpochId, by: EpochId): void {
	const known = blockers.get(of);
	if (known) known.add(by);
	else blockers.set(of, new Set([by]));
}

function isClosed(closers: readonly Closers[], from: Epoch, part: Part): boolean {
	return closers.some((c) => c.closes(from.name, part));
}

function noteReference(references: Map<EpochId, Reference[]>, target: EpochId, reference: Reference): void {
	const known = references.get(target);
	if (known) known.push(reference);
	else references.set(target, [reference]);
}

/** Calls `test` for everything that row `index` needs; answers the first epoch for which it said no. */
function forEachReference(
	input: ClosureInput,
	epoch: Epoch,
	index: number,
	test: (target: EpochId, count: number, part: Part | undefined) => boolean,
): EpochId | undefined {
	const prev = index === 0 ? epoch.open?.prev : undefined;
	if (prev && !test(prev.epoch, prev.count, undefined)) return prev.epoch;
	const { relies, parts } = epoch.entry(index);
	for (const head of relies) if (!test(head.epoch, head.count, undefined)) return head.epoch;
	for (const part of parts) if (input.holds(part.ledger) && !test(part.epoch, part.index + 1, part)) return part.epoch;
	return undefined;
}
