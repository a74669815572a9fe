import type { LedgerName } from '../base/ids.js';
import { includes, matches } from '../base/patterns.js';

/** What a certificate allows in some ledgers. What several grants allow in one ledger adds up. */
export interface Grant {
	/** A ledger's name, or the beginning of one with a star at its end; a star in the place of the kind stands for any. */
	readonly ledgers: string;
	/** May be sent it. */
	readonly read?: boolean;
	/** May have a journal in it. */
	readonly write?: boolean;
	/** May be its home: fences, reclaims, opens segments, writes checkpoints. */
	readonly home?: boolean;
	/** What documents it appends may name as their `verb`: `order.settle`, `order.*`. A document without one takes `*`. */
	readonly verbs?: readonly string[];
	/** Collections of pools that it may mint units of. */
	readonly mints?: readonly string[];
	/** Families of cells that it may set. */
	readonly sets?: readonly string[];
}

/** What somebody may do in one ledger. */
export type Rights = Required<Omit<Grant, 'ledgers'>>;

/** Everything, everywhere. */
export const everything: Grant = {
	ledgers: '*',
	read: true,
	write: true,
	home: true,
	verbs: ['*'],
	mints: ['*'],
	sets: ['*'],
};

const flags = ['read', 'write', 'home'] as const;
const lists = ['verbs', 'mints', 'sets'] as const;

/** The sum of some grants, wherever they hold. */
function sumOf(grants: readonly Grant[]): Rights {
	const has = (flag: (typeof flags)[number]) => grants.some((grant) => grant[flag]);
	const all = (list: (typeof lists)[number]) => grants.flatMap((grant) => grant[list] ?? []);
	return {
		read: has('read'),
		write: has('write'),
		home: has('home'),
		verbs: all('verbs'),
		mints: all('mints'),
		sets: all('sets'),
	};
}

export function rightsIn(grants: readonly Grant[], ledger: LedgerName): Rights {
	return sumOf(grants.filter((grant) => matches(grant.ledgers, ledger)));
}

/** Is `name` one of these, which may end in a star? */
export const isAmong = (patterns: readonly string[], name: string): boolean =>
	patterns.some((pattern) => matches(pattern, name));

/** Is every right of `narrow` one of `wide`, in every ledger? What it is not sure of is not. */
export function isWithin(narrow: readonly Grant[], wide: readonly Grant[]): boolean {
	return narrow.every((grant) => {
		const above = sumOf(wide.filter(({ ledgers }) => includes(ledgers, grant.ledgers)));
		return (
			flags.every((flag) => !grant[flag] || above[flag]) &&
			lists.every((list) => (grant[list] ?? []).every((each) => above[list].some((by) => includes(by, each))))
		);
	});
}
