/** Time, chance and keys of a simulated shop: one seed, and a day of ten hours takes a second. */
import { createHash } from 'node:crypto';
import { nodePlatform } from '../adapters/platform-node/index.js';
import type { Crypto, Platform } from '../src/ports/index.js';
import { type Due, TimerHeap } from '../test/sim/machines/timer-heap.js';

/** A small generator of chance: the same seed, the same numbers from 0 to 1. */
export function chanceOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());

/** Stands in for Ed25519: as bound to key and content, and a hundred times as fast. Whoever knows the key can sign. */
function signature(key: Uint8Array, data: Uint8Array): Uint8Array {
	const half = createHash('sha256').update(key).update(data).digest();
	return new Uint8Array(Buffer.concat([half, half]));
}

interface Timer extends Due {
	run: (() => void) | undefined;
}

/** What nobody waits for runs on this grid: many replicas wake at once, and a second of upkeep costs what it is worth. */
const backgroundMs = 60_000;
const backgroundFromMs = 150;

export class ShopTime {
	nowMs = 0;
	readonly #heap = new TimerHeap<Timer>();
	#order = 0;

	readonly timers = {
		after: (delayMs: number, run: () => void, background = false): (() => void) => {
			const dueMs = this.nowMs + Math.max(0, delayMs);
			const late = background && delayMs >= backgroundFromMs;
			const atMs = late ? Math.ceil(dueMs / backgroundMs) * backgroundMs : dueMs;
			const timer: Timer = { atMs, order: this.#order++, run };
			this.#heap.push(timer);
			return () => {
				timer.run = undefined;
			};
		},
	};

	/** What one device lives in. */
	platform(chance: () => number): Platform {
		const startMs = Date.UTC(2026, 0, 1, 9);
		const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(chance() * 256));
		const crypto: Crypto = {
			...nodePlatform().crypto, // nothing here leaves the process
			sha256,
			generateKeyPair: async () => {
				const publicKey = bytes(32);
				return { publicKey, secret: publicKey };
			},
			sign: async (pair, data) => signature(pair.secret, data),
			verify: async (publicKey, data, sealed) => Buffer.from(signature(publicKey, data)).equals(sealed),
		};
		return { crypto, timers: this.timers, clock: { nowMs: () => startMs + this.nowMs }, random: { bytes } };
	}

	/** Lets time pass up to `untilMs`, instant by instant; between two of them every promise has run. */
	async pass(untilMs: number): Promise<void> {
		await settle();
		for (let next = this.#heap.first; next && next.atMs <= untilMs; next = this.#heap.first) {
			this.nowMs = Math.max(this.nowMs, next.atMs);
			for (let due = this.#heap.first; due && due.atMs <= this.nowMs; due = this.#heap.first) {
				this.#heap.pop();
				due.run?.();
			}
			await settle();
		}
		this.nowMs = untilMs;
	}
}

/** Every pending promise, and those that they make. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
