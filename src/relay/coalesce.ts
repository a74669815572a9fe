import type { EpochId } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { GatedRun } from '../journal/gate.js';
import type { Seal } from '../journal/seal.js';

/** Of an update that several were joined to, in entries: what is sent on as one must pass the gate of others. */
const joinedBytesMax = limits.updateBytes / 2;

/** Runs of one segment, each with its seal. */
export interface SealedRuns {
	readonly runs: readonly GatedRun[];
	readonly seals: readonly Seal[];
}

/** What came by one line of one segment, as if it had come in one update: a run an epoch, under its newest seal. */
export class Joined implements SealedRuns {
	readonly #runs = new Map<EpochId, { run: GatedRun; entries: Uint8Array[]; seal: Seal | undefined }>();
	#bytes = 0;

	get runs(): readonly GatedRun[] {
		return [...this.#runs.values()].map(({ run, entries }) => ({ ...run, entries }));
	}

	get seals(): readonly Seal[] {
		return [...this.#runs.values()].flatMap(({ seal }) => (seal ? [seal] : []));
	}

	/** False, and nothing is changed, where it does not go on where the others end, or would be too much. */
	add({ runs, seals }: SealedRuns): boolean {
		let bytes = this.#bytes;
		for (const { epoch, from, entries } of runs) {
			const known = this.#runs.get(epoch);
			if (known && from !== known.run.from + known.entries.length) return false;
			// Rows that no seal closes yet would borrow the next one.
			if (known && known.seal?.count !== from) return false;
			for (const entry of entries) bytes += entry.length + 32;
		}
		if (this.#runs.size > 0 && bytes > joinedBytesMax) return false;
		this.#bytes = bytes;
		for (const run of runs) {
			const seal = seals.find(({ epoch }) => epoch === run.epoch);
			const known = this.#runs.get(run.epoch);
			if (!known) this.#runs.set(run.epoch, { run, entries: [...run.entries], seal });
			else {
				for (const entry of run.entries) known.entries.push(entry);
				known.seal = seal;
			}
		}
		return true;
	}
}
