import { BadArgument } from '../base/errors.js';
import { checkAmount, checkName } from '../base/limits.js';
import type { Link, StorageAdapter } from '../ports/index.js';

export interface OpenOptions {
	/** Names the chain this device belongs to. A storage or a peer of another chain is refused. */
	readonly chain: string;
	/** How people call this device: `till-1`. */
	readonly name: string;
	readonly storage: StorageAdapter;
	/** Ledgers to keep: names, or beginnings of names that end in `*`. */
	readonly keeps: readonly string[];
	readonly links?: readonly Link[];
	/** Ledgers this replica is home of: it keeps shares at rest, writes checkpoints, fences. Likewise names or patterns. */
	readonly home?: readonly string[];
	/** Keeps every row for ever, so that a home may compact what this replica has acknowledged. Homes are archives. */
	readonly archive?: boolean;
	/** Rows of a segment, and rows worth a checkpoint, in the ledgers this replica is home of. */
	readonly segmentRows?: number;
	readonly checkpointRows?: number;
	/** How many days idempotency keys stay known in those ledgers; 400 by default (ESC8). */
	readonly keyRetentionDays?: number;
}

const known = new Set(
	'chain name storage keeps links home archive segmentRows checkpointRows keyRetentionDays'.split(' '),
);

/** Throws `BadArgument` that names the option. Written out: a schema library would be a twentieth of the whole library. */
export function checkOptions(options: OpenOptions): void {
	if (typeof options !== 'object' || options === null) throw new BadArgument('options', 'expected an object.');
	for (const option of Object.keys(options))
		if (!known.has(option)) throw new BadArgument(`options.${option}`, 'no such option.');
	checkName('options.chain', options.chain);
	checkName('options.name', options.name);
	checkAdapter('options.storage', options.storage, 'open');
	const { links = [], home = [], keeps, archive = false } = options;
	for (const [path, list] of Object.entries({ keeps, links, home }))
		if (!Array.isArray(list)) throw new BadArgument(`options.${path}`, 'expected a list.');
	if (keeps.length === 0) throw new BadArgument('options.keeps', 'expected at least one ledger.');
	for (const [i, pattern] of keeps.entries()) checkPattern(`options.keeps[${i}]`, pattern);
	for (const [i, pattern] of home.entries()) checkPattern(`options.home[${i}]`, pattern);
	for (const [i, link] of links.entries()) checkAdapter(`options.links[${i}]`, link, 'start');
	if (typeof archive !== 'boolean') throw new BadArgument('options.archive', 'expected true or false.');
	for (const option of ['segmentRows', 'checkpointRows', 'keyRetentionDays'] as const)
		if (options[option] !== undefined) checkAmount(`options.${option}`, options[option]);
}

function checkAdapter(path: string, adapter: object, verb: string): void {
	if (typeof (adapter as Record<string, unknown> | null)?.[verb] !== 'function')
		throw new BadArgument(path, `expected an adapter with ${verb}().`);
}

/** `kind/scope`, or the beginning of one with a star at its end. */
function checkPattern(path: string, pattern: string): void {
	checkName(path, pattern);
	if (!/^[^/*]+\/[^*]*\*?$/.test(pattern)) throw new BadArgument(path, `"${pattern}" is not of the form kind/scope.`);
}
