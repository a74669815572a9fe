import * as v from 'valibot';
import { HybridClock } from '../base/clock.js';
import { BadArgument } from '../base/errors.js';
import type { LedgerName } from '../base/ids.js';
import { checkName, limits } from '../base/limits.js';
import { Journal } from '../journal/journal.js';
import { deviceIdOf } from '../journal/seal.js';
import { View } from '../journal/view.js';
import { Books } from '../ledger/books.js';
import type { KeyPair, Link, StorageAdapter } from '../ports/index.js';
import { keeps } from '../sync/keeps.js';
import { Disk, loadReplica } from './disk.js';
import { OpenReplica, type ReplicaParts } from './open-replica.js';
import { deviceRecord, formatRecord } from './records.js';
import type { Replica } from './replica.js';

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
	/** Rows of a segment, and rows worth a checkpoint, for the ledgers this replica is home of. */
	readonly segmentRows?: number;
	readonly checkpointRows?: number;
	/** How many days idempotency keys stay known in those ledgers; 400 by default (ESC8). */
	readonly keyRetentionDays?: number;
}

const text = v.pipe(v.string(), v.nonEmpty());
const rows = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)));
const schema = v.object({
	chain: text,
	name: text,
	storage: v.looseObject({ kind: v.string(), open: v.function(), platform: v.looseObject({}) }),
	keeps: v.pipe(v.array(text), v.minLength(1)),
	links: v.optional(v.array(v.looseObject({ kind: v.string(), start: v.function() }))),
	home: v.optional(v.array(text)),
	archive: v.optional(v.boolean()),
	segmentRows: rows,
	checkpointRows: rows,
	keyRetentionDays: rows,
});

function checkOptions(options: OpenOptions): void {
	const result = v.safeParse(schema, options);
	if (!result.success) {
		const issue = result.issues[0];
		throw new BadArgument(`options.${v.getDotPath(issue) ?? ''}`, issue.message);
	}
	checkName('options.chain', options.chain);
	checkName('options.name', options.name);
	for (const pattern of [...options.keeps, ...(options.home ?? [])]) {
		checkName('options.keeps', pattern);
		if (!/^[^/*]+\/[^*]*\*?$/.test(pattern))
			throw new BadArgument('options.keeps', `"${pattern}" is not of the form kind/scope.`);
	}
}

/**
 * Opens this device's replica and everything it kept. From then on reads come from memory and writes go to `storage`.
 *
 * Throws `AlreadyOpen` where another process or window has the storage (JRN1), `StorageError` with `wrong_chain`,
 * `newer_format`, `storage_corrupt`, `storage_foreign`, `storage_read_only`, `storage_full` or `storage_failed`, and
 * `BadArgument`. A failed opening leaves the storage as it was.
 */
export async function openReplica(options: OpenOptions): Promise<Replica> {
	checkOptions(options);
	const { chain, name, storage: adapter } = options;
	const { platform } = adapter;
	const storage = await adapter.open(name);
	try {
		const journal = new Journal();
		const loaded = await loadReplica(storage, chain, journal, platform.crypto.sha256);
		const pairs = [...loaded.pairs];
		const pair = pairs[pairs.length - 1] ?? (await platform.crypto.generateKeyPair());
		if (pairs.length === 0) {
			pairs.push(pair);
			await storage.write({ puts: [formatRecord(chain), deviceRecord(pairs)], deletes: [] });
		}
		const replica = new OpenReplica({
			core: createCore(options, journal, pairs, pair),
			disk: (broken) => new Disk(storage, broken),
			pair,
			checkpoints: loaded.checkpoints,
		});
		for (const link of options.links ?? []) replica.addLink(link);
		return replica;
	} catch (error) {
		await storage.close();
		throw error;
	}
}

function createCore(options: OpenOptions, journal: Journal, pairs: KeyPair[], pair: KeyPair): ReplicaParts['core'] {
	const { chain, name, keeps: patterns, home = [], storage } = options;
	const { platform } = storage;
	const books = new Books(deviceIdOf(pair.publicKey, platform.crypto.sha256), (at, tip) => journal.precedes(at, tip));
	const holds = (ledger: LedgerName) => keeps(patterns, ledger);
	return {
		settings: {
			chain,
			name,
			keeps: patterns,
			home,
			archive: options.archive ?? home.length > 0,
			segmentRows: options.segmentRows ?? limits.segmentRows,
			checkpointRows: options.checkpointRows ?? limits.segmentRows / 8,
			keyRetentionMs: (options.keyRetentionDays ?? 400) * 86_400_000,
		},
		platform,
		journal,
		view: new View({ journal, fold: books, holds, limit: (epoch) => epoch.durable }),
		books,
		clock: new HybridClock(() => platform.clock.nowMs()),
		pairs,
	};
}
