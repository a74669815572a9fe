import type * as Y from 'yjs';
import { outboxClient } from './outbox.js';

/**
 * Outboxes of devices that ended without a word. What lies in them is for nobody any more, and would lie in the document
 * for ever: whoever is there takes it out.
 */
export class Leftovers {
	readonly #doc: Y.Doc;
	readonly #absentSinceMs = new Map<number, number>();

	constructor(doc: Y.Doc) {
		this.#doc = doc;
	}

	/** Empties the outboxes of those who were not present, at each call, for `absentMs`. */
	clear(present: ReadonlySet<number>, nowMs: number, absentMs: number): void {
		const left: Y.Array<unknown>[] = [];
		for (const name of [...this.#doc.share.keys()]) {
			const client = outboxClient(name);
			if (client === undefined) continue;
			const list = this.#doc.getArray(name);
			if (present.has(client) || list.length === 0) {
				this.#absentSinceMs.delete(client);
				continue;
			}
			const sinceMs = this.#absentSinceMs.get(client) ?? nowMs;
			this.#absentSinceMs.set(client, sinceMs);
			if (nowMs - sinceMs >= absentMs) left.push(list);
		}
		if (left.length === 0) return;
		this.#doc.transact(() => {
			for (const list of left) list.delete(0, list.length);
		});
	}
}
