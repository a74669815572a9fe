import { BadArgument } from '../base/errors.js';
import type { LedgerName } from '../base/ids.js';
import { checkAmount, checkName } from '../base/limits.js';
import type { Link, LinkSource, StorageAdapter } from '../ports/index.js';

export interface OpenOptions {
	/** Names the chain this device belongs to. A storage or a peer of another chain is refused. */
	readonly chain: string;
	/** How people call this device: `till-1`. */
	readonly name: string;
	readonly storage: StorageAdapter;
	/**
	 * Ledgers to keep: names, or beginnings of names that end in `*`, with the least that may follow after it where not all
	 * are meant: `orders/sh-014/*2026-02-14` is every day since. See `Replica.keep` for more of them later.
	 */
	readonly keeps: readonly string[];
	/** Ways to peers, or what finds peers by itself. Given at all, even empty, the part that meets others is loaded now. */
	readonly links?: readonly (Link | LinkSource)[];
	/** Ledgers this replica is home of: it keeps shares at rest, writes checkpoints, fences. Likewise names or patterns. */
	readonly home?: readonly string[];
	/** Keeps every row for ever, so that a home may compact what this replica has acknowledged. Homes are archives. */
	readonly archive?: boolean;
	/** Rows of a segment, and rows worth a checkpoint, in the ledgers this replica is home of. */
	readonly segmentRows?: number;
	readonly checkpointRows?: number;
	/** How many days idempotency keys stay known in those ledgers; 400 by default (ESC8). */
	readonly keyRetentionDays?: number;
	/** Milliseconds without a spend or a wish after which shares that rest at the store go home; ten minutes by default (ESC10). */
	readonly restAfterMs?: number;
	/** Given where the chain has a root key: then nobody is believed further than their credential goes. */
	readonly trust?: TrustOptions;
}

export interface TrustOptions {
	/** The chain's public root key: 32 bytes. */
	readonly root: Uint8Array;
	/**
	 * Asks whoever may give one for a credential: `issue` makes it. Called when this device has made itself a key, at its first
	 * opening and where it goes on under a new name. What comes is kept with the key. While it does not come the device does
	 * not open, or stays `restricted`.
	 */
	readonly enrol: (request: EnrolRequest) => Promise<Uint8Array>;
}

export interface EnrolRequest {
	/** Public key of this device. */
	readonly key: Uint8Array;
	readonly name: string;
	/** The key that it had before, where it goes on under a new one. */
	readonly replaces: Uint8Array | undefined;
	/** What it has now, where it asks for a new one for the same key. */
	readonly credential?: Uint8Array | undefined;
}

type Check = (path: string, value: never) => void;

/** `kind/scope`, or the beginning of one with a star after it; a star in the place of the kind stands for any. */
function checkPattern(path: string, pattern: string): void {
	checkName(path, pattern);
	if (!/^(\*|[^/*]+)\/[^*]*(\*[^*/]*)?$/.test(pattern))
		throw new BadArgument(path, `"${pattern}" is not of the form kind/scope.`);
}

/** Names of ledgers, one or several, to be kept from now on. */
export function checkLedgers(ledgers: LedgerName | readonly LedgerName[]): readonly LedgerName[] {
	const names = typeof ledgers === 'string' ? [ledgers] : ledgers;
	listOf((path, name: LedgerName) => {
		checkPattern(path, name);
		if (name.includes('*')) throw new BadArgument(path, 'expected a ledger, not a pattern.');
	})('ledgers', names);
	return names;
}

const listOf = (check: (path: string, value: never) => void) => (path: string, values: readonly unknown[]) => {
	if (!Array.isArray(values)) throw new BadArgument(path, 'expected a list.');
	for (const [i, value] of values.entries()) check(`${path}[${i}]`, value as never); // the check is what finds out
};

const withVerb =
	(...verbs: readonly string[]) =>
	(path: string, adapter: Record<string, unknown> | null) => {
		if (!verbs.some((verb) => typeof adapter?.[verb] === 'function'))
			throw new BadArgument(path, `expected an adapter with ${verbs[0]}().`);
	};

const checks: { readonly [O in keyof Required<OpenOptions>]: Check } = {
	chain: checkName,
	name: checkName,
	storage: withVerb('open'),
	keeps: listOf(checkPattern),
	links: listOf(withVerb('start', 'discover')),
	home: listOf(checkPattern),
	archive(path: string, value: unknown) {
		if (typeof value !== 'boolean') throw new BadArgument(path, 'expected true or false.');
	},
	segmentRows: checkAmount,
	checkpointRows: checkAmount,
	keyRetentionDays: checkAmount,
	restAfterMs: checkAmount,
	trust() {}, // by who takes it up
};

/** Throws `BadArgument` that names the option. Written out: a schema library would be a twentieth of the whole library. */
export function checkOptions(options: OpenOptions): void {
	if (typeof options !== 'object' || options === null) throw new BadArgument('options', 'expected an object.');
	const required = { chain: undefined, name: undefined, storage: undefined, keeps: undefined };
	for (const [option, value] of Object.entries({ ...required, ...options })) {
		const path = `options.${option}`;
		const check = checks[option as keyof OpenOptions];
		if (!check) throw new BadArgument(path, 'no such option.');
		if (value !== undefined || option in required) check(path, value as never); // the check is what finds out
	}
	if (options.keeps.length === 0) throw new BadArgument('options.keeps', 'expected at least one ledger.');
}
