import type { EpochId, LedgerName, Position } from '../base/ids.js';
import type { Epoch } from '../journal/journal.js';
import type { Timers } from '../ports/index.js';
import type { Frame, Hello, LedgerHeads, ShareAsk } from './frames.js';

export type UpdateFrame = Extract<Frame, { kind: 'update' }>;

/** A session as its replica sees it. */
export interface PeerSession {
	/** What the peer said of itself; undefined while the line is down. */
	readonly peer: Hello | undefined;
	/** Rows of an epoch that the peer has on disk or covers by a checkpoint. */
	ackedBy(epoch: EpochId): number;
	/** What the peer said last that it has of a ledger; undefined before its heads are here. */
	told(ledger: LedgerName): readonly Position[] | undefined;
	/** The peer keeps this ledger. */
	carries(ledger: LedgerName): boolean;
	/** A message without a promise: lost where the link is down. */
	ask(ask: ShareAsk): void;
}

/** What a session needs of its replica. Everything it hands out is durable here (JRN3). */
export interface SyncHost {
	readonly timers: Timers;
	hello(): Omit<Hello, 'kind' | 'version'>;
	ledgers(): Iterable<LedgerName>;
	heads(ledger: LedgerName): LedgerHeads;
	/** Epochs of a ledger with rows here. */
	epochs(ledger: LedgerName): Iterable<Epoch>;
	checkpoint(ledger: LedgerName): { readonly id: Uint8Array; readonly bytes: Uint8Array } | undefined;
	/**
	 * Takes an update and resolves when what was taken is on disk. `again` says that something was missing before it
	 * (SYN1, JRN10): the sender is asked from our heads.
	 */
	receive(from: PeerSession, frame: UpdateFrame): Promise<{ acks: readonly Position[]; again: boolean }>;
	receiveCheckpoint(bytes: Uint8Array): Promise<void>;
	receiveAsk(from: PeerSession, ask: ShareAsk): void;
	/** A frame that cannot be read, or whose handling failed: it changes nothing, and the session goes on. */
	refuseFrame(session: PeerSession, error?: unknown): void;
	/** The peer's heads are here: what it lacks is known. */
	peerReady(session: PeerSession): void;
}
