import type { LedgerName } from '../../base/ids.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { Ack, Outcome as CommitOutcome, Done, Short, Tier } from '../../ledger/outcome.js';
import {
	isRetailRefusal,
	type Locale,
	type RetailRefusal,
	type Retry,
	retailRefusals,
	shortages,
	wordsOf,
} from './refusals.js';

export interface Warning {
	readonly code: 'oversold' | 'lot_skipped' | 'clock_skew' | 'lent';
	/** What it is about: a SKU, a lot, a member. */
	readonly subject: string;
}

/** What a manager is asked to agree to. */
export interface ApprovalAsk {
	readonly verb: string;
	/** Minor units, or units of whatever is limited. */
	readonly limit: number;
	readonly asked: number;
	readonly summary: string;
	/** Hash of the verb's exact input: yes to 500 is not yes to 5,000. */
	readonly bindsTo: string;
	/**
	 * Set where it goes beyond the till's own certificate: the ledger that it is for. Only a yes that a manager's device signed
	 * will do then, because every receiver looks at it; a code of 8 digits proves nothing to them.
	 */
	readonly signedFor?: LedgerName;
}

/** Written and on this device's disk. */
export interface Written<T> extends Done<T> {
	readonly warnings: readonly Warning[];
}

/** The business says no. Nothing was written, and the same key may succeed later. */
export interface Declined {
	readonly ok: false;
	readonly code: RetailRefusal;
	/** In the till's language: what happened, to which thing. */
	readonly message: string;
	readonly retry: Retry;
	/** What it is about, where it is one thing: a SKU, a line, an order. */
	readonly subject: string | undefined;
	/** Who has what is missing here. */
	readonly short: readonly Short[];
	/** What to ask a manager for, where that would help. */
	readonly approval?: ApprovalAsk;
}

export type Outcome<T> = Written<T> | Declined;

class WrittenCommit<T> implements Written<T> {
	readonly ok = true;
	readonly value: T;
	readonly commit: string;
	readonly replayed: boolean;
	readonly warnings: readonly Warning[];
	readonly #done: Done<unknown>;

	constructor(done: Done<unknown>, value: T, warnings: readonly Warning[]) {
		this.#done = done;
		this.value = value;
		this.commit = done.commit;
		this.replayed = done.replayed;
		this.warnings = warnings;
	}

	reached(tier: Tier, options?: WaitOptions): Promise<Ack> {
		return this.#done.reached(tier, options);
	}
}

/** The same outcome with another value. */
export function withValue<T, U>(outcome: Outcome<T>, value: (of: T) => U): Outcome<U> {
	return outcome.ok ? new WrittenCommit(outcome, value(outcome.value), outcome.warnings) : outcome;
}

/** What was asked for had been done before, under another key: there is nothing to write. */
export function doneBefore<T>(value: T): Outcome<T> {
	const reached = (tier: Tier): Promise<Ack> => Promise.resolve({ tier, commit: '', at: new Date(0).toISOString() });
	return { ok: true, value, commit: '', replayed: true, warnings: [], reached };
}

/** How a work says no in the shop's words: `tx.refuse(no('unknown_sku', sku))`. */
export function no(code: RetailRefusal, subject = '', approval?: ApprovalAsk): string {
	return JSON.stringify(approval ? [code, subject, approval] : [code, subject]);
}

/** A refusal that no commit was needed for. */
export function declined(code: RetailRefusal, locale: Locale, subject?: string, approval?: ApprovalAsk): Declined {
	const message = subject ? `${subject}: ${wordsOf(code, locale)}` : wordsOf(code, locale);
	const { retry } = retailRefusals[code];
	return { ok: false, code, message, retry, subject, short: [], ...(approval && { approval }) };
}

/** A commit's outcome in the shop's words. */
export function outcomeOf<T>(outcome: CommitOutcome<T>, locale: Locale, warnings: readonly Warning[]): Outcome<T> {
	if (outcome.ok) return new WrittenCommit(outcome, outcome.value, outcome.replayed ? [] : warnings);
	const { code, reason, short } = outcome;
	if (code === 'share_exhausted') {
		const pool = short[0]?.pool ?? '';
		const slash = pool.indexOf('/');
		const said = shortages[pool.slice(0, slash)] ?? 'refused';
		const about = pool.slice(slash + 1);
		const subject = said === 'not_owner' ? about.split('@')[0] : about; // whoever opened the order stands behind it
		return { ...declined(said, locale, subject || undefined), short };
	}
	if (code === 'refused' && reason !== undefined) {
		const [said, subject, approval] = saidBy(reason);
		if (isRetailRefusal(said)) return declined(said, locale, subject || undefined, approval);
	}
	return { ...declined(isRetailRefusal(code) ? code : 'refused', locale), short };
}

/** What `no` packed; a vendor's own word is passed through as it is. */
function saidBy(reason: string): readonly [string, string, ApprovalAsk?] {
	return reason.startsWith('["') ? (JSON.parse(reason) as [string, string, ApprovalAsk?]) : [reason, ''];
}
