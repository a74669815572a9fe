import { writeFileSync } from 'node:fs';
import { YKeyValue } from 'y-utility/y-keyvalue';
import * as Y from 'yjs';
import { median, progress } from './rounds.js';

export interface GrownMap {
	/** Fewer than asked for where it took too long. */
	readonly spends: number;
	readonly file: string;
	/** Median over steps, as the mesh's. */
	readonly spendsPerSecond: number;
}

const devices = 4;
const skus = Array.from({ length: 500 }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
const chunk = 512;

/** What holds the counts in a document. */
interface Counts {
	readonly size: number;
	get(key: string): number | undefined;
	set(key: string, value: number): unknown;
}

export type Counting = (doc: Y.Doc) => Counts;

export const countInYMap: Counting = (doc) => doc.getMap<number>('spent');

export const countInYKeyValue: Counting = (doc) => {
	const counts = new YKeyValue<number>(doc.getArray('spent'));
	return {
		get size() {
			return counts.map.size;
		},
		get: (key) => counts.get(key),
		set: (key, value) => counts.set(key, value),
	};
};

/** Four documents that count: for each SKU and device what the device took. What one did reaches the others in turns. */
export class MapMesh {
	readonly #docs = Array.from({ length: devices }, () => new Y.Doc());
	readonly #counts: readonly Counts[];
	readonly #outgoing: Uint8Array[][] = this.#docs.map(() => []);
	readonly #deadlineMs: number;
	#spent = 0;
	#pick = 1;

	constructor(counting: Counting, budgetMs: number) {
		this.#counts = this.#docs.map(counting);
		this.#deadlineMs = performance.now() + budgetMs;
		for (const [i, doc] of this.#docs.entries())
			doc.on('update', (update: Uint8Array, origin: unknown) => {
				if (origin !== 'peer') this.#outgoing[i]?.push(update);
			});
	}

	grow(spends: number, file: string): GrownMap {
		const rates: number[] = [];
		let said = performance.now();
		while (this.#spent < spends && performance.now() < this.#deadlineMs) {
			const [before, began] = [this.#spent, performance.now()];
			for (const [i, doc] of this.#docs.entries()) this.#sell(doc, i);
			this.#exchange();
			rates.push(((this.#spent - before) * 1000) / (performance.now() - began));
			if (performance.now() - said < 10_000) continue;
			said = performance.now();
			progress(`${this.#spent} spends`);
		}
		writeFileSync(file, Y.encodeStateAsUpdate(this.#docs[0] as Y.Doc)); // four of them
		return { spends: this.#spent, file, spendsPerSecond: median(rates) };
	}

	#sell(doc: Y.Doc, device: number): void {
		const counts = this.#counts[device];
		if (!counts) return;
		for (let i = 0; i < chunk && performance.now() < this.#deadlineMs; i++) {
			this.#pick = (Math.imul(this.#pick, 1_664_525) + 1_013_904_223) >>> 0;
			const key = `${skus[(this.#pick >>> 8) % skus.length]}:till-${device + 1}`;
			doc.transact(() => counts.set(key, (counts.get(key) ?? 0) + 1));
			this.#spent++;
		}
	}

	#exchange(): void {
		for (const [i, updates] of this.#outgoing.entries()) {
			const merged = Y.mergeUpdates(updates.splice(0));
			for (const [j, doc] of this.#docs.entries()) if (j !== i) Y.applyUpdate(doc, merged, 'peer');
		}
	}
}
