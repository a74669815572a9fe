import type { FreeAppend, FreeStore } from './store.js';

/** Gathers what is to be written for `saveMs`, and writes it in one transaction. Ends for good at the first failure. */
export class Saver {
	readonly #store: FreeStore;
	readonly #saveMs: number;
	readonly #failed: (error: unknown) => void;
	#queue: FreeAppend[] = [];
	#waiting: NodeJS.Timeout | undefined;
	#isBroken = false;

	constructor(store: FreeStore, saveMs: number, failed: (error: unknown) => void) {
		this.#store = store;
		this.#saveMs = saveMs;
		this.#failed = failed;
	}

	save(append: FreeAppend): void {
		this.#queue.push(append);
		this.#waiting ??= setTimeout(() => this.flush(), this.#saveMs);
	}

	/** Writes down now what waits. */
	flush(): void {
		clearTimeout(this.#waiting);
		this.#waiting = undefined;
		const queue = this.#queue;
		this.#queue = [];
		if (queue.length === 0 || this.#isBroken) return;
		try {
			this.#store.append(queue);
		} catch (error) {
			this.#isBroken = true;
			this.#failed(error);
		}
	}
}
