/**
 * Every code this library can answer with. A code never changes its meaning.
 *
 * - A *refusal* is the business saying no: a value, nothing was written, the same key may succeed later.
 * - A *failure* is the world or the caller: thrown, typed, with what to do next.
 * - A *bug* is ours: an assertion that names the rule it guards (see `assert.ts`).
 */
export const refusals = {
	share_exhausted: 'This device does not hold enough of it. Fetch shares with ensure(), or sell less.',
	hold_unknown: 'No open hold of that name here: captured, released, expired, or held elsewhere.',
	hold_exceeded: 'A capture may not take more than its hold.',
	already_resolved: 'Somebody else holds, or has used, the right to resolve this.',
	restricted: 'This device may not spend: health says why, and the way out.',
	not_allowed: "This device's credential does not allow it. Let somebody do it who may, or renew the credential.",
	upgrade_required: 'A newer version wrote what this one must not spend against. Update this device.',
	refused: 'The work refused by itself.',
} as const;

export type RefusalCode = keyof typeof refusals;

export const failures = {
	bad_argument: 'The argument does not fit.',
	card_number: 'Card numbers are never written. Keep the token, the brand and the last four digits.',
	unknown_ledger: 'This replica does not keep that ledger. Name it in `keeps` when opening, or begin to keep it.',
	unknown_collection: 'That collection belongs to another replica.',
	key_reused: 'The key stands for other content. Use a fresh key for a new intent.',
	work_failed: 'The work function threw. Nothing was written.',
	limit_exceeded: 'A limit was crossed. Nothing was written.',
	already_open: 'Another process or window has this storage open. Close it there, or attach to it.',
	closed: 'This replica is shut down. Open it again.',
	storage_failed: 'The storage failed. Nothing more is accepted; reopen to get the last durable state.',
	storage_full: 'The disk or the quota is full. Make room, then reopen: what was confirmed is there.',
	storage_read_only: 'The storage cannot be written. Check the rights of the file and its folder, then reopen.',
	storage_corrupt: 'What is stored does not read back. Restore it, or open empty and sync from a peer.',
	storage_foreign: 'This file or database belongs to something else. Name another.',
	wrong_chain: "This storage is another chain's. Name another file.",
	wrong_key: 'The key is not the one that this storage was written with. Nothing was touched: open it with its own.',
	newer_format: 'A newer version wrote this storage. Update this device, then open it again.',
	unavailable: 'This runtime lacks what the message names.',
	not_reached: 'Not reached in time. What was written stays written.',
	listen_failed: 'It cannot listen there. Free the port, or name another address.',
	not_enrolled: 'No credential was given.',
} as const;

export type FailureCode = keyof typeof failures;

/** Failures after which the replica or storage must be opened again. */
const fatal = new Set<FailureCode>([
	'closed',
	'storage_failed',
	'storage_full',
	'storage_read_only',
	'storage_corrupt',
	'storage_foreign',
	'wrong_chain',
	'wrong_key',
	'newer_format',
]);

const retryable = new Set<FailureCode>([
	'already_open',
	'listen_failed',
	'not_reached',
	'storage_full',
	'storage_read_only',
]);

export type Details = Readonly<Record<string, unknown>>;

/** Base of everything this library throws on purpose. */
export class TillmeshError extends Error {
	readonly code: FailureCode;
	/** The same call may succeed later without a change by the caller. */
	readonly retryable: boolean;
	/** The replica is of no more use: open it again. */
	readonly fatal: boolean;
	readonly details: Details;

	constructor(code: FailureCode, what: string, details: Details = {}, cause?: unknown) {
		super(`${what} ${failures[code]}`, cause === undefined ? undefined : { cause });
		this.code = code;
		this.details = details;
		this.fatal = fatal.has(code);
		this.retryable = retryable.has(code);
		this.name = new.target.name;
	}
}

/** The caller's argument is not of the right shape; `path` names it, as in `lines[2].qty`. */
export class BadArgument extends TillmeshError {
	readonly path: string;
	constructor(path: string, what: string, code: FailureCode = 'bad_argument') {
		super(code, `${path}: ${what}`, { path });
		this.path = path;
	}
}

/** An idempotency key came back with other content; `first` is the commit that it stands for. */
export class KeyReused extends TillmeshError {
	readonly first: string;
	constructor(key: string, first: string) {
		super('key_reused', `Key "${key}" stands for commit ${first}.`, { key, first });
		this.first = first;
	}
}

export class LimitError extends TillmeshError {
	readonly limit: string;
	readonly max: number;
	constructor(limit: string, max: number, actual: number) {
		super('limit_exceeded', `${limit} is ${actual}, at most ${max}.`, { limit, max, actual });
		this.limit = limit;
		this.max = max;
	}
}

/** The disk, file or database answered no. Fatal: the replica stops, reopening gives the last durable state (JRN5). */
export class StorageError extends TillmeshError {}

/** A wait is over, and the write has not reached `tier`. It stays written and goes on its way. */
export class NotReachedYet extends TillmeshError {
	readonly tier: string;
	constructor(tier: string, cause?: unknown) {
		super('not_reached', `Not at ${tier} yet.`, { tier }, cause);
		this.tier = tier;
	}
}

/** `holder` says who has it: process, name and since when, as far as it is known. */
export class AlreadyOpen extends TillmeshError {
	readonly holder: string;
	constructor(what: string, holder: string) {
		super('already_open', `${what} is held by ${holder}.`, { what, holder });
		this.holder = holder;
	}
}

export class Closed extends TillmeshError {
	constructor(cause?: unknown) {
		super('closed', cause === undefined ? 'Shut down.' : 'Stopped after a failure.', {}, cause);
	}
}
