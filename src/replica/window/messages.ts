/**
 * What a till's process and a window of it post to each other, as structured clones. The window says hello; the owner
 * answers with everything that its view shows, and from then on with what is new. A message of news is whole: between two of
 * them the window shows what the owner's view showed at some moment.
 */
import type { DeviceId, EpochId, LedgerName, Position } from '../../base/ids.js';
import type { PoolOptions } from '../../ledger/ledger.js';
import type { Holder, Refused } from '../../ledger/outcome.js';
import type { ConsentTerms } from '../../trust/consent.js';
import type { Farewell } from '../replica.js';
import type { Status } from '../status.js';
import type { SyncStatus } from '../sync.js';
import type { PlainError } from './plain-error.js';

/** An epoch that a ledger's figures have taken in. */
export interface ShownEpoch {
	readonly epoch: EpochId;
	readonly device: DeviceId;
	readonly prev: Position | null;
}

/** All that the owner's view shows of a ledger. */
export interface LedgerState {
	readonly ledger: LedgerName;
	readonly figures: Uint8Array;
	readonly epochs: readonly ShownEpoch[];
	/** What the checkpoint under it covers. */
	readonly covers: readonly Position[];
}

/** A ledger with another checkpoint under what is shown already. */
export interface Rebased {
	readonly ledger: LedgerName;
	/** Idempotency keys older than this are let go of. */
	readonly keysSinceMs: number;
	readonly covers: readonly Position[];
}

/** Rows of one epoch that the owner's view shows now, from row `from` on. */
export interface ShownRows {
	readonly ledger: LedgerName;
	readonly epoch: EpochId;
	readonly device: DeviceId;
	readonly from: number;
	readonly rows: readonly Uint8Array[];
}

export type PlainHealth =
	| { readonly state: 'ok' }
	| { readonly state: 'restricted'; readonly why: 'cloned'; readonly fix: string }
	| { readonly state: 'broken'; readonly error: PlainError };

/** What is to be known of the owner beside its books. */
export interface About {
	readonly device: DeviceId;
	readonly name: string;
	readonly keeps: readonly string[];
	readonly health: PlainHealth;
	readonly status: Omit<Status, 'health'>;
	readonly sync: SyncStatus;
	readonly homes: readonly (readonly [LedgerName, DeviceId])[];
	readonly others: readonly (Omit<Holder, 'amount'> & { readonly ledger: LedgerName })[];
}

export interface News {
	readonly kind: 'news';
	/** Counts from 1 for each window; said back by `took`. */
	readonly n: number;
	readonly ledgers: readonly LedgerState[];
	readonly rows: readonly ShownRows[];
	readonly rebased: readonly Rebased[];
	readonly about: About | undefined;
	readonly answers: readonly Answer[];
}

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: PlainError });

/** A verb of a work function, as it was called. Values are canonical JSON; `ledger` is empty for `refuse`. */
export interface Verb {
	readonly verb: string;
	readonly ledger: LedgerName;
	/** Of the collection. */
	readonly name: string;
	/** As the window declared the pool. */
	readonly pool?: PoolOptions;
	readonly args: readonly unknown[];
	/** What `hold` answered in the window. */
	readonly hold?: string;
}

export interface CommitCall {
	readonly verbs: readonly Verb[];
	readonly key: string | undefined;
	/** Canonical JSON. */
	readonly input: string | undefined;
	/** What the work returned, as canonical JSON; only beside a key, with which it is written. */
	readonly result: string | undefined;
}

/** What became of a commit. */
export type CommitAnswer =
	| Refused
	| {
			readonly ok: true;
			readonly commit: string;
			readonly replayed: boolean;
			/** The first value, where it was replayed. */
			readonly value: unknown;
			/** Holds by the names that they had in the window. */
			readonly holds: readonly (readonly [string, string])[];
	  };

/** What a window asks of the owner, and what it gets. */
export interface Calls {
	commit(call: CommitCall): CommitAnswer;
	ensure(
		ledger: LedgerName,
		pool: string,
		options: PoolOptions,
		key: string,
		amount: number,
		timeoutMs?: number,
	): number;
	keep(ledgers: LedgerName | readonly LedgerName[], timeoutMs?: number): undefined;
	claim(ledger: LedgerName, exception: string, timeoutMs?: number): boolean;
	reached(commit: string, tier: string, timeoutMs?: number): unknown;
	flush(tier: string, timeoutMs?: number): undefined;
	/** Resumes with the abort of its call. */
	pause(): undefined;
	bytes(): number;
	tend(compact: boolean): undefined;
	fence(device: DeviceId): undefined;
	returnShares(drainMs?: number): Farewell;
	giveConsent(terms: ConsentTerms): string | undefined;
	takeConsent(terms: ConsentTerms, signed: string): boolean;
}

export type CallName = keyof Calls;

export type ToOwner =
	| { readonly kind: 'hello'; readonly window: string }
	| { readonly kind: 'call'; readonly id: number; readonly call: CallName; readonly args: readonly unknown[] }
	| { readonly kind: 'abort'; readonly id: number }
	| { readonly kind: 'took'; readonly n: number }
	/** "Are you there?" Not every port says when its other end is gone. */
	| { readonly kind: 'ping' }
	| { readonly kind: 'bye' };

export type ToWindow =
	/** "Say hello": the owner came later than the window did. */
	{ readonly kind: 'shared' } | News | { readonly kind: 'pong' } | { readonly kind: 'closed' };

export type Message = (ToOwner | ToWindow) & { readonly tillmesh: 'window 1' };

const tag = 'window 1';

export const tagged = <M extends ToOwner | ToWindow>(message: M): M & { readonly tillmesh: typeof tag } => ({
	tillmesh: tag,
	...message,
});

/** Other messages may pass over the same port. */
export function isMessage(value: unknown): value is Message {
	return typeof value === 'object' && value !== null && (value as { tillmesh?: unknown }).tillmesh === tag;
}
