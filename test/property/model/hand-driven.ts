/**
 * A platform that does nothing by itself: time passes when told, chance comes from one seed, and keys cost microseconds.
 * A signature holds only with the secret behind the key, for this crypto knows every pair that it gave out.
 */
import { createHash, createHmac } from 'node:crypto';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { equalBytes, toHex } from '../../../src/base/bytes.js';
import type { Crypto, KeyPair, Platform } from '../../../src/ports/platform.js';
import { Dice } from '../update-model.js';

export const startMs = Date.UTC(2026, 0, 1);

export class HandDriven {
	nowMs = startMs;
	/** What was hashed last: what a digest is of. */
	hashedLast: Uint8Array = new Uint8Array();
	readonly platform: Platform;
	readonly #dice: Dice;
	readonly #secrets = new Map<string, Uint8Array>();
	readonly #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();

	constructor(seed: number) {
		this.#dice = new Dice(seed);
		const crypto: Crypto = {
			...nodePlatform().crypto, // its lines never leave the process
			sha256: (data) => {
				this.hashedLast = data;
				return new Uint8Array(createHash('sha256').update(data).digest());
			},
			generateKeyPair: async () => this.#pair(),
			sign: async (pair, data) => sign(pair.secret, data),
			verify: async (publicKey, data, signature) => {
				const secret = this.#secrets.get(toHex(publicKey));
				return secret !== undefined && equalBytes(sign(secret, data), signature);
			},
		};
		this.platform = {
			clock: { nowMs: () => this.nowMs },
			random: { bytes: (length) => this.#dice.bytes(length) },
			timers: { after: (delayMs, run) => this.#after(delayMs, run) },
			crypto,
		};
	}

	#pair(): KeyPair {
		const secret = this.#dice.bytes(32);
		const publicKey = new Uint8Array(createHash('sha256').update('public').update(secret).digest());
		this.#secrets.set(toHex(publicKey), secret);
		return { secret, publicKey };
	}

	#after(delayMs: number, run: () => void): () => void {
		const timer = { dueMs: this.nowMs + delayMs, run };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** Lets time pass; after all timers of one moment, what follows from them without waiting is done. */
	async advance(ms: number): Promise<void> {
		const endMs = this.nowMs + ms;
		for (;;) {
			let next: { readonly dueMs: number; readonly run: () => void } | undefined;
			for (const timer of this.#timers)
				if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
			if (next === undefined) break;
			this.nowMs = Math.max(this.nowMs, next.dueMs);
			const { dueMs } = next;
			for (const timer of [...this.#timers]) if (timer.dueMs === dueMs && this.#timers.delete(timer)) timer.run();
			await settle();
		}
		this.nowMs = endMs;
	}
}

function sign(secret: Uint8Array, data: Uint8Array): Uint8Array {
	return new Uint8Array(createHmac('sha512', secret).update(data).digest());
}

/** Everything that waits for nothing but its turn has had it: `src` and storage in memory know no other wait. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
