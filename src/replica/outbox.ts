import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { type Checkpoint, encodeCheckpoint } from '../journal/checkpoint.js';
import type { Epoch } from '../journal/journal.js';
import { seal } from '../journal/seal.js';
import type { KeyPair, Link } from '../ports/index.js';
import type { LedgerHeads } from '../sync/frames.js';
import type { PeerSession, SyncHost } from '../sync/host.js';
import { Session } from '../sync/session.js';
import type { Core } from './core.js';

/** A checkpoint as it travels; `id` is the SHA-256 of its content. */
export interface Point {
	readonly of: Checkpoint;
	readonly id: Uint8Array;
	readonly bytes: Uint8Array;
}

/** What leaves this replica: sealed rows that are durable here, heads, checkpoints; and to whom. */
export class Outbox {
	readonly #core: Core;
	readonly #sessions = new Set<Session>();
	readonly #archives = new Set<PeerSession>();
	readonly #points = new Map<LedgerName, Point>();
	readonly #changed = new Set<LedgerName>();
	#isSealing = false;
	#sealing: Promise<void> = Promise.resolve();

	constructor(core: Core) {
		this.#core = core;
	}

	get sessions(): ReadonlySet<Session> {
		return this.#sessions;
	}

	connect(host: SyncHost, link: Link): () => void {
		const session = new Session(host, link);
		this.#sessions.add(session);
		return () => {
			session.stop();
			this.#sessions.delete(session);
		};
	}

	/** The peer's heads are here. */
	ready(session: PeerSession): void {
		if (session.peer?.archive) this.#archives.add(session);
		this.sealSoon(this.#core.ledgers());
	}

	/**
	 * May this device write in a ledger by itself, with nobody having asked for it? After a restart not before some peer
	 * has told what it has and all of that is here: the disk may be an old copy, and its lost tail on the way (JRN7).
	 */
	settled(ledger: LedgerName): boolean {
		const { writer } = this.#core;
		if (writer.fresh || writer.hasWritten(ledger)) return true;
		let heard = false;
		for (const session of this.#sessions) {
			if (!session.carries(ledger)) continue;
			const told = session.told(ledger);
			if (!told?.every(({ epoch, count }) => this.#core.have(ledger, epoch) >= count)) return false;
			heard = true;
		}
		return heard;
	}

	/** Rows of an epoch on the disk of another archive (JRN11). */
	archived(epoch: EpochId): number {
		let count = 0;
		for (const session of this.#archives) count = Math.max(count, session.ackedBy(epoch));
		return count;
	}

	/** This device goes on under another name. */
	greet(): void {
		for (const session of this.#sessions) session.greet();
	}

	/** Sends what others wrote, sealed by them, or a new checkpoint. */
	push(ledgers: readonly LedgerName[]): void {
		for (const session of this.#sessions) session.push(ledgers);
	}

	/** Seals what this device wrote, then sends it: one signature for all that gathered meanwhile (JRN8). */
	sealSoon(ledgers: Iterable<LedgerName>): void {
		if (this.#sessions.size === 0) return;
		for (const ledger of ledgers) this.#changed.add(ledger);
		if (this.#isSealing) return;
		this.#isSealing = true;
		this.#sealing = this.#sealChanged();
	}

	async #sealChanged(): Promise<void> {
		try {
			while (this.#changed.size > 0 && !this.#core.stopped) {
				const ledgers = [...this.#changed];
				this.#changed.clear();
				for (const ledger of ledgers)
					for (const epoch of [...this.#core.journal.in(ledger)]) {
						const pair = epoch.sealed < epoch.durable ? this.#core.pairOf(epoch) : undefined;
						if (pair) await this.#seal(epoch, pair);
					}
				this.push(ledgers);
			}
		} finally {
			// In the turn of the last look at what changed: whoever comes later starts anew.
			this.#isSealing = false;
		}
	}

	/** Own seals are made anew after a restart and never stored: the key is at hand. */
	async #seal(epoch: Epoch, pair: KeyPair): Promise<void> {
		const { crypto } = this.#core.platform;
		while (epoch.sealed < epoch.durable) {
			const count = epoch.sealPoint(epoch.sealed, epoch.durable);
			const made = await seal(crypto, pair, epoch.id, count, epoch.hashAt(count));
			if (count > epoch.sealed) epoch.addSeal(made);
		}
	}

	checkpoint(ledger: LedgerName): Point | undefined {
		const base = this.#core.view.base(ledger);
		if (!base) return undefined;
		const known = this.#points.get(ledger);
		if (known?.of === base) return known;
		const { sha256 } = this.#core.platform.crypto;
		const point = { of: base, id: sha256(base.content), bytes: encodeCheckpoint(base) };
		this.#points.set(ledger, point);
		return point;
	}

	heads(ledger: LedgerName): LedgerHeads {
		const { journal, view } = this.#core;
		const rows: Position[] = [];
		for (const epoch of journal.in(ledger)) if (epoch.durable > 0) rows.push({ epoch: epoch.id, count: epoch.durable });
		const covered: Position[] = [];
		for (const { epoch, count } of view.base(ledger)?.cut.values() ?? [])
			if (!journal.get(epoch)) covered.push({ epoch, count });
		return { ledger, rows, covered, checkpoint: this.checkpoint(ledger)?.id ?? new Uint8Array() };
	}

	/** Ends every session; waits for a seal under way. */
	async stop(): Promise<void> {
		for (const session of this.#sessions) session.stop();
		this.#sessions.clear();
		await this.#sealing;
	}
}
