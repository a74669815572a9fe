import type { Index } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';
import { type AlertDocument, alertId, type Noticed, type Raised } from './alert.js';
import type { AlertSource } from './sources.js';

/** How long where it happened has to say so before others do. */
const patienceMs = 30_000;
/** What nobody in particular saw is said by one of all who see it, mostly: each waits its own part of this. */
const spreadMs = 2_000;

/** Raises what a source sees. Whoever sees it later finds it raised; who raises it apart raises the same. */
export class Watcher {
	readonly #shop: Shop;
	readonly #index: Index<AlertDocument, Raised>;
	readonly #source: AlertSource;
	readonly #raise: (noticed: Noticed) => Promise<unknown>;
	/** Waiting to be raised here, by id. */
	readonly #waiting = new Map<string, () => void>();
	readonly #end: () => void;

	constructor(
		shop: Shop,
		index: Index<AlertDocument, Raised>,
		source: AlertSource,
		raise: (noticed: Noticed) => Promise<unknown>,
	) {
		this.#shop = shop;
		this.#index = index;
		this.#source = source;
		this.#raise = raise;
		this.#end = source.subscribe(() => this.#look());
		this.#look();
	}

	stop(): void {
		this.#end();
		for (const cancel of this.#waiting.values()) cancel();
		this.#waiting.clear();
	}

	#look(): void {
		for (const noticed of this.#source.get()) {
			const id = alertId(noticed);
			if (this.#index.get(id) || this.#waiting.has(id)) continue;
			const raise = () => void this.#raiseOnce(id, noticed);
			const delayMs = this.#delayOf(id, noticed);
			const isLong = delayMs > spreadMs; // short ones are kept to: whose turn comes first is what they are for
			this.#waiting.set(id, this.#shop.platform.timers.after(delayMs, raise, isLong));
		}
	}

	/** What could not be written is noticed again with the next change. */
	async #raiseOnce(id: string, noticed: Noticed): Promise<void> {
		try {
			if (!this.#index.get(id)) await this.#raise(noticed);
		} catch {
			// the disk has told the replica
		}
		this.#waiting.delete(id);
	}

	#delayOf(id: string, { device }: Noticed): number {
		if (device === this.#shop.device) return 0;
		if (device !== undefined) return patienceMs;
		const drawn = Number.parseInt(this.#shop.hash([id, this.#shop.device]).slice(0, 4), 16);
		return Math.floor((drawn / 0x10000) * spreadMs);
	}
}
