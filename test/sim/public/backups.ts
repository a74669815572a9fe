import { Records } from '../../../adapters/storage-memory/records.js';
import type { WriteBatch } from '../../../src/ports/storage.js';

/** A disk synced something, or was given other contents. */
type Written = { readonly atMs: number } & ({ readonly batch: WriteBatch } | { readonly image: Records });

/** What was on one disk at any moment: everything that ever happened to it, in order. */
export class Backups {
	readonly #written: Written[] = [];

	synced(atMs: number, batches: readonly WriteBatch[]): void {
		for (const batch of batches) this.#written.push({ atMs, batch });
	}

	replaced(atMs: number, image: Records): void {
		this.#written.push({ atMs, image: image.copy() });
	}

	at(ms: number): Records {
		let image = new Records();
		for (const written of this.#written) {
			if (written.atMs > ms) break;
			if ('image' in written) image = written.image.copy();
			else image.apply(written.batch);
		}
		return image;
	}
}
