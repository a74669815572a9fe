import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Warden } from '../journal/warden.js';
import type { Platform } from '../ports/index.js';
import type { Batch } from './batches.js';
import type { Hello, Introduction, LedgerHeads, Reach, ShareAsk, UpdateFrame } from './frames.js';

/** A checkpoint as it travels. */
export interface Point {
	/** SHA-256 of its content. */
	readonly id: Uint8Array;
	readonly bytes: Uint8Array;
	/** How many rows of each epoch it covers. */
	readonly covers: ReadonlyMap<EpochId, Position>;
}

/** What is on disk here of a ledger, by rows or by its checkpoint: a snapshot that does not change. */
export interface Holding {
	readonly counts: ReadonlyMap<EpochId, number>;
	/** 16 bytes: equal where both hold or cover the same rows and name the same checkpoint. */
	readonly digest: Uint8Array;
}

/** A session as its host sees it. */
export interface PeerSession {
	/** What the peer said of itself, and proved; undefined before that and while the line is down. */
	readonly peer: Hello | undefined;
	/** One opening of one device, however many lines lead to it: a copy of it is another. Undefined where it is not in sync. */
	readonly replica: string | undefined;
	readonly via: string;
	/** Each side knows what the other lacks. */
	readonly inSync: boolean;
	/** Of the last heartbeat. */
	readonly rttMs: number | undefined;
	/** Sent, and not acknowledged yet. */
	readonly unackedBytes: number;
	/** Rows of an epoch that the peer has on disk or covers by a checkpoint. */
	ackedBy(ledger: LedgerName, epoch: EpochId): number;
	/** What the peer told that it has of a ledger; undefined before that is known. */
	told(ledger: LedgerName): ReadonlyMap<EpochId, number> | undefined;
	/** The peer keeps this ledger, and may read it. */
	carries(ledger: LedgerName): boolean;
	/** A message without a promise: lost where the link is down. */
	ask(ask: ShareAsk): void;
}

/** What an update brought. */
export interface Received {
	/** What is on disk here of the epochs that the update spoke of, or that it set free. */
	readonly acks: readonly Position[];
	/** Something before it, or something that it names, is missing: the sender is told our heads (SYN1, JRN10). */
	readonly again: boolean;
	/** Something in it was refused for good. */
	readonly refused?: boolean;
}

/**
 * `bad_frame`: it cannot be read, claims too much, or its handling failed. `unproved_frame`: it came before the proof, or is
 * one that does not hold; lines that lose or reorder frames bring honest ones too. `unopened_frame`: it is not from the other
 * end of the channel, was changed on its way, or came before; a line that repeats or loses frames brings honest ones.
 * `not_allowed`: it speaks of a ledger that the peer may not read.
 */
export type FrameRefusal = 'bad_frame' | 'unproved_frame' | 'unopened_frame' | 'not_allowed';

/** What sessions need of whoever holds rows: a replica or a relay. Everything it hands out is durable there (JRN3). */
export interface SyncHost {
	readonly platform: Platform;
	/** Who may do what; only in a chain that has a root key. */
	readonly warden?: Warden | undefined;
	introduce(): Introduction;
	/** By the key of the introduction. */
	sign(data: Uint8Array): Promise<Uint8Array>;
	/** Ledgers with anything in them. */
	ledgers(): Iterable<LedgerName>;
	holding(ledger: LedgerName): Holding;
	heads(ledger: LedgerName): LedgerHeads;
	/** Rows of an epoch on disk here, or covered by the checkpoint that is. */
	have(ledger: LedgerName, epoch: EpochId): number;
	/** Who writes an epoch that is held or covered here. */
	authorOf(ledger: LedgerName, epoch: EpochId): DeviceId | undefined;
	checkpoint(ledger: LedgerName): Point | undefined;
	/** The first bytes of the chain hash of so many rows of an epoch; undefined where they are not here. */
	mark(ledger: LedgerName, at: Position): Uint8Array | undefined;
	/** The peer says that it holds other rows of an epoch, at the same places: its author has written both, or the peer lies. */
	forked(session: PeerSession, ledger: LedgerName, epoch: EpochId): void;
	/**
	 * The next rows beyond `sent`, sealed, of one segment, of about `bytesMax` bytes, in an order that a receiver can take;
	 * of these epochs only where given. Undefined when there are none.
	 */
	lacking(
		ledger: LedgerName,
		sent: (epoch: EpochId) => number,
		bytesMax: number,
		among?: ReadonlySet<EpochId>,
	): Batch | undefined;
	/** Takes an update and resolves when what was taken is on disk. `frame` is the encoded frame it came in. */
	receive(from: PeerSession, update: UpdateFrame, frame: Uint8Array): Promise<Received>;
	/** Resolves when it is kept, or refused for good. */
	receiveCheckpoint(from: PeerSession, bytes: Uint8Array): Promise<void>;
	receiveAsk(from: PeerSession, ask: ShareAsk): void;
	/** Ledgers that this host begins to keep: peers are asked for all that there is of them. */
	readonly wanted?: ReadonlySet<LedgerName>;
	/** Has nobody whom it could ask more of a ledger than is on disk here? Where it does not know, it asks them now. */
	hasAll?(ledger: LedgerName): boolean;
	/** A peer has said of a wanted ledger what it has, and that this is all. */
	toldAll?(): void;
	/** The peer proved who it is, and what it lacks is known: or its line went down. */
	changed(session: PeerSession): void;
	/** Rows are on a disk of this tier: acknowledged by it, or said by a peer that knows. */
	reached(tier: Reach, ledger: LedgerName, positions: Iterable<Position>): void;
	/** Rows that the peer had acknowledged before are gone from its disk (`theirs`), or from ours. */
	lost(session: PeerSession, ledger: LedgerName, positions: readonly Position[], theirs: boolean): void;
	/** A frame that is not taken: it changes nothing. */
	refused(session: PeerSession, code: FrameRefusal, error?: unknown): void;
}
