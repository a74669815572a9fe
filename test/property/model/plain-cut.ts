/**
 * The view by plain recomputation (JRN9), with nothing taken from `src` but the shape of an entry: start from all that
 * is held, take away what has no ground, and again until nothing changes. Slow, obvious, and the judge of the fast one.
 */
import type { DeviceId, EpochId, LedgerName, Position } from '../../../src/base/ids.js';
import type { Entry } from '../../../src/journal/entry.js';
import type { Part } from '../../../src/journal/leg.js';

/** Everything that an epoch ever said, whoever holds it. */
export interface PlainEpoch {
	readonly id: EpochId;
	readonly ledger: LedgerName;
	readonly device: DeviceId;
	readonly prev: Position | null;
	readonly entries: readonly Entry[];
}

export type Counts = ReadonlyMap<EpochId, number>;

/** A checkpoint, as far as a cut needs it. */
export interface PlainBase {
	readonly ledger: LedgerName;
	readonly cut: Counts;
	readonly fences: readonly { readonly device: DeviceId; readonly heads: readonly Position[] }[];
}

export interface Held {
	readonly epochs: ReadonlyMap<EpochId, PlainEpoch>;
	/** Rows held of each epoch. */
	readonly rows: Counts;
	/** At most one a ledger. */
	readonly bases: readonly PlainBase[];
	readonly holds: (ledger: LedgerName) => boolean;
}

/** Whose commit waits and in which ledger; for which part. */
type Closed = (device: DeviceId, waiting: LedgerName, part: Part) => boolean;

/** The greatest closed cut: entries in view of every epoch. Undefined where a base shows half a commit. */
export function plainCut(held: Held): Map<EpochId, number> | undefined {
	const covered = new Map<EpochId, number>();
	for (const base of held.bases) for (const [epoch, count] of base.cut) covered.set(epoch, count);
	const cut = new Map(covered);
	for (const [epoch, count] of held.rows) if ((cut.get(epoch) ?? 0) < count) cut.set(epoch, count);
	const at = (epoch: EpochId): number => cut.get(epoch) ?? 0;
	let closed = closedBy(held, cut, covered);
	for (let changed = true; changed; ) {
		changed = false;
		for (const [id, count] of cut)
			for (let i = covered.get(id) ?? 0; i < count; i++) {
				if (hasGround(held, id, i, at, closed)) continue;
				cut.set(id, i);
				changed = true;
				break;
			}
		closed = closedBy(held, cut, covered);
	}
	return holdsWholeCommits(held, cut) ? cut : undefined;
}

/**
 * JRN4 over everything in the cut, what checkpoints cover as well: no part of a commit without the others, but for those
 * of which something that was ever written says that they are not coming.
 */
function holdsWholeCommits(held: Held, cut: Counts): boolean {
	const written = new Map([...held.epochs].map(([id, { entries }]) => [id, entries.length]));
	const closed = closedBy({ ...held, bases: [] }, written, new Map());
	for (const [id, count] of cut) {
		const { device, ledger, entries } = epochOf(held.epochs, id);
		for (const { parts } of entries.slice(0, count))
			for (const part of parts)
				if (held.holds(part.ledger) && (cut.get(part.epoch) ?? 0) <= part.index && !closed(device, ledger, part))
					return false;
	}
	return true;
}

function hasGround(held: Held, id: EpochId, index: number, at: (epoch: EpochId) => number, closed: Closed): boolean {
	const { device, ledger, prev, entries } = epochOf(held.epochs, id);
	if (index === 0 && prev !== null && at(prev.epoch) < prev.count) return false;
	const { relies, parts } = entryOf(entries, index);
	if (relies.some((head) => at(head.epoch) < head.count)) return false;
	return parts.every((part) => !held.holds(part.ledger) || at(part.epoch) > part.index || closed(device, ledger, part));
}

/**
 * Which waits for a commit's part are over: its author said `torn` of it, or of one before it, in the ledger that waits, or a fence in the ledger of
 * the part did not find it.
 */
function closedBy(held: Held, cut: Counts, covered: Counts): Closed {
	const torn: { device: DeviceId; ledger: LedgerName; part: Part }[] = [];
	const fences: { ledger: LedgerName; device: DeviceId; found: Counts }[] = [];
	const addFence = (ledger: LedgerName, device: DeviceId, heads: readonly Position[]): void => {
		fences.push({ ledger, device, found: new Map(heads.map((head) => [head.epoch, head.count])) });
	};
	for (const base of held.bases) for (const { device, heads } of base.fences) addFence(base.ledger, device, heads);
	for (const [id, count] of cut)
		for (let i = covered.get(id) ?? 0; i < count; i++) {
			const { device, ledger, entries } = epochOf(held.epochs, id);
			for (const leg of entryOf(entries, i).legs) {
				if (leg.kind === 'torn') torn.push({ device, ledger, part: leg.part });
				if (leg.kind === 'fence') addFence(ledger, leg.device, leg.heads);
			}
		}
	return (device, waiting, { ledger, epoch, index }) =>
		torn.some((t) => t.device === device && t.ledger === waiting && t.part.epoch === epoch && t.part.index <= index) ||
		fences.some((f) => f.ledger === ledger && f.device === device && (f.found.get(epoch) ?? 0) <= index);
}

export function epochOf<E>(epochs: ReadonlyMap<EpochId, E>, id: EpochId): E {
	const epoch = epochs.get(id);
	if (epoch === undefined) throw new Error(`nobody ever wrote epoch ${id}`);
	return epoch;
}

export function entryOf(entries: readonly Entry[], index: number): Entry {
	const entry = entries[index];
	if (entry === undefined) throw new Error(`entry ${index} of ${entries.length}`);
	return entry;
}

/** Is `at` on the way that led to `tip`, `tip` itself included? */
export function plainPrecedes(epochs: ReadonlyMap<EpochId, PlainEpoch>, at: Position, tip: Position): boolean {
	for (let step: Position | null = tip; step !== null; step = epochOf(epochs, step.epoch).prev)
		if (step.epoch === at.epoch) return at.count <= step.count;
	return false;
}
