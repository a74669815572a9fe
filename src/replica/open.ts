import { HybridClock } from '../base/clock.js';
import type { LedgerName } from '../base/ids.js';
import { limits } from '../base/limits.js';
import { keeps } from '../base/patterns.js';
import { Journal } from '../journal/journal.js';
import { deviceIdOf } from '../journal/seal.js';
import { View } from '../journal/view.js';
import { Books } from '../ledger/books.js';
import type { EnrolledKeys } from '../trust/credential.js';
import { firmRows, mayRead } from './core.js';
import { Disk, loadReplica } from './disk.js';
import type { Enrolment } from './enrolment.js';
import { OpenReplica, type ReplicaParts } from './open-replica.js';
import { checkOptions, type OpenOptions, type TrustOptions } from './options.js';
import { deviceRecord, formatRecord, keepsRecord } from './records.js';
import type { Replica } from './replica.js';

/**
 * Opens this device's replica and everything it kept. From then on reads come from memory and writes go to `storage`.
 *
 * Throws `AlreadyOpen` where another process or window has the storage (JRN1), `StorageError` with `wrong_chain`,
 * `newer_format`, `storage_corrupt`, `storage_foreign`, `storage_read_only`, `storage_full` or `storage_failed`, and
 * `BadArgument`, which is also what a credential that does not do is. A failed opening leaves the storage as it was.
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
		const before = pairs.pop();
		const made = before ?? (await platform.crypto.generateKeyPair());
		const enrolment = options.trust && (await enrolmentOf(options, options.trust));
		const pair = enrolment ? await enrolment.begin(made) : made;
		pairs.push(pair);
		if (pair !== before) await storage.write({ puts: [formatRecord(chain), deviceRecord(pairs)], deletes: [] });
		const keeps = [...new Set([...sinceFirst(options.keeps, loaded.kept), ...loaded.kept.filter(isSince)])];
		const kept = new Set([...loaded.kept, ...keeps.filter(isSince)]);
		if (kept.size > loaded.kept.length) await storage.write({ puts: [keepsRecord([...kept])], deletes: [] });
		// Most replicas are home of nothing and need not load what a home does.
		const { Home } = (options.home ?? []).length > 0 ? await import('./home.js') : { Home: undefined };
		const replica = new OpenReplica({
			Home,
			core: createCore({ ...options, keeps }, journal, pairs, pair, kept, enrolment),
			disk: (broken) => new Disk(storage, broken),
			pair,
			checkpoints: loaded.checkpoints,
			waiting: loaded.waiting,
			fresh: loaded.pairs.length === 0,
		});
		if (options.links) await replica.meet();
		for (const link of options.links ?? []) replica.addLink(link);
		return replica;
	} catch (error) {
		await storage.close();
		throw error;
	}
}

/** A beginning, and the least that may follow it. */
const isSince = (pattern: string): boolean => pattern.indexOf('*', 1) > 0 && !pattern.endsWith('*');

/** What a pattern let in at an earlier opening stays kept: the least that may follow its beginning never rises. */
function sinceFirst(patterns: readonly string[], stored: readonly string[]): readonly string[] {
	return patterns.map((pattern) => {
		const beginning = pattern.slice(0, pattern.lastIndexOf('*') + 1);
		const first = stored.filter((each) => isSince(each) && each.startsWith(beginning)).sort()[0];
		return isSince(pattern) && first !== undefined && first < pattern ? first : pattern;
	});
}

const isArchive = ({ archive, home = [] }: OpenOptions): boolean => archive ?? home.length > 0;

/** Chains without a root key load nothing of it. */
async function enrolmentOf(options: OpenOptions, trust: TrustOptions): Promise<Enrolment> {
	const { Enrolment } = await import('./enrolment.js');
	const { name, home = [], storage } = options;
	return new Enrolment(storage.platform.crypto, name, trust, home, { archive: isArchive(options) });
}

function createCore(
	options: OpenOptions,
	journal: Journal,
	pairs: EnrolledKeys[],
	pair: EnrolledKeys,
	kept: Set<LedgerName>,
	enrolment: Enrolment | undefined,
): ReplicaParts['core'] {
	const { chain, name, keeps: patterns, home = [], storage } = options;
	const { platform } = storage;
	const books = new Books(deviceIdOf(pair.publicKey, platform.crypto.sha256), (at, tip) => journal.precedes(at, tip));
	const holds = (ledger: LedgerName) => (kept.has(ledger) || keeps(patterns, ledger)) && mayRead(enrolment, ledger);
	return {
		settings: {
			chain,
			name,
			keeps: patterns,
			home,
			archive: isArchive(options),
			segmentRows: options.segmentRows ?? limits.segmentRows,
			checkpointRows: options.checkpointRows ?? limits.segmentRows / 8,
			keyRetentionMs: (options.keyRetentionDays ?? 400) * 86_400_000,
			restAfterMs: options.restAfterMs ?? 10 * 60_000,
		},
		platform,
		journal,
		view: new View({ journal, fold: books, holds, limit: (epoch) => firmRows(epoch, pairs) }),
		books,
		clock: new HybridClock(() => platform.clock.nowMs()),
		pairs,
		holds,
		kept,
		enrolment,
		warden: enrolment?.warden,
	};
}
