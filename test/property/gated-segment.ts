/**
 * The smallest receiver behind the gate: rows, and beside them a `Y.Doc` that is fed the very bytes that passed. It does
 * what the journal does above the gate, in plain words: an epoch goes on where it ends, a root owns its client id, a
 * device writes only its own journals (here instead of a seal: `sealed` says what each honest device has signed).
 */
import { createHash } from 'node:crypto';
import * as Y from 'yjs';
import { equalBytes } from '../../src/base/bytes.js';
import { type EpochRoot, epochIdOf, rootName } from '../../src/journal/epoch.js';
import { checkRoot, type GatedRun, type GateRefusal, gateUpdate } from '../../src/journal/gate.js';
import { encodeUpdate, type Run } from '../../src/journal/update.js';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export interface Journal {
	readonly epoch: number;
	readonly root: EpochRoot;
	readonly entries: readonly Uint8Array[];
}

export const segment = { ledger: 'stock/sh-1', segment: 0 } as const;

export function journalOf(root: EpochRoot, entries: readonly Uint8Array[]): Journal {
	return { epoch: epochIdOf({ ...segment, ...root }, sha256), root, entries };
}

export const runOf = (journal: Journal, from: number, end?: number): Run => ({
	epoch: journal.epoch,
	name: journal.root,
	from,
	entries: journal.entries.slice(from, end),
});

export type Outcome = 'taken' | 'known' | GateRefusal | 'resync' | 'fork' | 'not_its_root' | 'unsealed';

export class GatedSegment {
	readonly doc = new Y.Doc({ gc: false });
	readonly rows = new Map<number, { root: EpochRoot; entries: Uint8Array[] }>();

	/** `sealed` answers what a device has signed under an epoch; undefined: whatever the device under test likes. */
	constructor(readonly sealed: (epoch: number, root: EpochRoot) => readonly Uint8Array[] | undefined | 'nobody') {}

	deliver(update: Uint8Array): Outcome {
		const verdict = gateUpdate(update);
		if (!verdict.ok) return verdict.code;
		for (const run of verdict.runs) {
			const no = this.#objection(run);
			if (no !== undefined) return no;
		}
		let grown = false;
		for (const run of verdict.runs) {
			const held = this.rows.get(run.epoch);
			const have = held?.entries.length ?? 0;
			if (run.from + run.entries.length <= have) continue;
			grown = true;
			const fresh = run.entries.slice(have - run.from).map((entry) => entry.slice());
			if (held !== undefined) held.entries.push(...fresh);
			else if (run.root !== undefined) this.rows.set(run.epoch, { root: run.root, entries: fresh });
		}
		Y.applyUpdate(this.doc, update);
		return grown ? 'taken' : 'known';
	}

	#objection(run: GatedRun): Outcome | undefined {
		const held = this.rows.get(run.epoch);
		const have = held?.entries.length ?? 0;
		if (run.from > have) return 'resync';
		if (run.root !== undefined && !checkRoot(run, segment, sha256)) return 'not_its_root';
		const root = held?.root ?? run.root;
		if (root === undefined) return 'resync';
		const signed = this.sealed(run.epoch, root);
		if (signed === 'nobody') return 'unsealed';
		for (const [i, entry] of run.entries.entries()) {
			const own = held?.entries[run.from + i];
			if (own !== undefined && !equalBytes(own, entry)) return 'fork';
			const truth = signed?.[run.from + i];
			if (signed !== undefined && (truth === undefined || !equalBytes(truth, entry))) return 'unsealed';
		}
		return undefined;
	}

	runs(): Run[] {
		return [...this.rows].map(([epoch, { root, entries }]) => ({ epoch, name: root, from: 0, entries }));
	}

	/** Everything that must hold after each delivery; answers what does not. */
	faults(): string[] {
		const found: string[] = [];
		const bytes = encodeUpdate(this.runs());
		if (!equalBytes(Y.encodeStateAsUpdate(this.doc), bytes)) found.push('equal heads, different bytes');
		if (this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null)
			found.push('Yjs holds pending structs');
		for (const [epoch, { root, entries }] of this.rows) {
			const signed = this.sealed(epoch, root);
			if (signed === 'nobody') found.push('a journal of nobody');
			else if (signed !== undefined && !entries.every((entry, i) => equalBytes(entry, signed[i] ?? new Uint8Array(0))))
				found.push('a foreign journal changed');
		}
		try {
			const newcomer = new Y.Doc({ gc: false });
			Y.applyUpdate(newcomer, Y.encodeStateAsUpdate(this.doc));
			for (const { root, entries } of this.rows.values()) {
				const seen = newcomer.getArray<unknown>(rootName(root)).toArray();
				const same = (entry: Uint8Array, i: number): boolean =>
					seen[i] instanceof Uint8Array && equalBytes(seen[i], entry);
				if (seen.length !== entries.length || !entries.every(same)) found.push('a newcomer reads something else');
			}
		} catch (error) {
			found.push(`a newcomer cannot read it: ${String(error)}`);
		}
		return found;
	}
}
