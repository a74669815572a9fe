import type { Records } from '../../../adapters/storage-memory/records.js';
import type { CommitId, DeviceId, EpochId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Outcome, Tier } from '../../../src/ledger/outcome.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import type { RowBatch } from '../../../src/relay/row-store.js';
import type { Chain } from '../machines/chain.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { FaultName } from '../story/plan.js';
import type { NewRow, Truth } from './truth.js';

/** A commit of one device and what came of it. */
export interface Answer {
	readonly till: Till;
	readonly device: DeviceId;
	readonly outcome: Outcome<unknown>;
}

/** Something that somebody tried and that must come to nothing. */
export interface Mistake {
	readonly till: Till;
	readonly what: string;
	/** Of the refusal or the failure; undefined where it was done. */
	readonly code: string | undefined;
	/** There are rows that were not there before. */
	readonly wrote: boolean;
}

/** All is healed, and somebody waited for a unit at a till that had none. */
export interface Wait {
	readonly till: Till;
	readonly ledger: LedgerName;
	readonly pool: PoolId;
	/** What is there now. */
	readonly got: number;
}

/** An entry's place. */
export interface RowPlace {
	readonly ledger: LedgerName;
	readonly epoch: EpochId;
	readonly index: number;
}

/** What observers may look at and say. */
export interface Court {
	readonly chain: Chain;
	/** By which an observer decides what it looks at in this world: some looks are dear. */
	readonly seed: number;
	/** Every row that was ever durable anywhere, and what they add up to. */
	readonly truth: Truth;
	/** Devices that were cloned, restored, torn or fenced, or that are hostile: theirs alone may go below zero. */
	readonly tainted: ReadonlySet<DeviceId>;
	/** Devices whose journals did not begin on a disk of this chain: somebody hostile. */
	readonly strangers: ReadonlySet<DeviceId>;
	/** Notes that a property had an occasion to fail. */
	play(property: number, times?: number): void;
	/** Notes a violation where it does not hold; the first one ends the seed. */
	demand(property: number, holds: boolean, message: () => string): void;
	/** Where the entries of a commit stand. */
	placesOf(till: Till, commit: CommitId): readonly RowPlace[];
}

/**
 * Watches a world for some of the properties. Every method is optional; none may change anything, throw, or draw from the
 * world's chance: with an observer or without it the same happens.
 */
export interface Observer {
	/**
	 * The device's disk has just synced these; whoever wrote has not been told. `truth` has taken them in, and `fresh` were
	 * not in it before.
	 */
	synced?(till: Till, batches: readonly WriteBatch[], fresh: readonly NewRow[]): void;
	relaySynced?(box: RelayBox, batches: readonly RowBatch[]): void;
	/** A process has handed a frame to a link. */
	sent?(from: string, frame: Uint8Array): void;
	/** A commit that a person made was answered, in that very turn. */
	answered?(answer: Answer): void;
	/** A commit is said to be at a tier, in that very turn. */
	reached?(answer: Answer, tier: Tier): void;
	/** Somebody is about to spend from a pool; what is answered here is called with what came of it. */
	spending?(till: Till, ledger: LedgerName, pool: PoolId): (outcome: Outcome<unknown>) => void;
	/** A second window opened a disk that is in use: what it got, and what was on the disk before. */
	intruded?(till: Till, got: unknown, before: Records): void;
	/** The process is gone; what its disk kept is decided. */
	crashed?(till: Till): void;
	/** A process has begun on what its disk kept. */
	opened?(till: Till): void;
	/** `till.failure` says why a process did not begin. */
	notOpened?(till: Till): void;
	/** A till that never was there has come; it has been opened. */
	joined?(till: Till): void;
	mistaken?(mistake: Mistake): void;
	waited?(wait: Wait): void;
	/** Everything that a till has is about to go home. */
	goingHome?(till: Till): void;
	/** All is healed, and this till has just sent home whatever it had. */
	sentHome?(till: Till): void;
	faulted?(fault: FaultName, till: Till | undefined): void;
	/** A step is over. `actor` is the device that it was about, where it still runs. */
	stepped?(actor: Till | undefined): void;
	/** All is healed, and 60 virtual seconds are over. */
	ended?(): void;
}

/** Makes the observers of one world. */
export type MakeObserver = (court: Court) => Observer;
