import type { EpochId, LedgerName } from '../base/ids.js';

const none: ReadonlyMap<EpochId, number> = new Map();

/** One ledger at the peer: what it said it has, and what we learned and sent since. */
class Known {
	/** Shared with the host's snapshot where both hold the same: a thousand sessions cost one map. */
	readonly told: ReadonlyMap<EpochId, number>;
	readonly acked = new Map<EpochId, number>();
	/** Only where it is not `acked`. */
	readonly sent = new Map<EpochId, number>();
	/** Covered there beyond so many rows: what goes on after the cover needs those from there on. */
	readonly bare = new Map<EpochId, number>();

	constructor(told: ReadonlyMap<EpochId, number>) {
		this.told = told;
	}
}

/** What a peer holds of our rows, as far as it is known: told, acknowledged, sent. */
export class PeerRows {
	readonly #ledgers = new Map<LedgerName, Known>();

	/** What the peer says is the truth, even where it is less than before: a disk may have been lost. */
	tell(ledger: LedgerName, told: ReadonlyMap<EpochId, number>): void {
		this.#ledgers.set(ledger, new Known(told));
	}

	told(ledger: LedgerName): ReadonlyMap<EpochId, number> | undefined {
		return this.#ledgers.get(ledger)?.told;
	}

	ledgers(): Iterable<LedgerName> {
		return this.#ledgers.keys();
	}

	/** On the peer's disk, or covered by its checkpoint. */
	acked(ledger: LedgerName, epoch: EpochId): number {
		const known = this.#ledgers.get(ledger);
		return known?.acked.get(epoch) ?? known?.told.get(epoch) ?? 0;
	}

	sent(ledger: LedgerName, epoch: EpochId): number {
		return this.#ledgers.get(ledger)?.sent.get(epoch) ?? this.held(ledger, epoch);
	}

	/** On the peer's disk as rows. */
	held(ledger: LedgerName, epoch: EpochId): number {
		return this.#ledgers.get(ledger)?.bare.get(epoch) ?? this.acked(ledger, epoch);
	}

	/** True where this was news. */
	noteAck(ledger: LedgerName, epoch: EpochId, count: number): boolean {
		const known = this.#ledgers.get(ledger);
		if (!known || this.acked(ledger, epoch) >= count) return false;
		known.acked.set(epoch, count);
		known.bare.delete(epoch);
		if ((known.sent.get(epoch) ?? count) <= count) known.sent.delete(epoch);
		return true;
	}

	noteSent(ledger: LedgerName, epoch: EpochId, count: number): void {
		if (this.sent(ledger, epoch) < count) this.#ledgers.get(ledger)?.sent.set(epoch, count);
	}

	/** Rows from `held` on are only covered there. */
	noteBare(ledger: LedgerName, epoch: EpochId, held: number): void {
		if (held < this.acked(ledger, epoch)) this.#ledgers.get(ledger)?.bare.set(epoch, held);
	}

	/** Of ledgers that this conversation has not got to, what was known in the one before it. */
	inherit(before: PeerRows): this {
		for (const [ledger, known] of before.#ledgers) if (!this.#ledgers.has(ledger)) this.#ledgers.set(ledger, known);
		return this;
	}

	/** Lets go of what was noted of epochs that are none here; and of the ledger, where nothing else is known of it. */
	forget(ledger: LedgerName, epochs: Iterable<EpochId>): void {
		const known = this.#ledgers.get(ledger);
		if (!known) return;
		for (const epoch of epochs) known.acked.delete(epoch);
		if (known.told.size + known.acked.size + known.sent.size === 0) this.#ledgers.delete(ledger);
	}

	/** What was sent and never acknowledged is sent again. */
	rewind(): void {
		for (const { sent } of this.#ledgers.values()) sent.clear();
	}

	/** What the peer had acknowledged of a ledger and does not name any more. */
	missing(ledger: LedgerName, told: ReadonlyMap<EpochId, number> | undefined): [EpochId, number][] {
		const known = this.#ledgers.get(ledger);
		const before = new Map([...(known?.told ?? none), ...(known?.acked ?? none)]);
		return [...before].filter(([epoch, count]) => (told?.get(epoch) ?? 0) < count);
	}
}
