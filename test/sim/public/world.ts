import type { Replica } from '../../../src/replica/replica.js';
import type { Place } from './place.js';

/** Where a process ends, seen from what it was writing just then. */
export type CrashPoint = 'before-fsync' | 'after-fsync' | 'after-ack';

export const crashPoints: readonly CrashPoint[] = ['before-fsync', 'after-fsync', 'after-ack'];

export interface CutOptions {
	/** Frames get lost and nobody is told, until a heartbeat misses them; by default both ends know at once. */
	readonly silent?: boolean;
}

/**
 * A chain of shops in this process: production replicas and relays on simulated disks, lines and clocks, without a socket
 * or a file. Tills are numbered from 0, store by store: with 2 tills a store, number 2 is the first one of the second store.
 *
 * **Time is virtual.** It goes on only in here: by `advance` and the other promises of this interface, and by itself while
 * somebody awaits a promise that a till gave (`commit`, `ensure`, `reached`, `when`, the next value of an iterated `Live`, in
 * whatever code they are awaited; not a `stream`) or a `sleep` of a `place`. Then it jumps to what is due next as soon as everybody else waits too, so that nothing
 * takes longer than its work. Where nothing says that a wait ends (`when`, `reached` and `flush` without `timeoutMs`), time
 * goes on for 60 s beyond the last thing that was asked for, and stands still then.
 *
 * **Everything is drawn from the seed.** The same calls give the same world, as long as the code between them waits for
 * tills alone: with a real timer or a file in between, more or less of the virtual time may be over.
 *
 * Methods throw `BadArgument` for a till, a line or an age that does not exist.
 */
export interface World extends AsyncDisposable {
	/**
	 * The replica that each till runs now. A crash, a restart, a restored backup put another one in its place: go on with
	 * `world.till(t)`, not with what was read before. What the old one still had to answer rejects with `Closed`.
	 */
	readonly tills: readonly Replica[];
	/** The one of them with this number; for a till that was copied, crashed or restored, too, always the one that runs now. */
	till(number: number): Replica;
	/** Clock, waits and new ids for an app on that till, as `simulate` gives them to `start`. */
	place(till: number): Place;
	/** Virtual milliseconds since the shops opened. */
	readonly nowMs: number;
	/** Lets so many milliseconds pass. A month takes seconds: in a long wait, what every device does now and then is done less often. */
	advance(ms: number): Promise<void>;
	/**
	 * Cuts the line between two tills of a store, between a till and its store's relay, or between the relay of the till's
	 * store and headquarters. Cutting again changes nothing. A till may still be reached by other lines: cut those too.
	 */
	cut(till: number, from: number | 'relay' | 'hq', options?: CutOptions): void;
	/** Every line that was cut is there again: connected within a second. */
	heal(): void;
	/**
	 * The process of a till dies and another one begins on its disk; resolves when it is open. `before-fsync`, the default:
	 * what was being written is lost. `after-fsync`: it is on the disk, though nobody was told. `after-ack`: whoever waited
	 * for a write was told before. So: `const sale = world.till(0).commit(...)`, not awaited, then `await world.crash(0)`.
	 */
	crash(till: number, options?: { readonly at?: CrashPoint }): Promise<void>;
	/** The till is shut down in good order and opened again, as for an update of the app. */
	restart(till: number, options?: { readonly returnShares?: boolean }): Promise<void>;
	/** The till's disk is set back to what was on it `ageMs` milliseconds ago, and the till opened on that. */
	restoreBackup(till: number, ageMs: number): Promise<void>;
	/**
	 * The till's disk is copied into a second machine, and both go on. Answers the number of the second one. What a copied
	 * device has in its hand can be spent twice until the two are in reach of their home, which then retires the name.
	 */
	clone(till: number): Promise<number>;
	/**
	 * The next write of the till finds no room: it rejects with `StorageError`, code `storage_full`, and the till's `health`
	 * is `broken` from then on. `restart` opens it again, with room.
	 */
	diskFull(till: number): void;
	/** The till's clock goes wrong by so many milliseconds, forward or back. */
	jumpClock(till: number, ms: number): void;
	/**
	 * Lets time pass until whoever is linked is connected, agrees and has nothing more to say, for 60 virtual seconds at most.
	 * What waits for longer (a cut line, shares that go home after ten idle minutes) is not waited for.
	 */
	settle(): Promise<void>;
	/**
	 * What should never be, in words; empty where all is well. Scarce units that do not add up or went below zero in
	 * somebody's view, and, once settled, tills that can hear of each other and see other figures. Copied and restored
	 * devices may be below zero.
	 */
	problems(): readonly string[];
}
