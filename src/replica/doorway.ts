import { equalBytes } from '../base/bytes.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { decodeCheckpoint, verifyCheckpoint } from '../journal/checkpoint.js';
import type { Epoch } from '../journal/journal.js';
import { deviceIdOf } from '../journal/seal.js';
import type { Warden } from '../journal/warden.js';
import type { Platform } from '../ports/index.js';
import { type Batch, nextBatch } from '../sync/batches.js';
import type { Introduction, LedgerHeads, Reach, ShareAsk, UpdateFrame } from '../sync/frames.js';
import type { FrameRefusal, Holding, PeerSession, Point, Received, SyncHost } from '../sync/host.js';
import { marksOf } from '../sync/marks.js';
import type { Forward } from '../sync/peers.js';
import { auditCheckpoint } from './audit.js';
import type { Core } from './core.js';
import type { Holdings } from './holdings.js';
import type { Intake } from './intake.js';

export interface DoorwayParts {
	readonly core: Core;
	readonly intake: Intake;
	readonly holdings: Holdings;
	readonly sessions: () => Iterable<PeerSession>;
	/** Rows of others are durable and in view. */
	readonly taken: (ledger: LedgerName, epochs: readonly Epoch[], forward: Forward | undefined) => void;
	/** A sound checkpoint was offered to the view. */
	readonly offered: () => void;
	/** An entry of this device came by this peer. */
	readonly routed: (device: DeviceId, by: PeerSession) => void;
	readonly asked: (by: PeerSession, ask: ShareAsk) => void;
	readonly linksChanged: (session: PeerSession) => void;
	readonly reached: () => void;
	/** A peer has said of a wanted ledger what it has, and that this is all. */
	readonly toldAll: () => void;
	/** A peer's disk has lost rows, or knows of rows that ours has lost. */
	readonly lost: SyncHost['lost'];
}

const nothing = new Uint8Array();
const nothingReceived = Promise.resolve<Received>({ acks: [], again: false });

/** Where sessions meet their replica: what they may take out, and where what they bring goes. */
export class Doorway implements SyncHost {
	readonly #parts: DoorwayParts;
	readonly #core: Core;

	constructor(parts: DoorwayParts) {
		this.#parts = parts;
		this.#core = parts.core;
	}

	get platform(): Platform {
		return this.#core.platform;
	}

	get warden(): Warden | undefined {
		return this.#core.warden;
	}

