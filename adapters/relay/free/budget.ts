/** Fills by `perSecond`, up to twice that. What costs more than is there is owed: nothing more is to be done until it is paid. */
export class Budget {
	readonly #perSecond: number;
	#left: number;
	#atMs: number;

	constructor(perSecond: number, nowMs: number) {
		this.#perSecond = perSecond;
		this.#left = perSecond * 2;
		this.#atMs = nowMs;
	}

	spend(cost: number): void {
		this.#left -= cost;
	}

	isSpent(nowMs: number): boolean {
		// A clock that went back gives nothing, and takes nothing.
		const earned = (Math.max(0, nowMs - this.#atMs) / 1_000) * this.#perSecond;
		this.#left = Math.min(this.#perSecond * 2, this.#left + earned);
		this.#atMs = nowMs;
		return this.#left < 0;
	}
}
