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
	/**
	 * How much a document of a verb may say that it does, in the verb's units; more takes somebody's signed yes. It narrows
	 * what `verbs` of this grant name: whoever has the verb by another grant as well has the more generous of the two.
	 */
	readonly limits?: Readonly<Record<string, number>>;
	/** Collections of pools that it may mint units of. */
	readonly mints?: readonly string[];
	/** Families of cells that it may set. */
	readonly sets?: readonly string[];
}

/** What somebody may do in one ledger. */
export interface Rights extends Required<Omit<Grant, 'ledgers' | 'limits'>> {
	/** The most that a document of this verb may do alone; undefined where nothing limits it, or the verb is not allowed. */
	most(verb: string): number | undefined;
}

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
		most: grants.some(({ limits }) => limits) ? (verb) => mostOf(grants, verb) : unlimited,
	};
}

const unlimited = () => undefined;

/** The most generous grant that names the verb says it. */
function mostOf(grants: readonly Grant[], verb: string): number | undefined {
	let most: number | undefined;
	for (const { verbs = [], limits = {} } of grants) {
		if (!isAmong(verbs, verb)) continue;
		const limit = Object.hasOwn(limits, verb) ? limits[verb] : undefined;
		if (limit === undefined) return undefined;
		most = Math.max(most ?? 0, limit);
	}
	return most;
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
		const over = wide.filter(({ ledgers }) => includes(ledgers, grant.ledgers));
		const above = sumOf(over);
		return (
			over.every(({ limits = {} }) => Object.keys(limits).every((verb) => isNoMore(grant, above.most(verb), verb))) &&
			flags.every((flag) => !grant[flag] || above[flag]) &&
			lists.every((list) => (grant[list] ?? []).every((each) => above[list].some((by) => includes(by, each))))
		);
	});
}

function isNoMore(grant: Grant, most: number | undefined, verb: string): boolean {
	if (most === undefined || !isAmong(grant.verbs ?? [], verb)) return true;
	const given = mostOf([grant], verb);
	return given !== undefined && given <= most;
}
