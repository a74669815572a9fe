import type { Shop } from '../shop/shop.js';
import type { Alert } from './alert.js';

/** Answers once it is done with the alert; rejects to see it again later. */
export type AlertHandler = (alert: Alert) => Promise<void>;

const againMinMs = 1_000;
const againMostMs = 5 * 60_000;

export interface ConsumerParts {
	readonly shop: Shop;
	readonly handler: AlertHandler;
	/** What it has not done yet, in order. */
	open(): readonly Alert[];
	/** Writes down that it is done; false where it could not be. */
	done(alert: Alert): Promise<boolean>;
	listen(changed: () => void): () => void;
}

/**
 * Hands over one alert at a time. That it is done is written after the handler says so: a till that dies between the two
 * hands over the same alert again, by the same id. One that failed is tried again at growing distances while others go on.
 */
export class Consumer {
	readonly #parts: ConsumerParts;
	readonly #failed = new Map<string, number>();
	readonly #resting = new Map<string, () => void>();
	readonly #end: () => void;
	#isRunning = false;
	#isStopped = false;

	constructor(parts: ConsumerParts) {
		this.#parts = parts;
		this.#end = parts.listen(() => void this.#run());
		void this.#run();
	}

	/** What is being handled is handled to its end, and not written down. */
	stop(): void {
		this.#isStopped = true;
		this.#end();
		for (const cancel of this.#resting.values()) cancel();
	}

	async #run(): Promise<void> {
		if (this.#isRunning) return;
		this.#isRunning = true;
		await null; // a handler never runs before `consume` has answered how to stop it
		for (let alert = this.#next(); alert; alert = this.#next()) await this.#hand(alert);
		this.#isRunning = false;
	}

	#next(): Alert | undefined {
		return this.#isStopped ? undefined : this.#parts.open().find(({ id }) => !this.#resting.has(id));
	}

	async #hand(alert: Alert): Promise<void> {
		const { handler, done, shop } = this.#parts;
		try {
			await handler(alert);
			if (this.#isStopped) return;
			if (!(await done(alert))) throw new TypeError('not written');
			this.#failed.delete(alert.id);
		} catch {
			const times = this.#failed.get(alert.id) ?? 0;
			this.#failed.set(alert.id, times + 1);
			const again = () => {
				this.#resting.delete(alert.id);
				void this.#run();
			};
			const waitMs = Math.min(againMinMs * 2 ** times, againMostMs);
			this.#resting.set(alert.id, shop.platform.timers.after(waitMs, again, true));
		}
	}
}
