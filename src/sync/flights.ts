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
/** Of a backlog one such chunk, and more only as far as news do not have to wait behind it (SYN3). */
export const chunkBytes = 64 * 1024;
/** By how much longer than a ping: what goes out now waits so long in the line. */
const quickMs = 150;
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
	/** The least time there and back: what the way alone takes. */
	#wayMs = Number.POSITIVE_INFINITY;

	/** How many have landed. */
	landed = 0;

	get bytes(): number {
		return this.#bytes;
	}

	get mayNews(): boolean {
		return this.#bytes < windowBytes;
	}

	/** `aside`: of a checkpoint, which is a backlog too, under way. */
	mayBacklog(aside: number): boolean {
		const bytes = this.#backlogBytes + aside;
		return this.mayNews && (bytes === 0 || bytes + chunkBytes <= this.#backlogMax);
	}

	/** How long to wait for an acknowledgement before anything is sent again. */
	get patienceMs(): number {
		return this.#usualMs === undefined ? patienceFirstMs : Math.max(patienceMinMs, this.#usualMs * patienceTimes);
	}

	/** What has been under way for longest. */
	get oldest(): Flight | undefined {
		return this.#flights[0];
	}

	add(flight: Flight): void {
		this.#flights.push(flight);
		this.#bytes += flight.bytes;
		if (flight.isBacklog) this.#backlogBytes += flight.bytes;
	}

	/**
	 * Those whose rows have all been acknowledged have landed. Acknowledgements come in the order of sending, mostly: the
	 * rest is looked through by `sweep`. Only the one that ends where the `answer` does tells how long answers take: what
	 * is known of the others in another way, after a word was lost, says nothing of that.
	 */
	land(isAcked: (ledger: LedgerName, tip: Position) => boolean, nowMs: number, answer: readonly Position[] = []): void {
		let landed = 0;
		for (const flight of this.#flights) {
			if (!flight.tips.every((tip) => isAcked(flight.ledger, tip))) break;
			this.#landed(flight, nowMs);
			if (isEndOf(answer, flight)) this.#noteUsual(nowMs - flight.sentMs);
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
		this.landed++;
		this.#bytes -= flight.bytes;
		if (!flight.isBacklog) return;
		this.#backlogBytes -= flight.bytes;
		// What is far less than a chunk is there at once on the slowest line, and says nothing of how quick it is.
		if (flight.bytes >= chunkBytes / 2) this.adapt(Math.max(0, nowMs - flight.sentMs));
	}

	#noteUsual(ms: number): void {
		const tookMs = Math.max(0, ms);
		this.#usualMs = this.#usualMs === undefined ? tookMs : this.#usualMs * 0.8 + tookMs * 0.2;
	}

	/** There and back took so long. */
	noteWay(rttMs: number): void {
		this.#wayMs = Math.min(this.#wayMs, rttMs);
	}

	/** A quick line gets more of a backlog at once, a slow one less. */
	adapt(tookMs: number): void {
		if (this.#wayMs === Number.POSITIVE_INFINITY) return; // nothing says yet what is quick here
		const waitedMs = tookMs - this.#wayMs;
		if (waitedMs <= quickMs) this.#backlogMax = Math.min(windowBytes, this.#backlogMax + chunkBytes);
		else if (waitedMs > slowMs) this.#backlogMax = Math.max(chunkBytes, this.#backlogMax / 2);
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
		this.#wayMs = Number.POSITIVE_INFINITY;
	}
}

const isEndOf = (answer: readonly Position[], { tips }: Flight): boolean =>
	tips.every((tip) => answer.some(({ epoch, count }) => epoch === tip.epoch && count === tip.count));
