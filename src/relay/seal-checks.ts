import { equalBytes } from '../base/bytes.js';
import type { LedgerName } from '../base/ids.js';
import { decodeEntry } from '../journal/entry.js';
import type { GatedRun } from '../journal/gate.js';
import { chainNext, chainStart, type Seal, verifySeal } from '../journal/seal.js';
import type { Crypto } from '../ports/index.js';
import type { Keeping } from './keeping.js';

interface Check {
	readonly key: Uint8Array;
	readonly data: Uint8Array;
	readonly sound: Promise<boolean>;
}

/**
 * Admission takes one run after the other; the signatures of all that came together are checked side by side before that.
 * Where a run will stand is guessed; admission computes it, and takes over an answer only where key, data and signature
 * are the very same.
 */
export class SealChecks {
	readonly #keeping: Keeping;
	readonly #crypto: Crypto;
	readonly #checks = new Map<string, Check>();
	/** What admission uses. */
	readonly crypto: Crypto;
	readonly #beginning: Crypto;

	constructor(keeping: Keeping, crypto: Crypto) {
		this.#keeping = keeping;
		this.#crypto = crypto;
		this.crypto = { ...crypto, verify: (key, data, signature) => this.#verify(key, data, signature) };
		this.#beginning = { ...crypto, verify: (key, data, signature) => this.#begin(key, data, signature) };
	}

	/** Begins the check of a run that goes on where its epoch ends. */
	begin(ledger: LedgerName, segment: number, run: GatedRun, seal: Seal | undefined): void {
		if (seal?.count !== run.from + run.entries.length) return;
		const at = this.#standing(ledger, segment, run);
		if (!at) return;
		let { hash } = at;
		for (const row of run.entries) hash = chainNext(hash, row, this.#crypto.sha256);
		void verifySeal(this.#beginning, at.key, seal, hash); // its answer is remembered under the signature
	}

	#standing(ledger: LedgerName, segment: number, run: GatedRun): { key: Uint8Array; hash: Uint8Array } | undefined {
		const epoch = this.#keeping.get(run.epoch);
		if (epoch) return epoch.count === run.from ? { key: epoch.record.key, hash: epoch.hash } : undefined;
		const first = run.root && run.entries[0] && decodeEntry(run.entries[0])?.legs[0];
		if (!run.root || first?.kind !== 'open') return undefined;
		return { key: first.key, hash: chainStart({ ledger, segment, ...run.root }, this.#crypto.sha256) };
	}

	/** Forgets what nobody came for. */
	clear(): void {
		this.#checks.clear();
	}

	#begin(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
		const sound = this.#crypto.verify(key, data, signature);
		this.#checks.set(nameOf(signature), { key, data, sound });
		return sound;
	}

	#verify(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
		const check = this.#checks.get(nameOf(signature));
		if (check && equalBytes(check.key, key) && equalBytes(check.data, data)) return check.sound;
		return this.#crypto.verify(key, data, signature);
	}
}

/** All of it: two seals that differ anywhere are two. */
const nameOf = (signature: Uint8Array): string => String.fromCharCode(...signature);
