import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Family, FamilyListener, Guard } from '../ledger/books.js';
import type { CommitOptions } from '../ledger/commit.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Live, WaitOptions } from '../ledger/live.js';
import type { Outcome, Refused } from '../ledger/outcome.js';
import type { Tx } from '../ledger/tx.js';
import type { Link, LinkSource } from '../ports/index.js';
import type { Consents } from '../trust/consent.js';
import type { Changes, ChangesOptions } from './changes.js';
import type { Finding, Health, Status } from './status.js';
import type { Sync } from './sync.js';

export interface ShutdownOptions {
	/**
	 * Shares go to the homes of their ledgers, where those are in reach: so a till closes for the night (ESC10). Off by
	 * default: a till that only restarts goes on selling with the line down.
	 */
	readonly returnShares?: boolean;
	/** How long to wait until all that was written here is on another disk; 2,000 where shares are returned, else 0. */
	readonly drainMs?: number;
}

export interface Farewell {
	/** Entries of this device that are on no other disk, as far as it knows. */
	readonly unsynced: number;
	/** Units that stay with this device, in ledgers that have their home elsewhere. */
	readonly sharesKept: number;
}

/** One device's copy of the ledgers it keeps: sells against it alone, and merges with whoever it is linked to. */
export interface Replica extends AsyncDisposable {
	/** Changes where a cloned device enrols anew. */
	readonly device: DeviceId;
	readonly name: string;
	readonly health: Live<Health>;
	/** How far what was written here has got, and who is linked. */
	readonly sync: Sync;
	/** Throws `unknown_ledger` where this replica does not keep it. Asking twice gives the same object. */
	ledger(name: LedgerName): Ledger;
	/** Ledgers that are kept here and have anything in them. */
	ledgers(): readonly LedgerName[];
	/**
	 * Begins to keep ledgers, by name. Resolves when all that peers have of them is here, and says so at every opening from
	 * now on. Throws `not_reached` where that takes longer than `timeoutMs`, 3,000 by default: they go on being fetched as long
	 * as this replica is open, and are kept once they are here. Throws `limit_exceeded` where the names of all that is kept
	 * come to more than 24 KiB. What is kept stays kept.
	 */
	keep(ledgers: LedgerName | readonly LedgerName[], options?: WaitOptions): Promise<void>;
	/** Calls back after every change to a family of collections, over all ledgers of a kind. Answers how to stop. */
	watch(family: Family, changed: FamilyListener): () => void;
	/** Has work here refused with `upgrade_required` where it would spend from a pool that `stops` names. Answers how to end it. */
	guard(stops: Guard): () => void;
	/**
	 * Every document that was appended to a log, once, and from then on what comes: whether rows, a checkpoint or a late till
	 * brought it. To follow in a database of one's own, exactly once: keep the cursor in the transaction of the effect, and
	 * go on from it, here or on any other replica of the same ledgers. Pools, cells and counters are not told of: what they
	 * came to is here to be read, and what happened says the document.
	 */
	changes(options?: ChangesOptions): Changes;
	/**
	 * Runs `work` and writes what it did, over several ledgers, all of it or nothing (JRN4). The decision is taken before
	 * this returns; the promise resolves when the commit is on this device's disk and in view (JRN3). Refusals are values;
	 * throws `BadArgument`, `LimitError`, `KeyReused`, `work_failed`, `StorageError`, `Closed`, leaving no trace.
	 */
	commit<T>(work: (tx: Tx) => T, options?: CommitOptions): Promise<Outcome<T>>;
	/** Runs `work` and writes nothing: the refusal that `commit` would meet now. Throws as that does. */
	rehearse(work: (tx: Tx) => unknown): Refused | undefined;
	status(): Status;
	/** The device that is home of a ledger, once it has been heard of. */
	homeOf(ledger: LedgerName): DeviceId | undefined;
	/** Bytes that this replica keeps on disk. */
	bytes(): Promise<number>;
	/** ESC2 over every ledger in view: empty when sound. */
	check(): readonly Finding[];
	/** SHA-256 over the canonical figures of a ledger, as hex: equal on all that have seen the same. */
	digest(ledger: LedgerName): string;
	/** Looks after itself now instead of within the second; `compact` writes checkpoints for anything new at all. */
	tend(options?: { readonly compact?: boolean }): Promise<void>;
	/** Retires a device for good in the ledgers this replica is home of, and takes its shares back (ESC6). */
	fence(device: DeviceId): Promise<void>;
	/**
	 * A new credential for the same key, asked for by `trust.enrol` unless it is given: from the next commit on it stands in
	 * what this device writes, and peers hear of it now. Throws `BadArgument` where it is for another key or proves nothing, `StorageError`.
	 */
	renew(credential?: Uint8Array): Promise<void>;
	/** Signed yeses of managers' devices; absent where the chain has no root key. `approvals` gives and uses them. */
	readonly consents?: Consents | undefined;
	/**
	 * Ends a device's sessions for good, by a document in a ledger that everybody keeps: whoever has heard of it neither
	 * listens to that key nor tells it anything. The document names the last of its entries that are here; what it brought
	 * later to somebody who had not heard yet counts, and doctors tell of it. `fence` takes its shares back. Resolves as `commit` does; refused with `not_allowed` where this device may not.
	 */
	revoke(ledger: LedgerName, device: DeviceId, reason?: string): Promise<Outcome<void>>;
	/** Answers how to take the link off again. */
	addLink(way: Link | LinkSource): () => void;
	/**
	 * The business day is over: shares go to the homes of their ledgers, where those are in reach, and the answer comes when
	 * that is on another disk or `drainMs` are over, 2,000 by default (ESC10). The next sale fetches what it needs.
	 */
	returnShares(options?: Pick<ShutdownOptions, 'drainMs'>): Promise<Farewell>;
	/**
	 * Writes what is pending, ends the links, lets go of the storage. Idempotent: the options of the first call count. Also
	 * `await using`, which returns no shares.
	 */
	shutdown(options?: ShutdownOptions): Promise<Farewell>;
}
