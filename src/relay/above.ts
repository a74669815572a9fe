import { createDecoder } from 'lib0/decoding';
import { encoded } from '../base/codec.js';
import type { EpochId, Position } from '../base/ids.js';
import { positions } from '../journal/leg-codec.js';
import type { KeptEpoch } from './kept-epoch.js';
import type { RowStore } from './row-store.js';

const key = 'above';

/**
 * How far rows had got above when that was last written down. For people to read while the line is down: what rows have
 * reached is told anew by whoever has them, whenever they meet.
 */
export class Above {
	readonly #store: RowStore;
	readonly #counts = new Map<EpochId, number>();
	#saved = 0;

	constructor(store: RowStore) {
		this.#store = store;
		const [note] = store.notes(key);
		for (const { epoch, count } of note?.value ? positions.read(createDecoder(note.value)) : [])
			this.#counts.set(epoch, count);
		this.#saved = this.#sum();
	}

	of(epoch: EpochId): number {
		return this.#counts.get(epoch) ?? 0;
	}

	/** Writes down how far rows have got now, where that is farther. */
	async save(epochs: Iterable<KeptEpoch>, reached: (epoch: EpochId) => number): Promise<void> {
		for (const { id } of epochs) {
			const count = reached(id);
			if (count > this.of(id)) this.#counts.set(id, count);
		}
		const sum = this.#sum();
		if (sum === this.#saved) return;
		this.#saved = sum;
		const all: Position[] = [...this.#counts].map(([epoch, count]) => ({ epoch, count }));
		const value = encoded((to) => positions.write(to, all));
		await this.#store.write({ epochs: [], runs: [], points: [], notes: [{ key, value }] });
	}

	#sum(): number {
		let sum = 0;
		for (const count of this.#counts.values()) sum += count;
		return sum;
	}
}
