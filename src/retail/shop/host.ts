import type { DeviceId, LedgerName } from '../../base/ids.js';
import type { Family, FamilyListener, Guard } from '../../ledger/books.js';
import type { CommitOptions } from '../../ledger/commit.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { Outcome, Refused } from '../../ledger/outcome.js';
import type { Tx } from '../../ledger/tx.js';
import type { Consents } from '../../trust/consent.js';

/** The replica under a shop, or a window of one: all that the retail layer needs of it. */
export interface Host {
	readonly device: DeviceId;
	readonly name: string;
	ledger(name: LedgerName): Ledger;
	ledgers(): readonly LedgerName[];
	watch(family: Family, changed: FamilyListener): () => void;
	guard(stops: Guard): () => void;
	commit<T>(work: (tx: Tx) => T, options?: CommitOptions): Promise<Outcome<T>>;
	rehearse(work: (tx: Tx) => unknown): Refused | undefined;
	/** Begins to keep ledgers; see `Replica.keep`. */
	keep(ledgers: readonly LedgerName[], options?: WaitOptions): Promise<void>;
	/** Where shares of a ledger rest, once that has been heard of. */
	homeOf(ledger: LedgerName): DeviceId | undefined;
	/** Signed yeses, and this device's own limits; absent where the chain has no root key. */
	readonly consents?: Consents | undefined;
	/** Who is linked to this device now, and how far its clock is from the relay's. */
	readonly sync: {
		readonly status: {
			get(): { readonly peers: readonly { readonly inSync: boolean }[]; readonly clockOffsetMs: number };
		};
	};
	shutdown(...options: never[]): Promise<unknown>;
}
