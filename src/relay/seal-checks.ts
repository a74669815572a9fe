import { equalBytes } from '../base/bytes.js';
import type { EpochId } from '../base/ids.js';
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

/** Checks that nobody came for: what was begun for a run that was refused before its seal mattered. */
const checksMax = 4096;

/**
 * Seals are checked while updates before them are still being admitted: admission takes one after the other, and the
 * signatures of many devices are checked side by side meanwhile. It guesses where a run will stand; admission computes that
 * itself, and takes over an answer only where key, data and signature are the very same.
 */
export class SealChecks {
	readonly #keeping: Keeping;
	readonly #crypto: Crypto;
	readonly #checks = new Map<string, Check>();
	/** Where each epoch will stand when all that has come is admitted. */
	readonly #tips = new Map<EpochId, { readonly count: number; readonly hash: Uint8Array; readonly key: Uint8Array }>();
	/** What admission uses. */
	readonly crypto: Crypto;

	constructor(keeping: Keeping, crypto: Crypto) {
		this.#keeping = keeping;
		this.#crypto = crypto;
		this.crypto = { ...crypto, verify: (key, data, signature) => this.#verify(key, data, signature) };
	}

	begin(ledger: string, segment: number, run: GatedRun, seal: Seal | undefined): void {
		if (!seal || seal.count !== run.from + run.entries.length) return;
		const epoch = this.#keeping.get(run.epoch);
		let tip = this.#tips.get(run.epoch) ?? (epoch && { count: epoch.count, hash: epoch.hash, key: epoch.record.key });
		if (!tip && run.root) {
			const first = run.entries[0] && decodeEntry(run.entries[0])?.legs[0];
			const name = { ledger, segment, ...run.root };
			if (first?.kind === 'open') tip = { count: 0, hash: chainStart(name, this.#crypto.sha256), key: first.key };
		}
		if (tip?.count !== run.from) return;
		let { hash } = tip;
		for (const row of run.entries) hash = chainNext(hash, row, this.#crypto.sha256);
		this.#tips.set(run.epoch, { count: seal.count, hash, key: tip.key });
		// Remembers the answer under the signature.
		void verifySeal({ ...this.#crypto, verify: (...it) => this.#begin(...it) }, tip.key, seal, hash);
	}

	/** All that came is admitted or refused: nothing is guessed any more. */
	settled(): void {
		this.#tips.clear();
		this.#checks.clear();
	}

	#begin(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
		const sound = this.#crypto.verify(key, data, signature);
		if (this.#checks.size < checksMax) this.#checks.set(nameOf(signature), { key, data, sound });
		return sound;
	}

	#verify(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
		const name = nameOf(signature);
		const check = this.#checks.get(name);
		this.#checks.delete(name);
		if (check && equalBytes(check.key, key) && equalBytes(check.data, data)) return check.sound;
		return this.#crypto.verify(key, data, signature);
	}
}

/** All of it: two seals that differ anywhere are two. */
const nameOf = (signature: Uint8Array): string => String.fromCharCode(...signature);
