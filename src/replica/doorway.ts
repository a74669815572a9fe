import { equalBytes } from '../base/bytes.js';
import type { LedgerName } from '../base/ids.js';
import { decodeCheckpoint, verifyCheckpoint } from '../journal/checkpoint.js';
import type { Epoch } from '../journal/journal.js';
import { deviceIdOf } from '../journal/seal.js';
import type { Timers } from '../ports/index.js';
import type { LedgerHeads } from '../sync/frames.js';
import type { PeerSession, SyncHost } from '../sync/host.js';
import { auditCheckpoint } from './audit.js';
import type { Core } from './core.js';
import type { Intake } from './intake.js';
import type { Outbox, Point } from './outbox.js';
import type { Shares } from './shares.js';

export interface DoorwayParts {
	readonly core: Core;
	readonly outbox: Outbox;
	readonly intake: Intake;
	readonly shares: Shares;
	/** A sound checkpoint was offered to the view. */
	readonly offered: () => void;
}

const nothing = new Uint8Array();

/** Where sessions meet their replica: what they may take out, and where what they bring goes. */
export class Doorway implements SyncHost {
	readonly #parts: DoorwayParts;

	constructor(parts: DoorwayParts) {
		this.#parts = parts;
	}

	get timers(): Timers {
		return this.#parts.core.platform.timers;
	}

	hello() {
		const { chain, name, keeps, archive } = this.#parts.core.settings;
		return { chain, device: this.#parts.core.device, name, archive, keeps };
	}

	ledgers(): Iterable<LedgerName> {
		return this.#parts.core.ledgers();
	}

	epochs(ledger: LedgerName): Iterable<Epoch> {
		return this.#parts.core.journal.in(ledger);
	}

	heads(ledger: LedgerName): LedgerHeads {
		return this.#parts.outbox.heads(ledger);
	}

	checkpoint(ledger: LedgerName): Point | undefined {
		return this.#parts.outbox.checkpoint(ledger);
	}

	async receive(...[from, frame]: Parameters<SyncHost['receive']>): ReturnType<SyncHost['receive']> {
		const core = this.#parts.core;
		const { ledger, segment, update, seals } = frame;
		if (!core.holds(ledger) || core.stopped) return { acks: [], again: false };
		const received = await this.#parts.intake.receive(ledger, segment, update, seals);
		for (const { epoch } of received.acks) {
			const device = core.journal.get(epoch)?.name.device;
			if (device) this.#parts.shares.noteRoute(device, from);
		}
		return received;
	}

	async receiveCheckpoint(bytes: Uint8Array): Promise<void> {
		const core = this.#parts.core;
		const { crypto } = core.platform;
		const checkpoint = decodeCheckpoint(bytes);
		const ledger = checkpoint?.ledger ?? '';
		if (!checkpoint || !core.holds(ledger))
			return this.#parts.intake.reject({ ledger, code: 'bad_checkpoint', device: undefined });
		if (equalBytes(core.view.base(ledger)?.content ?? nothing, checkpoint.content)) return;
		const device = deviceIdOf(checkpoint.key, crypto.sha256);
		if (!(await verifyCheckpoint(crypto, checkpoint)))
			return this.#parts.intake.reject({ ledger, code: 'bad_checkpoint', device });
		if (core.stopped) return;
		const audit = auditCheckpoint(core, checkpoint);
		if (audit === 'unreadable') return this.#parts.intake.reject({ ledger, code: 'bad_checkpoint', device });
		if (audit === 'false') return this.#parts.intake.reject({ ledger, code: 'false_checkpoint', device });
		core.view.offer(checkpoint);
		this.#parts.offered();
	}

	refuseFrame(session: PeerSession, error?: unknown): void {
		if (this.#parts.core.stopped) return; // a failed disk has said so itself
		this.#parts.intake.reject({ ledger: '', code: 'bad_frame', device: session.peer?.device, error });
	}

	receiveAsk(...[from, ask]: Parameters<SyncHost['receiveAsk']>): void {
		if (this.#parts.core.holds(ask.ledger) && !this.#parts.core.stopped) this.#parts.shares.answer(from, ask);
	}

	peerReady(session: Parameters<SyncHost['peerReady']>[0]): void {
		this.#parts.outbox.ready(session);
	}
}
