import type { EpochId } from '../base/ids.js';

/** Changes that are kept beside a large map before it is made anew. */
const freshMax = 64;

type Entry = [EpochId, number];

/**
 * Counts by epoch that never change: the next ones share all but the latest changes with these. An archive has thousands of
 * epochs in a ledger, and a handful of them grows; a snapshot after each row must not cost a copy of them all.
 */
export class Counts implements ReadonlyMap<EpochId, number> {
	readonly #base: ReadonlyMap<EpochId, number>;
	readonly #fresh: ReadonlyMap<EpochId, number>;
	readonly size: number;

	constructor(base: ReadonlyMap<EpochId, number> = new Map(), fresh: ReadonlyMap<EpochId, number> = new Map()) {
		this.#base = base;
		this.#fresh = fresh;
		let size = base.size;
		for (const epoch of fresh.keys()) if (!base.has(epoch)) size++;
		this.size = size;
	}

	with(changes: Iterable<readonly [EpochId, number]>): Counts {
		const fresh = new Map(this.#fresh);
		for (const [epoch, count] of changes) fresh.set(epoch, count);
		return fresh.size <= freshMax ? new Counts(this.#base, fresh) : new Counts(new Map([...this.#base, ...fresh]));
	}

	get(epoch: EpochId): number | undefined {
		return this.#fresh.get(epoch) ?? this.#base.get(epoch);
	}

	has(epoch: EpochId): boolean {
		return this.#fresh.has(epoch) || this.#base.has(epoch);
	}

	*entries(): MapIterator<Entry> {
		for (const [epoch, count] of this.#base) yield [epoch, this.#fresh.get(epoch) ?? count];
		for (const [epoch, count] of this.#fresh) if (!this.#base.has(epoch)) yield [epoch, count];
	}

	*keys(): MapIterator<EpochId> {
		for (const [epoch] of this.entries()) yield epoch;
	}

	*values(): MapIterator<number> {
		for (const [, count] of this.entries()) yield count;
	}

	[Symbol.iterator](): MapIterator<Entry> {
		return this.entries();
	}

	forEach(run: (count: number, epoch: EpochId, counts: ReadonlyMap<EpochId, number>) => void): void {
		for (const [epoch, count] of this) run(count, epoch, this);
	}
}
