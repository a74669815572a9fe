import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Held } from '../journal/admission.js';
import { type CheckpointContent, decodeCheckpoint } from '../journal/checkpoint.js';
import { Forks } from '../journal/forks.js';
import type { Sha256 } from '../journal/seal.js';
import type { Warden } from '../journal/warden.js';
import { Counts } from './counts.js';
import { KeptEpoch } from './kept-epoch.js';
import type { EpochRecord, RowStore } from './row-store.js';

/** The newest checkpoint of a ledger: what it covers. Its bytes stay in the store. */
export interface KeptPoint {
	readonly id: Uint8Array;
	readonly covers: CheckpointContent['cut'];
	readonly bytes: number;
}

/** What a relay has in memory of a ledger. */
export class KeptLedger {
	readonly name: LedgerName;
	readonly epochs = new Map<EpochId, KeptEpoch>();
	/** On disk. */
	entries = 0;
	bytes = 0;
	point: KeptPoint | undefined;
	#counts = new Counts();
	readonly #changed = new Set<EpochId>();

	constructor(name: LedgerName) {
		this.name = name;
	}

	/** Rows of these epochs, or what covers them, are other than they were. */
	changed(epochs: Iterable<EpochId>): void {
		for (const epoch of epochs) this.#changed.add(epoch);
	}

	/** What is on disk here or covered, by epoch: a snapshot that does not change. */
	get counts(): ReadonlyMap<EpochId, number> {
		if (this.#changed.size > 0) {
			const held = [...this.#changed].map((epoch) => [epoch, this.have(epoch)] as const);
			this.#counts = this.#counts.with(held.filter(([, count]) => count > 0));
			this.#changed.clear();
		}
		return this.#counts;
	}

	/** Sealed rows of an epoch on disk here, or covered where there is none of them: what has no seal can be told to nobody (JRN8). */
	have(epoch: EpochId): number {
		return this.epochs.get(epoch)?.sealed || (this.point?.covers.get(epoch)?.count ?? 0);
	}
}

/** Everything a relay knows without asking its disk: which rows it has, and what checkpoints cover. */
export class Keeping {
	readonly #store: RowStore;
	readonly #sha256: Sha256;
	readonly #epochs = new Map<EpochId, KeptEpoch>();
	readonly #ledgers = new Map<LedgerName, KeptLedger>();
	readonly #covered = new Map<EpochId, { readonly ledger: LedgerName; readonly device: DeviceId; count: number }>();
	readonly forks = new Forks();
	#seq: number;
	/** For admission. Covered rows that come all the same are taken: a relay is an archive. */
	readonly held: Held & { warden?: Warden | undefined } = {
		journal: { get: (epoch) => this.#epochs.get(epoch), ancestor: (epoch) => this.ancestor(epoch) },
		view: { at: (epoch) => this.#covered.get(epoch)?.count ?? 0, pending: () => [] },
	};

	/** Reads the store's index; the rows stay where they are. */
	constructor(store: RowStore, sha256: Sha256) {
		this.#store = store;
		this.#sha256 = sha256;
		this.#seq = store.lastSeq();
		for (const { record, tip } of store.epochs()) {
			const epoch = this.add(record);
			epoch.recall(tip);
			this.forks.grows(record.id, record.name.device, tip.count);
			const ledger = this.open(record.name.ledger);
			ledger.entries += tip.count;
			ledger.bytes += tip.bytes;
			ledger.changed([record.id]);
		}
		for (const { bytes } of store.points()) {
			const checkpoint = decodeCheckpoint(bytes);
			if (checkpoint)
				this.cover(checkpoint.ledger, { id: sha256(checkpoint.content), covers: checkpoint.cut, bytes: bytes.length });
		}
	}

	/** The next place in the order of arrival. */
	nextSeq(): number {
		return ++this.#seq;
	}

	get(epoch: EpochId): KeptEpoch | undefined {
		return this.#epochs.get(epoch);
	}

	ledger(name: LedgerName): KeptLedger | undefined {
		return this.#ledgers.get(name);
	}

	ledgers(): Iterable<KeptLedger> {
		return this.#ledgers.values();
	}

	epochs(): Iterable<KeptEpoch> {
		return this.#epochs.values();
	}

	open(name: LedgerName): KeptLedger {
		const known = this.#ledgers.get(name);
		if (known) return known;
		const ledger = new KeptLedger(name);
		this.#ledgers.set(name, ledger);
		return ledger;
	}

	add(record: EpochRecord): KeptEpoch {
		const epoch = new KeptEpoch(record, this.#store, this.#sha256);
		const { name, prev } = record;
		const grown = prev ? (this.#epochs.get(prev.epoch)?.count ?? 0) : 0;
		this.forks.begins({ ledger: name.ledger, device: name.device, prev }, grown);
		this.#epochs.set(record.id, epoch);
		this.open(record.name.ledger).epochs.set(record.id, epoch);
		return epoch;
	}

	/** h(count) of an epoch, where so many rows are here, or the checkpoint tells it. */
	hashAt(ledger: LedgerName, { epoch, count }: Position): Uint8Array | undefined {
		const kept = this.#epochs.get(epoch);
		if (kept && kept.count >= count) return kept.hashAt(count);
		const covered = this.ledger(ledger)?.point?.covers.get(epoch);
		return covered?.count === count ? covered.hash : undefined;
	}

	cover(ledger: LedgerName, point: KeptPoint): void {
		const covered = this.open(ledger);
		covered.point = point;
		covered.changed(point.covers.keys());
		for (const { epoch, count, device } of point.covers.values()) {
			const known = this.#covered.get(epoch);
			if (known) known.count = Math.max(known.count, count);
			else this.#covered.set(epoch, { ledger, device, count });
		}
	}

	/** Whose epoch that is, and in which ledger. */
	ancestor(epoch: EpochId): { readonly ledger: LedgerName; readonly device: DeviceId } | undefined {
		return this.#epochs.get(epoch)?.name ?? this.#covered.get(epoch);
	}

	/** Where the ledger of each position is known, those positions by ledger. */
	byLedger(positions: Iterable<Position>): Map<LedgerName, Position[]> {
		const found = new Map<LedgerName, Position[]>();
		for (const at of positions) {
			const ledger = this.ancestor(at.epoch)?.ledger;
			if (ledger === undefined) continue;
			const list = found.get(ledger);
			if (list) list.push(at);
			else found.set(ledger, [at]);
		}
		return found;
	}
}
