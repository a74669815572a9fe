import { TillmeshError } from '../base/errors.js';
import type { Timers } from '../ports/index.js';

export interface WaitOptions {
	/** Milliseconds; without it the wait ends only by its signal. */
	readonly timeoutMs?: number;
	readonly signal?: AbortSignal;
}

/**
 * One live value of the durable view (JRN3). `get` is synchronous and referentially stable while nothing changed, so
 * `useSyncExternalStore(live.subscribe, live.get)` works. Iterating gives the latest value, never a growing queue.
 */
export interface Live<T> extends AsyncIterable<T> {
	get(): T;
	/** Calls `changed` after each change; answers how to stop. */
	subscribe(changed: () => void): () => void;
	on(
		listener: (now: T, before: T | undefined) => void,
		options?: { signal?: AbortSignal; immediate?: boolean },
	): () => void;
	/** The first value that passes, the present one included. Rejects with `not_reached` on timeout or abort. */
	when(test: (value: T) => boolean, options?: WaitOptions): Promise<T>;
	stream(): ReadableStream<T>;
	map<U>(f: (value: T) => U): Live<U>;
}

export interface LiveSource<T> {
	/** Differs from the last answer when the value may have changed. */
	version(): unknown;
	read(): T;
	/** Calls back after every change, once a batch. */
	listen(changed: () => void): () => void;
	readonly timers: Timers;
}

export function createLive<T>(source: LiveSource<T>): Live<T> {
	let version: unknown = unread;
	let value: T;
	const get = (): T => {
		const now = source.version();
		if (!Object.is(now, version)) {
			value = source.read();
			version = now;
		}
		return value;
	};
	const live: Live<T> = {
		get,
		subscribe(changed) {
			let seen = source.version();
			return source.listen(() => {
				const now = source.version();
				if (Object.is(now, seen)) return;
				seen = now;
				changed();
			});
		},
		on(listener, { signal, immediate } = {}) {
			if (signal?.aborted) return () => {};
			let before: T | undefined;
			const end = live.subscribe(() => {
				const now = get();
				const last = before;
				before = now;
				listener(now, last);
			});
			// A signal may live as long as the process: whoever stopped by himself hangs on it no more.
			const stop = () => {
				end();
				signal?.removeEventListener('abort', stop);
			};
			signal?.addEventListener('abort', stop, { once: true });
			before = get();
			if (immediate) listener(before, undefined);
			return stop;
		},
		when: (test, options = {}) => waitFor(live, test, options, source.timers),
		async *[Symbol.asyncIterator]() {
			let wake: () => void = () => {};
			let last: T | typeof unread = unread;
			const stop = live.subscribe(() => wake());
			try {
				for (;;) {
					const changed = new Promise<void>((resolve) => {
						wake = resolve;
					});
					const now = get();
					if (Object.is(now, last)) await changed;
					else {
						last = now;
						yield now;
					}
				}
			} finally {
				stop();
			}
		},
		stream() {
			let last: T | typeof unread = unread;
			let stop = () => {};
			let asked = false;
			const give = (controller: ReadableStreamDefaultController<T>) => {
				const now = get();
				if (!asked || Object.is(now, last)) return;
				asked = false;
				last = now;
				controller.enqueue(now);
			};
			// Nothing is kept ahead of the reader: what it has not asked for yet may be old when it does.
			const source: UnderlyingDefaultSource<T> = {
				start(controller) {
					stop = live.subscribe(() => give(controller));
				},
				pull(controller) {
					asked = true;
					give(controller);
				},
				cancel: () => stop(),
			};
			return new ReadableStream(source, { highWaterMark: 0 });
		},
		map: (f) => createLive({ ...source, read: () => f(get()) }),
	};
	return live;
}

const unread = Symbol('unread');

function waitFor<T>(live: Live<T>, test: (value: T) => boolean, options: WaitOptions, timers: Timers): Promise<T> {
	const { timeoutMs, signal } = options;
	return new Promise((resolve, reject) => {
		const now = live.get();
		if (test(now)) return resolve(now);
		let cancel = () => {};
		const stop = live.subscribe(() => {
			try {
				const value = live.get();
				if (!test(value)) return;
				end();
				resolve(value);
			} catch (error) {
				end();
				reject(error);
			}
		});
		const fail = (what: string) => {
			end();
			reject(new TillmeshError('not_reached', what));
		};
		const aborted = () => fail('Aborted.');
		const end = () => {
			stop();
			cancel();
			signal?.removeEventListener('abort', aborted);
		};
		if (timeoutMs !== undefined) cancel = timers.after(timeoutMs, () => fail(`${timeoutMs} ms passed.`));
		if (signal?.aborted) aborted();
		else signal?.addEventListener('abort', aborted, { once: true });
	});
}
