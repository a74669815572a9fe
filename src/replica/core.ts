import { equalBytes } from '../base/bytes.js';
import type { HybridClock } from '../base/clock.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { keeps } from '../base/patterns.js';
import type { Epoch, Journal } from '../journal/journal.js';
import type { View } from '../journal/view.js';
import type { Warden } from '../journal/warden.js';
import type { Books } from '../ledger/books.js';
import type { KeyPair, Platform } from '../ports/index.js';
import { markOf } from '../sync/marks.js';
import type { Credential, EnrolledKeys } from '../trust/credential.js';
import type { Disk } from './disk.js';
import type { Enrolment } from './enrolment.js';
import type { Writer } from './writer.js';

/** What a replica is told once, when it opens. */
export interface Settings {
	readonly chain: string;
	readonly name: string;
	readonly keeps: readonly string[];
	readonly home: readonly string[];
	readonly archive: boolean;
	readonly segmentRows: number;
	readonly checkpointRows: number;
	readonly keyRetentionMs: number;
	readonly restAfterMs: number;
}

/** The state that the parts of one open replica share. */
export interface CoreParts {
	readonly settings: Settings;
	readonly platform: Platform;
	readonly disk: Disk;
	readonly journal: Journal;
	readonly view: View;
	readonly books: Books;
	readonly clock: HybridClock;
	/** This device's keys, those of its former names first. */
	readonly pairs: EnrolledKeys[];
	/** Is a ledger kept here: named when the replica was opened, or later? */
	readonly holds: (ledger: LedgerName) => boolean;
	/** What it began to keep while it was open, in this opening or before it. */
	readonly kept: Set<LedgerName>;
	readonly enrolment?: Enrolment | undefined;
	/** Who may do what; only in a chain that has a root key. */
	readonly warden?: Warden | undefined;
}

export interface Core extends CoreParts {}

/**
 * Rows of an epoch that are shown, relied on and acknowledged: those on disk here that are this device's own or under a seal.
 * A first part of a run came without its seal, and without one it can never be told to anybody else (JRN8).
 */
export function firmRows(epoch: Epoch, pairs: readonly KeyPair[]): number {
	const { sealed, durable, open } = epoch;
	if (sealed >= durable || (open && pairs.some(({ publicKey }) => equalBytes(publicKey, open.key)))) return durable;
	return sealed;
}

/** Of a ledger that its credential does not let it read a device never gets a row: commits need not wait for their parts there. */
export const mayRead = (enrolment: Enrolment | undefined, ledger: LedgerName): boolean =>
	enrolment?.own?.rights(ledger).read ?? true;

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor takes over every part
export class Core {
	/** Changes when this device enrols anew. */
	writer: Writer;
	/** This device's own journal has two branches: it may spend nothing under this name (JRN7). */
	flagged = false;
	closed = false;
	/** Closed, and all that was under way is written. */
	ended = false;
	/** To be kept as soon as all of it is here: what comes of it is taken, nothing is read or written there. */
	readonly wanted = new Set<LedgerName>();

	constructor(parts: CoreParts, createWriter: (core: Core) => Writer) {
		Object.assign(this, parts);
		this.writer = createWriter(this);
	}

	get device(): DeviceId {
		return this.writer.device;
	}

	get pair(): EnrolledKeys {
		return this.writer.pair;
	}

	/** Nothing may be written any more: shut down, or the disk has failed. */
	get stopped(): boolean {
		return this.closed || this.disk.failure !== undefined;
	}

	/** Patterns of all that is kept here. */
	get keeps(): string[] {
		return [...new Set([...this.settings.keeps, ...this.kept])];
	}

	/** Kept since the replica was opened: what checkpoints written here go by, so that none of them goes by more than the one before it. */
	names = (ledger: LedgerName): boolean => keeps(this.settings.keeps, ledger) && mayRead(this.enrolment, ledger);

	/** What this device may do itself; changes when it is renewed, or enrols anew. */
	get credential(): Credential | undefined {
		return this.enrolment?.own;
	}

	isHome = (ledger: LedgerName): boolean => keeps(this.settings.home, ledger);

	/** Ledgers with rows or a checkpoint here. */
	ledgers(): LedgerName[] {
		return [...new Set([...this.journal.ledgers(), ...this.view.bases()])].sort();
	}

	/** Rows of an epoch on disk here, or covered by the checkpoint that is. */
	have(ledger: LedgerName, id: EpochId): number {
		const covered = this.view.base(ledger)?.cut.get(id)?.count ?? 0;
		const epoch = this.journal.get(id);
		return epoch ? Math.max(this.firm(epoch), covered) : covered;
	}

	/** See `SyncHost.mark`. */
	mark(ledger: LedgerName, { epoch: id, count }: Position): Uint8Array | undefined {
		const epoch = this.journal.get(id);
		if (epoch && epoch.count >= count) return markOf(epoch.hashAt(count));
		const covered = this.view.base(ledger)?.cut.get(id);
		return covered?.hash && covered.count === count ? markOf(covered.hash) : undefined;
	}

	firm(epoch: Epoch): number {
		return firmRows(epoch, this.pairs);
	}

	isOwn(epoch: Epoch): boolean {
		return epoch.name.device === this.device;
	}

	/** The key that seals an epoch, where this device wrote it under its present name or a former one. */
	pairOf(epoch: Epoch): EnrolledKeys | undefined {
		if (this.isOwn(epoch)) return this.pair;
		const key = epoch.open?.key;
		return key && this.pairs.find((pair) => equalBytes(pair.publicKey, key));
	}
}
