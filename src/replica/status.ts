import { latestMs } from '../base/clock.js';
import type { TillmeshError } from '../base/errors.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Imbalance } from '../escrow/share.js';
import type { Credential } from '../trust/credential.js';
import type { Grant } from '../trust/grant.js';
import type { Rejection } from './intake.js';
import type { Loss } from './lines.js';
import type { SyncPeer } from './sync.js';

export type Health =
	| { readonly state: 'ok' }
	/** Reads and appends go on; nothing scarce is spent. `fix` says what ends it. */
	| { readonly state: 'restricted'; readonly why: 'cloned'; readonly fix: string }
	/** The storage failed: reopen to get the last durable state (JRN5). */
	| { readonly state: 'broken'; readonly error: TillmeshError };

export interface LedgerStatus {
	readonly ledger: LedgerName;
	/** Rows and epochs kept here; a checkpoint may cover more. */
	readonly rows: number;
	readonly epochs: number;
	/** Where this device writes next. */
	readonly segment: number;
	/** Rows that wait for something that is not here yet. */
	readonly waiting: number;
	/** Entries in view by devices that had been given up, which the fence did not find (ESC7). */
	readonly late: number;
	readonly checkpoint: boolean;
}

export interface StatusCredential {
	readonly store: string;
	readonly role: string;
	readonly grants: readonly Grant[];
	/** As an ISO instant. Past it selling goes on, and nothing is sent or received until it is renewed. */
	readonly notAfter: string;
}

export interface Status {
	readonly device: DeviceId;
	readonly name: string;
	readonly health: Health;
	/** What this device may do, and until when peers listen to it; absent where the chain has no root key. */
	readonly credential?: StatusCredential;
	readonly ledgers: readonly LedgerStatus[];
	readonly peers: readonly SyncPeer[];
	/** Updates and checkpoints from peers that were not taken, and the newest of them. */
	readonly rejected: { readonly count: number; readonly newest: readonly Rejection[] };
	/** Devices of which some entry has two successors: a clone, or a restored disk that went on (JRN7). Their home fences them. */
	readonly forked: readonly DeviceId[];
	/** Disks that lost rows which they had acknowledged, newest last. */
	readonly losses: readonly Loss[];
	/** Entries whose writer's clock ran far ahead; they count all the same. */
	readonly skewedEntries: number;
}

/** What a doctor found wrong in a ledger; see `Replica.check`. */
export interface Finding extends Imbalance {
	readonly ledger: LedgerName;
}

export const plainCredential = ({ store, role, grants, notAfterMs }: Credential): StatusCredential => ({
	store,
	role,
	grants,
	notAfter: new Date(Math.min(notAfterMs, latestMs)).toISOString(),
});
