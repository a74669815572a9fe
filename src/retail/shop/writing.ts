import type { Id, LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Tx } from '../../ledger/tx.js';
import type { Alongside } from '../../ports/index.js';
import type { IsoDate } from './business-day.js';
import type { Warning } from './outcome.js';
import type { Verb } from './verbs.js';

export type StaffId = Id<'staff'>;
export type ApprovalId = Id<'approval'>;

export interface WriteOptions {
	/** Stable per intent: made when the cart is created, not when the button is pressed (ESC8). */
	readonly idempotencyKey: string;
	/** Who did it; the till's `as(staff)` by default. */
	readonly by?: StaffId;
	/** What a manager agreed to; see `approvals.ask`. */
	readonly approval?: ApprovalId;
	readonly note?: string;
	/** The vendor's own fields, named `vendor.field`. At most 2 KiB. */
	readonly ext?: Readonly<Record<string, Json>>;
	/**
	 * Your own rows in the very transaction of this write; see `CommitOptions`. On SQLite, in the process that owns the till;
	 * elsewhere `unavailable` is thrown. Not called where the write is refused, or the key was used before.
	 */
	readonly alongside?: Alongside;
}

/** Where no money moves, a key is welcome and not demanded. */
export type MaybeKeyed = Partial<WriteOptions>;

/** What every document of the shop begins with: spread it into what is appended. */
export interface Head {
	readonly verb: Verb;
	/** Version of the verb's document. */
	readonly v: 1;
	/** Business date of whoever wrote it. */
	readonly date: IsoDate;
	readonly by?: StaffId;
	readonly note?: string;
	readonly ext?: Readonly<Record<string, Json>>;
	readonly approval?: ApprovalId;
	/** Where the author's certificate limits the verb: how much this does, in the verb's units. */
	readonly asked?: number;
	/** Beyond that limit: what a manager agreed to, word for word, and the signed yes. */
	readonly consent?: { readonly input: string; readonly signed: string };
}

export interface Writing {
	readonly tx: Tx;
	readonly head: Head;
	warn(code: Warning['code'], subject: string): void;
	/**
	 * Runs in this turn once the work has said yes: for what is counted in memory until it is on disk. Not in a rehearsal,
	 * not where it refuses, not where its key replays.
	 */
	kept(then: () => void): void;
	/** Adds a document to the log of one thing: `append('orders/sh-1/2026-02-14', 'order', id, { ...head, … })`. */
	append<D extends Head>(ledger: LedgerName, logs: string, id: string, document: D): void;
}
