import type { LedgerName } from '../../base/ids.js';
import type { Verb } from './verbs.js';
import type { ApprovalId, Head, Writing } from './writing.js';

/**
 * Verbs that a certificate may limit: whose documents say how much they do, with folds that hold them to it. Of the others
 * the amount stands in pools, or in documents of other verbs; those are limited at the till alone.
 */
export const limitable: readonly Verb[] = ['order.refund'];

/** Minor units of a refund. */
export type GrantLimits = Readonly<Partial<Record<'order.refund', number>>>;

/** What a document of a verb that the author's certificate limits says of how much it does. */
export type Told = Pick<Head, 'asked' | 'consent'>;

/** Says no where a verb goes beyond what its author may do alone, unless what a manager agreed to stands under it. */
export interface Limits {
	/** `asked`: minor units, or units of whatever is limited. `input`: what an approval binds to. */
	check(writing: Writing, asked: number, input: unknown, summary: string): void;
	/** Likewise, by the author's certificate as well: what the document in `ledger` must say for receivers to believe it. */
	checkTold(writing: Writing, asked: number, input: unknown, summary: string, ledger: LedgerName): Told;
	/** What documents of the verb say that only go along with the one that `checkTold` was for. */
	beside(verb: Verb): Told;
	/** Looks for the signed yes, where one is needed: before a commit that is to rest on it. */
	ready(approval: ApprovalId): Promise<void>;
}

/** Until roles are known everybody may do everything. */
export const noLimits: Limits = {
	check: () => {},
	checkTold: () => ({}),
	beside: () => ({}),
	ready: async () => {},
};
