import type { DeviceId } from '../base/ids.js';
import { limits } from '../base/limits.js';

/** What one device, one ledger and one connection may cost a relay. Whoever crosses one is refused; nobody else notices. */
export interface RelayLimits {
	/** One entry. */
	readonly entryBytes: number;
	/** Entries that one device may bring into the chain in one day (UTC, by the relay's clock). */
	readonly deviceEntriesPerDay: number;
	/** Entries of one ledger, all together. */
	readonly ledgerBytes: number;
	/** Requests to compare (hello, digests, heads) of one connection a second, after a burst of ten times as many. */
	readonly requestsPerSecond: number;
	/** Messages (asks for shares, news of peers, signals) likewise. */
	readonly messagesPerSecond: number;
	/** What of one device is refused: updates, and frames that are none, likewise. Looking at it is what costs. */
	readonly refusedPerSecond: number;
	/** Bytes of one connection likewise. Without end by default: who sends waits for acknowledgements. */
	readonly bytesPerSecond: number;
	/** How long a connection may take to prove who it is. */
	readonly unprovenMs: number;
	/** Connections at a time. */
	readonly connections: number;
	/** New connections from one address in a second, after a burst of ten times as many. */
	readonly connectionsPerSecond: number;
}

export const relayLimits: RelayLimits = {
	entryBytes: limits.entryBytes,
	deviceEntriesPerDay: 200_000,
	ledgerBytes: 64 * 1024 * 1024,
	requestsPerSecond: 20,
	messagesPerSecond: 500,
	refusedPerSecond: 200,
	bytesPerSecond: Number.POSITIVE_INFINITY,
	unprovenMs: 10_000,
	connections: 2_000,
	connectionsPerSecond: 100,
};

/** What may come at once, in seconds of the rate. */
export const burst = 10;

const dayMs = 86_400_000;

/** How many entries each device has brought today. */
export class DayCounts {
	#day = 0;
	readonly #counts = new Map<DeviceId, number>();

	/** What the device has brought, these included; counts from zero each day. */
	add(device: DeviceId, entries: number, nowMs: number): number {
		const count = this.of(device, nowMs) + entries;
		this.#counts.set(device, count);
		return count;
	}

	of(device: DeviceId, nowMs: number): number {
		const day = Math.floor(nowMs / dayMs);
		if (day !== this.#day) {
			this.#day = day;
			this.#counts.clear();
		}
		return this.#counts.get(device) ?? 0;
	}
}

/** Fills with `perSecond` tokens each second up to `burst`, and is emptied by who takes. */
export class TokenBucket {
	readonly #perSecond: number;
	readonly #burst: number;
	#tokens: number;
	#atMs: number;

	constructor(perSecond: number, burst: number, nowMs: number) {
		this.#perSecond = perSecond;
		this.#burst = burst;
		this.#tokens = burst;
		this.#atMs = nowMs;
	}

	/** False where there are not so many: nothing is taken then. */
	take(tokens: number, nowMs: number): boolean {
		// A clock that went back gives nothing, and takes nothing.
		const passedMs = Math.max(0, nowMs - this.#atMs);
		this.#atMs = nowMs;
		if (this.#burst === Number.POSITIVE_INFINITY) return true;
		this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs / 1000) * this.#perSecond);
		if (this.#tokens < tokens) return false;
		this.#tokens -= tokens;
		return true;
	}
}

/** Addresses that are remembered; more than these begin anew. */
const addressesMax = 4096;

/** Who knocks how often, at a door or on our patience. */
export class Knocks {
	readonly #perSecond: number;
	readonly #buckets = new Map<string, TokenBucket>();

	constructor(perSecond: number) {
		this.#perSecond = perSecond;
	}

	/** False for who has knocked too often. */
	allow(address: string, nowMs: number): boolean {
		let bucket = this.#buckets.get(address);
		if (!bucket) {
			if (this.#buckets.size >= addressesMax) this.#buckets.clear();
			bucket = new TokenBucket(this.#perSecond, this.#perSecond * burst, nowMs);
			this.#buckets.set(address, bucket);
		}
		return bucket.take(1, nowMs);
	}
}
