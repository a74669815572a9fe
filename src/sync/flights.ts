import type { LedgerName, Position } from '../base/ids.js';

/** One update under way. */
export interface Flight {
	readonly ledger: LedgerName;
	readonly tips: readonly Position[];
	readonly bytes: number;
	readonly sentMs: number;
	readonly isBacklog: boolean;
}

/** Sent and not acknowledged, whatever it is: beyond this the peer is slow, and gets differences when it comes back (SYN4). */
const windowBytes = 1024 * 1024;
/** Of a backlog, between these: what the line carries in about the time that news may have to wait behind it (SYN3). */
export const chunkBytes = 64 * 1024;
const quickMs = 100;
const slowMs = 400;
/** As long as nothing has landed, and at least. */
const patienceFirstMs = 1000;
const patienceMinMs = 400;
/** So many times the usual time to an acknowledgement: a slow line is not a lossy one. */
const patienceTimes = 4;

/** What is under way to a peer, and how much more may be. */
export class Flights {
	#flights: Flight[] = [];
	#bytes = 0;
	#backlogBytes = 0;
	#backlogMax = chunkBytes;
	/** Smoothed time to an acknowledgement. */
	#usualMs: number | undefined;

	get bytes(): number {
		return this.#bytes;
	}

	get mayNews(): boolean {
		return this.#bytes < windowBytes;
	}

	get mayBacklog(): boolean {
		return this.mayNews && this.#backlogBytes < this.#backlogMax;
	}

	/** How long to wait for an acknowledgement before anything is sent again. */
	get patienceMs(): number {
		return this.#usualMs === undefined ? patienceFirstMs : Math.max(patienceMinMs, this.#usualMs * patienceTimes);
	}

	get oldestMs(): number | undefined {
		return this.#flights[0]?.sentMs;
	}

	add(flight: Flight): void {
		this.#flights.push(flight);
		this.#bytes += flight.bytes;
		if (flight.isBacklog) this.#backlogBytes += flight.bytes;
	}

	/**
	 * Those whose rows have all been acknowledged have landed. Acknowledgements come in the order of sending, mostly: the
	 * rest is looked through by `sweep`.
	 */
	land(isAcked: (ledger: LedgerName, tip: Position) => boolean, nowMs: number): void {
		let landed = 0;
		for (const flight of this.#flights) {
			if (!flight.tips.every((tip) => isAcked(flight.ledger, tip))) break;
			this.#landed(flight, nowMs);
			landed++;
		}
		if (landed > 0) this.#flights.splice(0, landed);
	}

	sweep(isAcked: (ledger: LedgerName, tip: Position) => boolean, nowMs: number): void {
		this.#flights = this.#flights.filter((flight) => {
			const landed = flight.tips.every((tip) => isAcked(flight.ledger, tip));
			if (landed) this.#landed(flight, nowMs);
			return !landed;
		});
	}

	#landed(flight: Flight, nowMs: number): void {
		this.#bytes -= flight.bytes;
		const tookMs = Math.max(0, nowMs - flight.sentMs);
		this.#usualMs = this.#usualMs === undefined ? tookMs : this.#usualMs * 0.8 + tookMs * 0.2;
		if (flight.isBacklog) this.#adapt(flight, tookMs);
	}

	/** A quick line gets more of a backlog at once, a slow one less. */
	#adapt(flight: Flight, tookMs: number): void {
		this.#backlogBytes -= flight.bytes;
		if (tookMs <= quickMs) this.#backlogMax = Math.min(windowBytes, this.#backlogMax * 2);
		else if (tookMs > slowMs) this.#backlogMax = Math.max(chunkBytes, this.#backlogMax / 2);
	}

	clear(): void {
		this.#flights = [];
		this.#bytes = 0;
		this.#backlogBytes = 0;
		this.#backlogMax = chunkBytes;
	}

	/** Another line begins. */
	forget(): void {
		this.clear();
		this.#usualMs = undefined;
	}
}