	introduce(): Introduction {
		const { settings, device, pair } = this.#core;
		const { chain, name, archive } = settings;
		const keeps = new Set([...this.#core.keeps, ...this.#core.wanted]);
		return {
			chain,
			device,
			name,
			key: pair.publicKey,
			role: 'device',
			archive,
			keeps: [...keeps],
			credential: pair.credential,
		};
	}

	sign(data: Uint8Array): Promise<Uint8Array> {
		return this.platform.crypto.sign(this.#core.pair, data);
	}

	ledgers(): Iterable<LedgerName> {
		return this.#core.ledgers();
	}

	holding(ledger: LedgerName): Holding {
		return this.#parts.holdings.of(ledger);
	}

	heads(ledger: LedgerName): LedgerHeads {
		const { journal, view } = this.#core;
		const rows: Position[] = [];
		for (const epoch of journal.in(ledger)) {
			const count = this.#core.firm(epoch);
			if (count > 0) rows.push({ epoch: epoch.id, count });
		}
		const covered: Position[] = [];
		for (const { epoch, count } of view.base(ledger)?.cut.values() ?? [])
			if (!journal.get(epoch)) covered.push({ epoch, count });
		const marks = marksOf(rows, (at) => this.mark(ledger, at) ?? nothing);
		return { ledger, rows, covered, checkpoint: this.checkpoint(ledger)?.id ?? nothing, marks };
	}

	mark(ledger: LedgerName, at: Position): Uint8Array | undefined {
		return this.#core.mark(ledger, at);
	}

	forked(session: PeerSession, ledger: LedgerName, epoch: EpochId): void {
		this.#parts.intake.forked(ledger, epoch, this.authorOf(ledger, epoch), session.peer?.name);
	}

	have(ledger: LedgerName, epoch: EpochId): number {
		return this.#core.have(ledger, epoch);
	}

	authorOf(_ledger: LedgerName, epoch: EpochId): DeviceId | undefined {
		return this.#core.journal.get(epoch)?.name.device ?? this.#core.journal.ancestor(epoch)?.device;
	}

	checkpoint(ledger: LedgerName): Point | undefined {
		return this.#parts.holdings.point(ledger);
	}

	lacking(
		ledger: LedgerName,
		sent: (epoch: EpochId) => number,
		bytesMax: number,
		among?: ReadonlySet<EpochId>,
	): Batch | undefined {
		const { journal } = this.#core;
		if (!among) return nextBatch(journal.in(ledger), sent, bytesMax);
		const epochs: Epoch[] = [];
		for (const id of among) {
			const epoch = journal.get(id);
			if (epoch) epochs.push(epoch);
		}
		return nextBatch(epochs, sent, bytesMax);
	}

	receive(from: PeerSession, update: UpdateFrame, frame: Uint8Array): Promise<Received> {
		const core = this.#core;
		if (!this.#takes(update.ledger) || core.stopped) return nothingReceived;
		return this.#parts.intake.receive(update).then((intook) => {
			const { acks, whole, epochs, runs } = intook;
			for (const { epoch } of acks) {
				const device = core.journal.get(epoch)?.name.device;
				if (device) this.#parts.routed(device, from);
			}
			if (epochs.length > 0) this.#parts.taken(update.ledger, epochs, whole ? { from, frame, runs } : undefined);
			return intook;
		});
	}

	async receiveCheckpoint(_from: PeerSession, bytes: Uint8Array): Promise<void> {
		const core = this.#core;
		const { crypto } = core.platform;
		const checkpoint = decodeCheckpoint(bytes);
		const ledger = checkpoint?.ledger ?? '';
		if (!checkpoint || !this.#takes(ledger))
			return this.#parts.intake.reject({ ledger, code: 'bad_checkpoint', device: undefined });
		if (equalBytes(core.view.base(ledger)?.content ?? nothing, checkpoint.content)) return;
		const device = deviceIdOf(checkpoint.key, crypto.sha256);
		if (!(await verifyCheckpoint(crypto, checkpoint)))
			return this.#parts.intake.reject({ ledger, code: 'bad_checkpoint', device });
		if (core.warden && !(await core.warden.mayClose(checkpoint)))
			return this.#parts.intake.reject({ ledger, code: 'not_allowed', device });
		if (core.stopped) return;
		const audit = auditCheckpoint(core, checkpoint);
		if (audit === 'unreadable') return this.#parts.intake.reject({ ledger, code: 'bad_checkpoint', device });
		if (audit === 'false') return this.#parts.intake.reject({ ledger, code: 'false_checkpoint', device });
		core.view.offer(checkpoint);
		this.#parts.offered();
	}

	#takes(ledger: LedgerName): boolean {
		return this.#core.holds(ledger) || this.#core.wanted.has(ledger);
	}

	get wanted(): ReadonlySet<LedgerName> {
		return this.#core.wanted;
	}

	/** What is named when a replica opens may be on its way yet: then archives that are linked have more. */
	hasAll(ledger: LedgerName): boolean {
		const core = this.#core;
		if (!core.holds(ledger) || core.isHome(ledger) || core.kept.has(ledger)) return core.holds(ledger);
		for (const session of this.#parts.sessions())
			if (session.peer?.archive && session.carries(ledger))
				for (const [epoch, count] of session.told(ledger) ?? []) if (core.have(ledger, epoch) < count) return false;
		return true;
	}

	toldAll(): void {
		this.#parts.toldAll();
	}

	receiveAsk(from: PeerSession, ask: ShareAsk): void {
		if (this.#core.holds(ask.ledger) && !this.#core.stopped) this.#parts.asked(from, ask);
	}

	refused(session: PeerSession, code: FrameRefusal, error?: unknown): void {
		if (this.#core.stopped) return; // a failed disk has said so itself
		this.#parts.intake.reject({ ledger: '', code, device: session.peer?.device, error });
	}

	changed(session: PeerSession): void {
		this.#parts.linksChanged(session);
	}

	reached(_tier: Reach, _ledger: LedgerName, _positions: Iterable<Position>): void {
		this.#parts.reached();
	}

	lost(...said: Parameters<SyncHost['lost']>): void {
		this.#parts.lost(...said);
	}
}
