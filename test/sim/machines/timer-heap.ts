export interface Due {
	/** Changes only while it is not in a heap. */
	atMs: number;
	/** Of two that are due in one instant the lower comes first. */
	readonly order: number;
}

const before = (a: Due, b: Due) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap: what is due next is its first. */
export class TimerHeap<T extends Due> {
	readonly #all: T[] = [];

	get first(): T | undefined {
		return this.#all[0];
	}

	push(timer: T): void {
		const all = this.#all;
		let at = all.push(timer) - 1;
		while (at > 0) {
			const up = (at - 1) >> 1;
			const parent = all[up] as T; // up < at < length
			if (!before(timer, parent)) break;
			all[at] = parent;
			at = up;
		}
		all[at] = timer;
	}

	/** Takes the first away. */
	pop(): void {
		const all = this.#all;
		const last = all.pop();
		if (!last || all.length === 0) return;
		let at = 0;
		for (;;) {
			const left = all[2 * at + 1];
			const right = all[2 * at + 2];
			if (!left) break;
			const down = right && before(right, left) ? 2 * at + 2 : 2 * at + 1;
			const child = all[down] as T; // down is the place of left or right
			if (!before(child, last)) break;
			all[at] = child;
			at = down;
		}
		all[at] = last;
	}

	/** Empties it. */
	take(): T[] {
		return this.#all.splice(0);
	}
}
