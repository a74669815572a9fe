import type { Family } from '../../ledger/books.js';
import type { Host } from './host.js';

/** Counts the changes to a family of collections, and tells whoever listens. */
export class FamilyWatch {
	version = 0;
	readonly #listeners = new Set<() => void>();

	constructor(host: Host, family: Family) {
		host.watch(family, () => {
			this.version++;
			for (const listener of [...this.#listeners]) listener();
		});
	}

	listen(changed: () => void): () => void {
		const listener = () => changed();
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
