/**
 * Replicas of one process under hand-driven time: timers run when a test says so, clocks are whatever it says, chance
 * comes from one seed, and signatures are hashes, so that a thousand histories take seconds. What goes over lines that leave
 * a process is encrypted in earnest, by keys of the same chance.
 */
import { createHash } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';
import { type MemoryLink, type MemoryLinkOptions, memoryLink } from '../../adapters/link-memory/index.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { type MemoryAdapter, memory } from '../../adapters/storage-memory/index.js';
import { type OpenOptions, openReplica, type Replica } from '../../src/index.js';
import type { Agreement, Crypto, Platform } from '../../src/ports/index.js';

/** Runs of every property here; raise it with PROPERTY_RUNS=100000. */
export const runs = Number(process.env.PROPERTY_RUNS ?? 1000);

export const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Stands in for Ed25519: as bound to key and content, and a hundred times as fast. Whoever knows the key can sign. */
function signature(publicKey: Uint8Array, data: Uint8Array): Uint8Array {
	const half = sha256(join(publicKey, data));
	return join(half, sha256(half));
}

/** Every pending microtask, and those that they queue. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A small generator of chance: the same seed, the same numbers. */
export function chanceOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

const { seal, open } = nodePlatform().crypto;

interface Timer {
	readonly at: number;
	readonly order: number;
	readonly run: () => void;
}

export class World {
	/** Time that really passes, in milliseconds. Wall clocks may say anything. */
	nowMs = 0;
	readonly chance: () => number;
	readonly crypto: Crypto;
	readonly #timers = new Set<Timer>();
	#order = 0;

	constructor(seed = 1) {
		this.chance = chanceOf(seed);
		this.crypto = {
			sha256,
			generateKeyPair: async () => {
				const publicKey = this.bytes(32);
				return { publicKey, secret: publicKey };
			},
			sign: async (pair, data) => signature(pair.secret, data),
			verify: async (publicKey, data, sealed) => Buffer.from(signature(publicKey, data)).equals(sealed),
			createAgreement: () => this.#agreement(),
			seal,
			open,
		};
	}

	#agreement(): Agreement {
		const secret = this.bytes(32);
		const agree = (theirs: Uint8Array): Uint8Array | undefined => {
			try {
				return x25519.getSharedSecret(secret, theirs);
			} catch {
				return undefined; // a point of low order
			}
		};
		return { publicKey: x25519.getPublicKey(secret), agree };
	}

	bytes(length: number): Uint8Array {
		return Uint8Array.from({ length }, () => Math.floor(this.chance() * 256));
	}

	readonly timers = {
		after: (delayMs: number, run: () => void): (() => void) => {
			const timer = { at: this.nowMs + Math.max(0, delayMs), order: this.#order++, run };
			this.#timers.add(timer);
			return () => this.#timers.delete(timer);
		},
	};

	/** What one device lives in. Its wall clock is the world's time and whatever `skewMs` answers. */
	platform(skewMs: () => number = () => 0): Platform {
		const { crypto, timers } = this;
		const startMs = Date.UTC(2026, 0, 1);
		return {
			crypto,
			timers,
			clock: { nowMs: () => startMs + this.nowMs + skewMs() },
			random: { bytes: (length) => this.bytes(length) },
		};
	}

	memory(skewMs?: () => number): MemoryAdapter {
		return memory({ platform: this.platform(skewMs) });
	}

	/** Lets `ms` pass, timer by timer. */
	async pass(ms: number): Promise<void> {
		const until = this.nowMs + ms;
		await settle();
		for (let next = this.#due(until); next; next = this.#due(until)) {
			this.#timers.delete(next);
			this.nowMs = Math.max(this.nowMs, next.at);
			next.run();
			await settle();
		}
		this.nowMs = until;
	}

	#due(until: number): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of this.#timers)
			if (timer.at <= until && (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)))
				first = timer;
		return first;
	}

	line(options: Omit<MemoryLinkOptions, 'timers'> = {}): MemoryLink {
		return memoryLink({ timers: this.timers, random: this.chance, ...options });
	}

	open(name: string, storage: OpenOptions['storage'], options: Partial<OpenOptions> = {}): Promise<Replica> {
		return openReplica({ chain: 'chain', name, storage, keeps: ['stock/*', 'cash/*'], links: [], ...options });
	}
}

/** What a pool says in public: minted, spent, held, and the shares as this replica sees them, its own included. */
export function poolSeenBy(replica: Replica, ledger: string, pool: string, key: string) {
	const handle = replica.ledger(ledger).pool(pool);
	const shares = new Map(
		handle
			.holders(key)
			.get()
			.map(({ device, amount }) => [device, amount]),
	);
	const mine = handle.mine(key);
	if (mine > 0) shares.set(replica.device, mine);
	return { ...handle.total(key).get(), shares };
}

/** Everything stored, byte for byte. */
export async function storedBytes(adapter: MemoryAdapter): Promise<string> {
	const storage = await adapter.copy().open('reader');
	const records = await storage.read('');
	await storage.close();
	return records.map(({ key, value }) => `${key}=${Buffer.from(value).toString('hex')}`).join('\n');
}
