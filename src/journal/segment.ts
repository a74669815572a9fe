/**
 * The only door to Yjs. Rows are the truth; a document is built from them where a Yjs provider wants one, and thrown
 * away when something got into it that the gate refuses.
 */
import * as Y from 'yjs';
import { assert } from '../base/assert.js';
import type { LedgerName } from '../base/ids.js';
import { segmentName } from './epoch.js';
import { type GateVerdict, gateUpdate } from './gate.js';
import { encodeUpdate, type Run } from './update.js';

/** One segment as a `Y.Doc`: one `Y.Array` of `Uint8Array` an epoch, under its root name. */
export class SegmentDocument {
	/** For a provider to attach to. Nobody writes into it by hand: what is written here belongs to no journal. */
	readonly doc: Y.Doc;

	constructor(ledger: LedgerName, segment: number, runs: readonly Run[] = []) {
		// Collected garbage would change bytes that a hash chain covers, and nothing here is ever deleted (JRN2).
		this.doc = new Y.Doc({ gc: false, guid: segmentName(ledger, segment) });
		this.follow(runs);
	}

	/** Takes rows that are stored. A run may overlap what the document holds, but must not begin past it (JRN10). */
	follow(runs: readonly Run[]): void {
		for (const run of runs) {
			const held = Y.getState(this.doc.store, run.epoch);
			assert(run.from <= held, 'JRN10', `epoch ${run.epoch} goes on at ${run.from}, the document holds ${held}`);
		}
		if (runs.length > 0) Y.applyUpdate(this.doc, encodeUpdate(runs), this);
	}

	/** The whole document as an update. Equal to `encodeUpdate` of the same rows, unless something foreign got in. */
	stateAsUpdate(): Uint8Array {
		return Y.encodeStateAsUpdate(this.doc);
	}

	/** Everything the document holds, read through the gate without its limit of size: a refusal means it is spoiled. */
	readRuns(): GateVerdict {
		return gateUpdate(this.stateAsUpdate(), Number.POSITIVE_INFINITY);
	}

	/**
	 * Hands out what others put into the document, as updates for the gate. What `follow` put there is not handed out.
	 * Yjs has integrated it by then: when the gate refuses, destroy this document and build another from the rows.
	 * Answers a function that stops listening.
	 */
	onForeign(listener: (update: Uint8Array) => void): () => void {
		const relay = (update: Uint8Array, origin: unknown): void => {
			if (origin !== this) listener(update);
		};
		this.doc.on('update', relay);
		return () => this.doc.off('update', relay);
	}

	/** Lets go of the document and tells its providers. */
	destroy(): void {
		this.doc.destroy();
	}
}
