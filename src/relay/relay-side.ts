import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Warden } from '../journal/warden.js';
import type { Platform } from '../ports/index.js';
import { digestOf } from '../replica/holdings.js';
import type { Batch } from '../sync/batches.js';
import type { Introduction, LedgerHeads, Reach, ShareAsk, UpdateFrame } from '../sync/frames.js';
import type { FrameRefusal, Holding, PeerSession, Point, Received, SyncHost } from '../sync/host.js';
import { marksOf } from '../sync/marks.js';
import type { EnrolledKeys } from '../trust/credential.js';
import type { Keeping, KeptLedger } from './keeping.js';
import type { Differences } from './lacking.js';
import type { RowStore } from './row-store.js';

const nothing = new Uint8Array();

/** What a side needs of its relay. */
export interface RelayInside {
	readonly platform: Platform;
	readonly pair: EnrolledKeys;
	readonly keeping: Keeping;
	readonly store: RowStore;
	readonly differences: Differences;
	holdingOf(ledger: KeptLedger): Holding;
	mark(ledger: LedgerName, at: Position): Uint8Array | undefined;
	forked(session: PeerSession, ledger: LedgerName, epoch: EpochId): void;
	/** Undefined, and the relay stops, where the store cannot be read. */
	reading<T>(read: () => T): T | undefined;
	receive(from: PeerSession, update: UpdateFrame, frame: Uint8Array): Promise<Received>;
	receiveCheckpoint(bytes: Uint8Array): Promise<void>;
	passAsk(from: PeerSession, ask: ShareAsk): void;
	changed(session: PeerSession): void;
	lost(session: PeerSession, ledger: LedgerName, positions: readonly Position[], theirs: boolean): void;
	refused(session: PeerSession, code: FrameRefusal, error?: unknown): void;
	hasAll(ledger: LedgerName): boolean;
}

/** What the sessions on one side of a relay see of it: they are told another introduction each, and share all else. */
export class RelaySide implements SyncHost {
	readonly introduce: () => Introduction;
	readonly wanted: ReadonlySet<LedgerName>;
	readonly #core: RelayInside;

	constructor(core: RelayInside, introduce: () => Introduction, wanted: ReadonlySet<LedgerName> = new Set()) {
		this.#core = core;
		this.introduce = introduce;
		this.wanted = wanted;
	}

	get platform(): Platform {
		return this.#core.platform;
	}

	get warden(): Warden | undefined {
		return this.#core.keeping.held.warden;
	}

	sign(data: Uint8Array): Promise<Uint8Array> {
		return this.#core.platform.crypto.sign(this.#core.pair, data);
	}

	*ledgers(): Iterable<LedgerName> {
		for (const ledger of this.#core.keeping.ledgers()) if (ledger.counts.size > 0) yield ledger.name;
	}

	holding(ledger: LedgerName): Holding {
		const kept = this.#core.keeping.ledger(ledger);
		return kept
			? this.#core.holdingOf(kept)
			: {
					counts: new Map(),
					digest: digestOf(new Map(), { mark: () => undefined, prev: () => undefined }, nothing, this.#sha256),
				};
	}

	heads(ledger: LedgerName): LedgerHeads {
		const kept = this.#core.keeping.ledger(ledger);
		const rows: Position[] = [];
		for (const { id, sealed } of kept?.epochs.values() ?? []) if (sealed > 0) rows.push({ epoch: id, count: sealed });
		const covered: Position[] = [];
		for (const { epoch, count } of kept?.point?.covers.values() ?? [])
			if (!kept?.epochs.get(epoch)?.sealed) covered.push({ epoch, count });
		const marks = marksOf(rows, (at) => this.mark(ledger, at) ?? nothing);
		return { ledger, rows, covered, checkpoint: kept?.point?.id ?? nothing, marks };
	}

	mark(ledger: LedgerName, at: Position): Uint8Array | undefined {
		return this.#core.mark(ledger, at);
	}

	forked(session: PeerSession, ledger: LedgerName, epoch: EpochId): void {
		this.#core.forked(session, ledger, epoch);
	}

	have(ledger: LedgerName, epoch: EpochId): number {
		return this.#core.keeping.ledger(ledger)?.have(epoch) ?? 0;
	}

	authorOf(_ledger: LedgerName, epoch: EpochId): DeviceId | undefined {
		return this.#core.keeping.ancestor(epoch)?.device;
	}

	checkpoint(ledger: LedgerName): Point | undefined {
		const kept = this.#core.keeping.ledger(ledger);
		const point = kept?.point;
		return point && new OnDisk(point, () => this.#core.reading(() => this.#core.store.point(ledger)));
	}

	lacking(
		ledger: LedgerName,
		sent: (epoch: EpochId) => number,
		bytesMax: number,
		among?: ReadonlySet<EpochId>,
	): Batch | undefined {
		const kept = this.#core.keeping.ledger(ledger);
		// A record that does not read back ends the relay, and not the turn of whoever asked.
		return kept && this.#core.reading(() => this.#core.differences.next(kept, sent, bytesMax, among));
	}

	receive(from: PeerSession, update: UpdateFrame, frame: Uint8Array): Promise<Received> {
		return this.#core.receive(from, update, frame);
	}

	receiveCheckpoint(_from: PeerSession, bytes: Uint8Array): Promise<void> {
		return this.#core.receiveCheckpoint(bytes);
	}

	hasAll(ledger: LedgerName): boolean {
		return this.#core.hasAll(ledger);
	}

	receiveAsk(from: PeerSession, ask: ShareAsk): void {
		this.#core.passAsk(from, ask);
	}

	changed(session: PeerSession): void {
		this.#core.changed(session);
	}

	reached(_tier: Reach): void {
		// Passed on by the circle of peers.
	}

	lost(session: PeerSession, ledger: LedgerName, positions: readonly Position[], theirs: boolean): void {
		this.#core.lost(session, ledger, positions, theirs);
	}

	refused(session: PeerSession, code: FrameRefusal, error?: unknown): void {
		this.#core.refused(session, code, error);
	}

	get #sha256() {
		return this.#core.platform.crypto.sha256;
	}
}

/** A checkpoint whose bytes are read when they travel, and kept no longer than that. */
class OnDisk implements Point {
	readonly id: Uint8Array;
	readonly covers: NonNullable<KeptLedger['point']>['covers'];
	readonly #read: () => Uint8Array | undefined;
	#bytes: Uint8Array | undefined;

	constructor({ id, covers }: NonNullable<KeptLedger['point']>, read: () => Uint8Array | undefined) {
		this.id = id;
		this.covers = covers;
		this.#read = read;
	}

	get bytes(): Uint8Array {
		this.#bytes ??= this.#read() ?? nothing;
		return this.#bytes;
	}
}
