import type { LedgerName, Position } from '../base/ids.js';
import type { Frame, Hello, Role } from './frames.js';
import type { PeerSession, SyncHost } from './host.js';

/** What the parts of a conversation share: the line under it, and whom it is with. */
export interface Line {
	readonly host: SyncHost;
	readonly session: PeerSession;
	readonly role: Role;
	readonly peer: Hello | undefined;
	/** Each side knows what the other lacks. */
	readonly inSync: boolean;
	/** Nothing goes out over it: another line to the same device carries the rows, or people want quiet. */
	readonly held: boolean;
	/** It took no frame, and nothing has shown since that it has room again. */
	isFull: boolean;
	send(frame: Frame): boolean;
	sendBytes(frame: Uint8Array): boolean;
	/** Something is waited for: the session looks after it soon. */
	tickSoon(): void;
	/** Pings; the answer is the ping's number. What went out before a ping that was answered has arrived, or was lost. */
	ping(): number;
	/** Number of the newest ping that was answered. */
	readonly answered: number;
	nowMs(): number;
	/** Rows are on the peer's disk. */
	acked(ledger: LedgerName, positions: Iterable<Position>): void;
	/** Rows came from the peer, and what was taken of them is on disk here. */
	brought(ledger: LedgerName, epochs: readonly Position[]): void;
}
