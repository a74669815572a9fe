import type { CommitId, DeviceId, LedgerName } from '../base/ids.js';
import type { Json } from '../ledger/collections.js';
import type { Cursor } from './cursor.js';

export type { Cursor } from './cursor.js';

export interface ChangesOptions {
	/** Goes on after the change that had this cursor; from the beginning without it. */
	readonly since?: Cursor;
	/** Ledgers by name, or beginnings of names that end in `*`; all that are kept by default. */
	readonly ledgers?: readonly string[];
	/** Ends it, as `break` does. */
	readonly signal?: AbortSignal;
}

/** One document that was appended to a log, in a shape that stays. */
export interface Change {
	/** Version of this shape. */
	readonly v: 1;
	/** Unlike that of any other document of the chain, the same on every device. */
	readonly id: string;
	/** Where to go on from. Spelled when it is read: read it once for all that is applied together. */
	readonly cursor: Cursor;
	/** Its entry: the commit's id where this is the ledger that the work touched first. */
	readonly commit: CommitId;
	readonly ledger: LedgerName;
	/** The log, or the family that it belongs to: `order`. */
	readonly log: string;
	/** Which log of the family: the order's id. */
	readonly key: string | undefined;
	/** The document's verb, such as `order.settle`; the log's name where it has none. */
	readonly kind: string;
	/** When it was written, by the writer's clock, as an ISO instant. */
	readonly at: string;
	/**
	 * As texts compare: which of two writes of one ledger is the later one, as the library itself decides whose value a cell
	 * has (of one priority). By the writers' clocks first: for that alone, not for the order of the feed.
	 */
	readonly stamp: string;
	readonly device: DeviceId;
	/** Written by a device that had been given up; it counts all the same (ESC7). As it was when this was read. */
	readonly late: boolean;
	readonly data: Json;
}

/** Never ends by itself: it waits for what comes. Ends when the replica is shut down; throws `Closed` where it broke. */
export interface Changes extends AsyncIterable<Change> {
	stream(): ReadableStream<Change>;
}

/** Undefined from `next` where nothing comes any more. */
export interface Reader {
	next(): Promise<Change | undefined>;
	stop(): void;
}

export type OpenReader = (options: ChangesOptions) => Promise<Reader>;

/** Each iteration begins at `since`. */
export function createChanges(open: OpenReader, options: ChangesOptions): Changes {
	return {
		[Symbol.asyncIterator]() {
			const reading = new Reading(open, options);
			return {
				async next() {
					const value = await reading.next();
					return value ? { done: false, value } : { done: true, value: undefined };
				},
				async return() {
					reading.stop();
					return { done: true, value: undefined };
				},
			};
		},
		stream() {
			const reading = new Reading(open, options);
			const source: UnderlyingDefaultSource<Change> = {
				async pull(controller) {
					const value = await reading.next();
					if (value) controller.enqueue(value);
					else controller.close();
				},
				cancel: () => reading.stop(),
			};
			return new ReadableStream(source, { highWaterMark: 0 });
		},
	};
}

/** The reader is loaded when it is first asked. */
class Reading {
	readonly #open: () => Promise<Reader>;
	readonly #signal: AbortSignal | undefined;
	readonly #stop = () => this.stop();
	#reader: Promise<Reader> | undefined;
	#stopped: boolean;

	constructor(open: OpenReader, options: ChangesOptions) {
		this.#open = () => open(options);
		this.#signal = options.signal;
		this.#stopped = options.signal?.aborted ?? false;
		this.#signal?.addEventListener('abort', this.#stop, { once: true });
	}

	async next(): Promise<Change | undefined> {
		if (this.#stopped) return undefined;
		this.#reader ??= this.#open();
		const change = await (await this.#reader).next();
		if (!change) this.stop();
		return change;
	}

	stop(): void {
		this.#stopped = true;
		this.#signal?.removeEventListener('abort', this.#stop);
		this.#reader?.then(
			(reader) => reader.stop(),
			() => {}, // whoever asked was told
		);
	}
}
