/** How many offences an address has free, and how fast they are forgiven. */
const strikesMax = 20;
const forgivenMs = 1_000;
/** Addresses remembered; the oldest is forgotten first. */
const addressesMax = 1_000;

/**
 * Who was closed for what it sent may come back at once, as a client with a fault would, but not over and over: to put a
 * document back as it was costs more than to send what spoils it.
 */
export class Strikes {
	readonly #byAddress = new Map<string, { readonly strikes: number; readonly atMs: number }>();

	strike(address: string, nowMs: number): void {
		const strikes = this.#of(address, nowMs) + 1;
		this.#byAddress.delete(address);
		this.#byAddress.set(address, { strikes, atMs: nowMs });
		const [oldest] = this.#byAddress.keys();
		if (this.#byAddress.size > addressesMax && oldest !== undefined) this.#byAddress.delete(oldest);
	}

	isOut(address: string, nowMs: number): boolean {
		return this.#of(address, nowMs) >= strikesMax;
	}

	#of(address: string, nowMs: number): number {
		const held = this.#byAddress.get(address);
		return held ? Math.max(0, held.strikes - Math.max(0, nowMs - held.atMs) / forgivenMs) : 0;
	}
}
